//! Sealing: XChaCha20-Poly1305 under a data key of the entry's own, which is wrapped by the
//! key-encryption key. Whoever destroys the wrapped key destroys the entry.
//!
//! The nonce of the wrapping is derived from the entry's id and the random nonce of its sealed bytes:
//! it need not be stored, never repeats, and ties the key slot to the one frame it opens.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::wiped::zeros;
use mfa_ledger_schemas::Secret;
use zeroize::Zeroizing;

use super::key::{Label, MasterKey, Subkey};
use super::slots::{SLOT_BYTES, Slot, WRAPPED_BYTES};

/// The id of an entry: the id of the credential or annex it belongs to (the bytes of its UUID).
pub type EntryId = [u8; 16];

/// What an entry is for; bound into the seal, so that no entry passes for one of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The secret shared with an authenticator app.
    TotpSeed,
    /// The hashes of a set of backup codes.
    BackupCodes,
    /// The hash of a password.
    Password,
    /// Personal data with the salt of its commitment.
    Annex,
    /// What deliveries to a webhook are signed with.
    WebhookSecret,
}

/// Annexes are bound to their own id: one person's may stand in another's record.
const NO_OWNER: [u8; 16] = [0; 16];

impl Purpose {
    /// What the entry of a secret is sealed for, and to whom it is bound.
    pub fn of(secret: Secret) -> (Self, [u8; 16]) {
        match secret {
            Secret::Password(owner) => (Self::Password, owner.bytes()),
            Secret::TotpSeed(owner) => (Self::TotpSeed, owner.bytes()),
            Secret::BackupCodes(owner) => (Self::BackupCodes, owner.bytes()),
            Secret::WebhookSecret(owner) => (Self::WebhookSecret, owner.bytes()),
            Secret::Annex => (Self::Annex, NO_OWNER),
        }
    }

    /// Frozen: these bytes are under every seal ever made.
    fn byte(self) -> u8 {
        match self {
            Self::TotpSeed => 1,
            Self::BackupCodes => 2,
            Self::Password => 3,
            Self::Annex => 4,
            Self::WebhookSecret => 5,
        }
    }
}

pub(super) const NONCE_BYTES: usize = 24;

/// A sealed entry, on its way to the two files.
pub(super) struct Sealed {
    /// The nonce of the sealed bytes.
    pub nonce: [u8; NONCE_BYTES],
    /// The sealed bytes.
    pub ciphertext: Vec<u8>,
    /// The slot's content: id and wrapped key.
    pub slot: Slot,
}

/// Which seal does not hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// That of the data key: its bytes, or those of the frame's nonce, have changed.
    Key,
    /// That of the entry: another purpose or owner, or changed bytes.
    Entry,
}

/// Seals and opens under one key-encryption key.
pub(super) struct Sealer {
    /// Encrypts data keys and the check value.
    key: Subkey,
    /// Derives the nonces of the wrapping: a key for each algorithm.
    nonces: Subkey,
}

impl Sealer {
    pub fn new(master: &MasterKey) -> Self {
        let key = master.subkey(Label::KeyEncryption);
        Self { nonces: key.derive("wrapping nonces"), key: key.derive("wrapping") }
    }

    pub fn seal(
        &self,
        id: EntryId,
        purpose: Purpose,
        owner: [u8; 16],
        secret: &[u8],
        chance: &Chance,
    ) -> Sealed {
        // Drawn together: asking the operating system is what costs.
        let mut drawn = Zeroizing::new([0; 32 + NONCE_BYTES]);
        chance.fill(&mut *drawn);
        let (data_key, nonce) = drawn.split_first_chunk().expect("the key is the first 32 bytes");
        let nonce = *nonce.first_chunk().expect("the nonce is the rest");
        let ciphertext = encrypt(data_key, nonce, secret, &entry_aad(id, purpose, owner));
        let wrapping = self.wrapping_nonce(id, nonce);
        let wrapped = Zeroizing::new(encrypt(self.key.bytes(), wrapping, data_key, WRAP_AAD));
        let mut slot = zeros::<SLOT_BYTES>();
        slot[..16].copy_from_slice(&id);
        slot[16..].copy_from_slice(&wrapped);
        Sealed { nonce, ciphertext, slot }
    }

    pub fn open(
        &self,
        (id, purpose, owner): (EntryId, Purpose, [u8; 16]),
        wrapped: &[u8; WRAPPED_BYTES],
        nonce: [u8; NONCE_BYTES],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let unwrapped = decrypt(self.key.bytes(), self.wrapping_nonce(id, nonce), wrapped, WRAP_AAD)
            .ok_or(Broken::Key)?;
        let data_key = unwrapped.first_chunk().ok_or(Broken::Key)?;
        decrypt(data_key, nonce, ciphertext, &entry_aad(id, purpose, owner)).ok_or(Broken::Entry)
    }

    /// Whether a wrapped key belongs to the frame with this id and nonce.
    pub fn unwraps(&self, id: EntryId, wrapped: &[u8; WRAPPED_BYTES], nonce: [u8; NONCE_BYTES]) -> bool {
        decrypt(self.key.bytes(), self.wrapping_nonce(id, nonce), wrapped, WRAP_AAD).is_some()
    }

    /// A value that only this key opens; `context` is bound to it.
    pub fn check_value(&self, nonce: [u8; NONCE_BYTES], context: &[u8]) -> Vec<u8> {
        encrypt(self.key.bytes(), nonce, CHECK, context)
    }

    pub fn opens(&self, nonce: [u8; NONCE_BYTES], check: &[u8], context: &[u8]) -> bool {
        decrypt(self.key.bytes(), nonce, check, context).is_some_and(|opened| *opened == CHECK)
    }

    fn wrapping_nonce(&self, id: EntryId, nonce: [u8; NONCE_BYTES]) -> [u8; NONCE_BYTES] {
        let mac = self.nonces.mac(&[&id, &nonce]);
        *mac.first_chunk().expect("a nonce is shorter than the MAC")
    }
}

const CHECK: &[u8] = b"mfa-ledger vault";
const WRAP_AAD: &[u8] = b"mfa-ledger vault data key v1";

fn entry_aad(id: EntryId, purpose: Purpose, owner: [u8; 16]) -> Vec<u8> {
    [b"mfa-ledger vault entry v1".as_slice(), &[purpose.byte()], &owner, &id].concat()
}

fn encrypt(key: &[u8; 32], nonce: [u8; NONCE_BYTES], msg: &[u8], aad: &[u8]) -> Vec<u8> {
    XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg, aad })
        .expect("secrets are far below the cipher's limit")
}

fn decrypt(key: &[u8; 32], nonce: [u8; NONCE_BYTES], msg: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(nonce), Payload { msg, aad })
        .ok()
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_only_for_what_it_was_made_for() {
        let right = Sealer::new(&MasterKey::from_bytes([1; 32]));
        let sealed = right.seal([2; 16], Purpose::TotpSeed, [3; 16], b"seed", &Chance::seeded(1));
        let wrapped = sealed.slot.last_chunk().unwrap();
        let open = |what, sealer: &Sealer| sealer.open(what, wrapped, sealed.nonce, &sealed.ciphertext).ok();

        assert_eq!(*open(([2; 16], Purpose::TotpSeed, [3; 16]), &right).unwrap(), b"seed");
        assert!(open(([2; 16], Purpose::Password, [3; 16]), &right).is_none());
        assert!(open(([2; 16], Purpose::TotpSeed, [4; 16]), &right).is_none());
        assert!(open(([5; 16], Purpose::TotpSeed, [3; 16]), &right).is_none());
        let other = Sealer::new(&MasterKey::from_bytes([9; 32]));
        assert!(open(([2; 16], Purpose::TotpSeed, [3; 16]), &other).is_none());
    }

    #[test]
    fn the_same_id_never_wraps_under_the_same_nonce_twice() {
        let sealer = Sealer::new(&MasterKey::from_bytes([1; 32]));
        let nonces: std::collections::BTreeSet<_> =
            (0..100).map(|i| sealer.wrapping_nonce([2; 16], Chance::seeded(i).bytes())).collect();
        assert_eq!(nonces.len(), 100);
    }
}
