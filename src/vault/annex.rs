//! Annexes: personal data kept out of the log. The log holds a commitment, the vault holds the value
//! together with the salt of the commitment; when the value is destroyed, the commitment stays valid
//! and tells nothing.

use mfa_ledger_base::chance::Chance;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::key::hmac;

/// Bytes of the salt in front of the value. As long as the hash, so that nobody can find a short value
/// by trying all of them.
const SALT_BYTES: usize = 32;

/// A value made ready: the commitment for the log, the salted value for the vault.
pub struct Annex {
    /// HMAC-SHA256 of the value under the salt: goes into the record.
    pub commitment: [u8; 32],
    /// Salt, then value: goes into the vault.
    pub salted: Zeroizing<Vec<u8>>,
}

/// The value is not the one that was committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value does not fit its commitment")]
pub struct Mismatch;

/// Commits to a value (its JSON bytes) under a fresh salt.
pub fn seal_value(json: &[u8], chance: &Chance) -> Annex {
    let mut salted = Zeroizing::new(Vec::with_capacity(SALT_BYTES + json.len()));
    salted.resize(SALT_BYTES, 0);
    chance.fill(&mut salted);
    let commitment = hmac(&salted, &[json]);
    salted.extend_from_slice(json);
    Annex { commitment, salted }
}

/// The value's JSON bytes out of what the vault kept, if the commitment holds.
pub fn open<'v>(commitment: &[u8; 32], salted: &'v [u8]) -> Result<&'v [u8], Mismatch> {
    let (salt, json) = salted.split_at_checked(SALT_BYTES).ok_or(Mismatch)?;
    if bool::from(hmac(salt, &[json]).ct_eq(commitment)) { Ok(json) } else { Err(Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_under_its_commitment_alone() {
        let chance = Chance::seeded(1);
        let annex = seal_value(br#""Jane Doe""#, &chance);
        assert_eq!(open(&annex.commitment, &annex.salted), Ok(br#""Jane Doe""#.as_slice()));

        let other = seal_value(br#""Jane Doe""#, &chance);
        assert_ne!(annex.commitment, other.commitment, "one value, two salts");
        assert_eq!(open(&other.commitment, &annex.salted), Err(Mismatch));
    }

    #[test]
    fn any_changed_byte_is_found() {
        let annex = seal_value(b"{}", &Chance::seeded(2));
        for i in 0..annex.salted.len() {
            let mut changed = annex.salted.to_vec();
            changed[i] ^= 1;
            assert_eq!(open(&annex.commitment, &changed), Err(Mismatch));
        }
        assert_eq!(open(&annex.commitment, &annex.salted[..31]), Err(Mismatch));
        assert_eq!(open(&annex.commitment, &[]), Err(Mismatch));
    }
}
