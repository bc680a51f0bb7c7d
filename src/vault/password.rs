//! Passwords: argon2id of an HMAC-SHA256 of the password under the pepper. Whoever has the stored
//! hashes and not the master key cannot even begin to guess.
//!
//! What the vault keeps: version (1 byte), cost (12 bytes: memory in KiB, passes, lanes, each u32
//! little-endian), salt (16 bytes), tag (32 bytes).

use std::sync::Arc;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::wiped::boxed;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::hashing::{Digest, HashCost, HashError, Hashing, SALT_BYTES, TAG_BYTES, Work};
use super::{Label, MasterKey, SecretText, Subkey, crockford};

const VERSION: u8 = 1;
const STORED_BYTES: usize = 1 + HashCost::BYTES + SALT_BYTES + TAG_BYTES;

/// A password as it is made for a new administrator: four groups of five symbols, 100 bits.
const GENERATED_SYMBOLS: usize = 20;

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    pool: Arc<Hashing>,
    pepper: Subkey,
}

impl Passwords {
    /// On this pool, with the master key's pepper.
    pub fn new(pool: Arc<Hashing>, master: &MasterKey) -> Self {
        Self { pool, pepper: master.subkey(Label::Pepper) }
    }

    /// The bytes to put into the vault for a password.
    pub async fn hash(
        &self,
        password: &SecretText,
        salt: [u8; SALT_BYTES],
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let cost = self.pool.cost();
        let tag = self.pool.submit(Work::NewPassword, cost, self.digest(password), salt)?.await?;
        let mut stored = Zeroizing::new(Vec::with_capacity(STORED_BYTES));
        stored.push(VERSION);
        stored.extend_from_slice(&cost.to_bytes());
        stored.extend_from_slice(&salt);
        stored.extend_from_slice(tag.as_slice());
        Ok(stored)
    }

    /// Whether this is the password whose hash was stored.
    pub async fn verify(&self, stored: &[u8], password: &SecretText) -> Result<bool, HashError> {
        let (cost, salt, expected) = parse(stored).ok_or(HashError::Malformed)?;
        let tag = self.pool.submit(Work::Password, cost, self.digest(password), salt)?.await?;
        Ok(tag.as_slice().ct_eq(expected).into())
    }

    /// Whether a stored hash has another cost than new ones.
    pub fn is_outdated(&self, stored: &[u8]) -> bool {
        parse(stored).is_some_and(|(cost, ..)| cost != self.pool.cost())
    }

    /// Costs what [`Passwords::verify`] costs and says no: for user names that nobody has, so that the
    /// time of an answer does not tell them apart (ASVS 6.3.8).
    pub async fn verify_nobody(&self, password: &SecretText) -> Result<bool, HashError> {
        let cost = self.pool.cost();
        self.pool.submit(Work::Password, cost, self.digest(password), [0; SALT_BYTES])?.await?;
        Ok(false)
    }

    fn digest(&self, password: &SecretText) -> Digest {
        let parts = [b"mfa-ledger password v1 ".as_slice(), password.expose().as_bytes()];
        boxed(&Zeroizing::new(self.pepper.mac(&parts)))
    }
}

/// A password to hand to a new administrator: `XXXXX-XXXXX-XXXXX-XXXXX`, 100 bits.
pub fn generate(chance: &Chance) -> SecretText {
    // 13 bytes are 21 symbols; of these, 20 whole ones are kept.
    let mut bytes = Zeroizing::new([0; 13]);
    chance.fill(&mut *bytes);
    let text = SecretText::new(crockford::grouped(&*bytes, 5));
    let shown = GENERATED_SYMBOLS + GENERATED_SYMBOLS / 5 - 1;
    SecretText::new(text.expose()[..shown].to_owned())
}

type Parts<'s> = (HashCost, [u8; SALT_BYTES], &'s [u8; TAG_BYTES]);

fn parse(stored: &[u8]) -> Option<Parts<'_>> {
    let rest = stored.strip_prefix(&[VERSION])?;
    let (cost, rest) = rest.split_first_chunk()?;
    let (salt, tag) = rest.split_first_chunk()?;
    Some((HashCost::from_bytes(*cost), *salt, tag.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };

    fn passwords(key: u8) -> Passwords {
        let pool = Hashing::with_threads(CHEAP, 1, 8).unwrap();
        Passwords::new(Arc::new(pool), &MasterKey::from_bytes([key; 32]))
    }

    fn text(text: &str) -> SecretText {
        SecretText::new(text.into())
    }

    #[tokio::test]
    async fn the_password_fits_its_hash_and_no_other_does() {
        let passwords = passwords(1);
        let stored = passwords.hash(&text("correct horse"), [5; 16]).await.unwrap();
        assert_eq!(stored.len(), STORED_BYTES);
        assert!(passwords.verify(&stored, &text("correct horse")).await.unwrap());
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!passwords.verify(&stored, &text(wrong)).await.unwrap(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn another_pepper_or_salt_gives_another_hash() {
        let one = passwords(1).hash(&text("p"), [5; 16]).await.unwrap();
        assert_ne!(one, passwords(2).hash(&text("p"), [5; 16]).await.unwrap());
        assert_ne!(one, passwords(1).hash(&text("p"), [6; 16]).await.unwrap());
        assert!(!passwords(2).verify(&one, &text("p")).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_keeps_the_cost_it_was_made_with() {
        let costly = HashCost { memory_kib: 128, passes: 2, lanes: 1 };
        let pool = Arc::new(Hashing::with_threads(costly, 1, 8).unwrap());
        let stored =
            Passwords::new(pool, &MasterKey::from_bytes([1; 32])).hash(&text("p"), [5; 16]).await.unwrap();
        assert_eq!(parse(&stored).unwrap().0, costly);
        assert!(passwords(1).verify(&stored, &text("p")).await.unwrap());
    }

    #[tokio::test]
    async fn what_is_no_hash_is_an_error_and_nobody_has_no_password() {
        let passwords = passwords(1);
        let stored = passwords.hash(&text("p"), [5; 16]).await.unwrap();
        let newer = [[2].as_slice(), &stored[1..]].concat();
        let long = [stored.as_slice(), &[0]].concat();
        for malformed in [&[], &stored[..60], &newer, &long] {
            assert_eq!(passwords.verify(malformed, &text("p")).await, Err(HashError::Malformed));
        }
        let mut greedy = stored.to_vec();
        greedy[1..5].fill(0xff);
        assert!(matches!(passwords.verify(&greedy, &text("p")).await, Err(HashError::Cost(_))));
        assert_eq!(passwords.verify_nobody(&text("p")).await, Ok(false));
    }

    #[test]
    fn a_generated_password_has_a_hundred_bits() {
        let chance = Chance::seeded(3);
        let (one, other) = (generate(&chance), generate(&chance));
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5]);
        assert!(one.expose().chars().all(|c| "0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains(c)));
    }
}
