//! Backup codes: ten of 80 bits, shown once, each good for one log-in. Which of them are used up is
//! in the log; the vault keeps only their hashes.
//!
//! A set shares one salt, so an attempt costs one argon2id for the whole set. With 80 random bits a
//! code and the pepper outside, a salt per code would add nothing but ten times the cost.
//!
//! What the vault keeps: version (1 byte), cost (12 bytes, as for passwords), salt (16 bytes), number of
//! codes (1 byte), a tag of 32 bytes for each.

use std::sync::Arc;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::wiped::{Boxed, boxed, zeros};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::hashing::{Digest, HashCost, HashError, Hashing, SALT_BYTES, TAG_BYTES, Work};
use super::{Label, MasterKey, SecretText, Subkey, crockford};

/// Codes in a set.
pub const CODES: usize = 10;

/// Bytes of a code: 80 bits (SP 800-63B asks for 64 at least).
const CODE_BYTES: usize = 10;

const VERSION: u8 = 1;

/// A backup code in clear; wiped when dropped.
#[derive(Clone)]
pub struct BackupCode(Boxed<CODE_BYTES>);

impl BackupCode {
    /// Reads what a person typed: any case, spaces, dashes, O for 0, I and L for 1.
    pub fn parse(typed: &str) -> Option<Self> {
        crockford::parse(typed).map(Self)
    }

    /// `XXXX-XXXX-XXXX-XXXX`.
    pub fn text(&self) -> SecretText {
        SecretText::new(crockford::grouped(self.0.as_slice(), 4))
    }
}

impl std::fmt::Debug for BackupCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupCode(***)")
    }
}

/// A fresh set of codes.
pub fn draw(chance: &Chance) -> [BackupCode; CODES] {
    std::array::from_fn(|_| {
        let mut code = zeros();
        chance.fill(code.as_mut_slice());
        BackupCode(code)
    })
}

/// Hashes sets and tries codes on them.
#[derive(Clone, Debug)]
pub struct BackupCodes {
    pool: Arc<Hashing>,
    pepper: Subkey,
}

impl BackupCodes {
    /// On this pool, with the master key's pepper.
    pub fn new(pool: Arc<Hashing>, master: &MasterKey) -> Self {
        Self { pool, pepper: master.subkey(Label::Pepper) }
    }

    /// The bytes to put into the vault for a set of codes. The hashes wait as one, and run side by side.
    pub async fn hash(
        &self,
        codes: &[BackupCode; CODES],
        salt: [u8; SALT_BYTES],
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let cost = self.pool.cost();
        let digests = codes.iter().map(|code| self.digest(code)).collect();
        let tags = self.pool.submit_all(Work::NewCodes, cost, digests, salt)?.await?;
        let mut stored = Zeroizing::new(Vec::with_capacity(HEAD_BYTES + CODES * TAG_BYTES));
        stored.push(VERSION);
        stored.extend_from_slice(&cost.to_bytes());
        stored.extend_from_slice(&salt);
        stored.push(u8::try_from(CODES).expect("a set is small"));
        for tag in tags {
            stored.extend_from_slice(tag.as_slice());
        }
        Ok(stored)
    }

    /// Which code of the set this is, counted from 0. Whether it has been used before is for the log to say.
    /// Compares with every code of the set, in the same time whichever it is.
    pub async fn attempt(&self, stored: &[u8], code: &BackupCode) -> Result<Option<u8>, HashError> {
        let (cost, salt, tags) = parse(stored).ok_or(HashError::Malformed)?;
        let tag = self.pool.submit(Work::BackupCode, cost, self.digest(code), salt)?.await?;
        let none = u8::MAX;
        let mut found = none;
        for (index, expected) in (0..).zip(tags) {
            found.conditional_assign(&index, tag.as_slice().ct_eq(expected));
        }
        Ok((found != none).then_some(found))
    }

    fn digest(&self, code: &BackupCode) -> Digest {
        boxed(&Zeroizing::new(self.pepper.mac(&[b"mfa-ledger backup code v1 ", code.0.as_slice()])))
    }
}

const HEAD_BYTES: usize = 1 + HashCost::BYTES + SALT_BYTES + 1;

type Parts<'s> = (HashCost, [u8; SALT_BYTES], &'s [[u8; TAG_BYTES]]);

fn parse(stored: &[u8]) -> Option<Parts<'_>> {
    let rest = stored.strip_prefix(&[VERSION])?;
    let (cost, rest) = rest.split_first_chunk()?;
    let (salt, rest) = rest.split_first_chunk()?;
    let (count, rest) = rest.split_first()?;
    let (tags, left_over) = rest.as_chunks();
    let whole = left_over.is_empty() && tags.len() == usize::from(*count) && *count < u8::MAX;
    whole.then_some((HashCost::from_bytes(*cost), *salt, tags))
}

#[cfg(test)]
mod tests {
    use argon2::{Algorithm, Argon2, Params, Version};

    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };

    fn codes_of(key: u8) -> BackupCodes {
        let pool = Hashing::with_threads(CHEAP, 2, 32).unwrap();
        BackupCodes::new(Arc::new(pool), &MasterKey::from_bytes([key; 32]))
    }

    #[tokio::test]
    async fn every_code_of_a_set_is_found_as_typed() {
        let (backup, set) = (codes_of(1), draw(&Chance::seeded(4)));
        let stored = backup.hash(&set, [6; 16]).await.unwrap();
        assert_eq!(stored.len(), HEAD_BYTES + CODES * TAG_BYTES);
        for (index, code) in (0..).zip(&set) {
            let shown = code.text();
            assert_eq!(shown.expose().split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
            for typed in [
                shown.expose().to_owned(),
                shown.expose().to_lowercase().replace('-', " "),
                shown.expose().replace('-', "").replace('0', "o").replace('1', "l"),
            ] {
                let typed = BackupCode::parse(&typed).unwrap();
                assert_eq!(backup.attempt(&stored, &typed).await, Ok(Some(index)));
            }
        }
    }

    #[tokio::test]
    async fn no_other_code_set_or_pepper_fits() {
        let chance = Chance::seeded(5);
        let (set, other) = (draw(&chance), draw(&chance));
        let stored = codes_of(1).hash(&set, [6; 16]).await.unwrap();
        for code in &other {
            assert_eq!(codes_of(1).attempt(&stored, code).await, Ok(None));
        }
        assert_eq!(codes_of(2).attempt(&stored, &set[0]).await, Ok(None));
    }

    #[tokio::test]
    async fn what_is_no_set_is_an_error() {
        let (backup, set) = (codes_of(1), draw(&Chance::seeded(6)));
        let stored = backup.hash(&set, [6; 16]).await.unwrap();
        let fewer = stored.len() - TAG_BYTES;
        for malformed in [&[], &stored[..10], &stored[..fewer], &[stored.as_slice(), &[0]].concat()] {
            assert_eq!(backup.attempt(malformed, &set[0]).await, Err(HashError::Malformed));
        }
    }

    /// Nothing is made in a pool without threads.
    #[tokio::test]
    async fn a_set_is_one_place_in_the_line_and_one_more_than_there_are_is_busy() {
        let pool = Arc::new(Hashing::with_threads(CHEAP, 0, 2).unwrap());
        let backup = BackupCodes::new(pool, &MasterKey::from_bytes([1; 32]));
        let set = draw(&Chance::seeded(7));
        let mut waiting = [Box::pin(backup.hash(&set, [6; 16])), Box::pin(backup.hash(&set, [6; 16]))];
        for hash in &mut waiting {
            assert!(futures_util::poll!(hash.as_mut()).is_pending());
        }
        assert_eq!(backup.hash(&set, [6; 16]).await.unwrap_err(), HashError::Busy);
    }

    /// The bytes that every version has stored: one salt, and argon2id of each code by itself.
    #[tokio::test]
    async fn a_set_has_the_same_bytes_whatever_the_number_of_threads() {
        let (set, backup) = (draw(&Chance::seeded(8)), codes_of(1));
        let mut expected = vec![VERSION];
        expected.extend_from_slice(&CHEAP.to_bytes());
        expected.extend_from_slice(&[6; 16]);
        expected.push(10);
        for code in &set {
            let params = Params::new(CHEAP.memory_kib, CHEAP.passes, CHEAP.lanes, Some(TAG_BYTES)).unwrap();
            let mut tag = [0; TAG_BYTES];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(backup.digest(code).as_slice(), &[6; 16], &mut tag)
                .unwrap();
            expected.extend_from_slice(&tag);
        }
        for threads in [1, 4] {
            let pool = Arc::new(Hashing::with_threads(CHEAP, threads, 32).unwrap());
            let backup = BackupCodes::new(pool, &MasterKey::from_bytes([1; 32]));
            assert_eq!(*backup.hash(&set, [6; 16]).await.unwrap(), expected);
        }
    }

    #[test]
    fn typed_nonsense_is_no_code_and_debug_is_blind() {
        for typed in ["", "123456", "0000-0000-0000-000", "0000-0000-0000-00000", "UUUU-UUUU-UUUU-UUUU"] {
            assert!(BackupCode::parse(typed).is_none(), "{typed}");
        }
        assert_eq!(format!("{:?}", draw(&Chance::seeded(1))[0]), "BackupCode(***)");
    }
}
