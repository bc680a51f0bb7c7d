//! The vault: what must be kept secret and must be destroyable lies here, never in the log.
//!
//! The law of the store ([`Vault`]), which `tests/it/vault.rs` judges:
//!
//! 1. An entry is put once, read, destroyed; it is never changed.
//! 2. `put` returns `Ok` only once the entry is durable.
//! 3. `destroy` returns `Ok` only once the wrapped data keys have been overwritten in place and the
//!    overwriting is durable. From then on the secret cannot be had from the live files, nor from
//!    an old copy of the sealed bytes, not even with the master key.
//! 4. Whatever step of I/O fails, after reopening every acknowledged `put` can be read and every
//!    acknowledged `destroy` has happened. What was not acknowledged may have happened or not.
//! 5. After a failed write or sync nothing more is written until the vault is reopened.
//! 6. Damage is reported and confined: a damaged entry is listed and does not open, every other entry works. Nothing that
//!    is damaged is overwritten before it is destroyed. Only a file or a header that is missing or damaged, and a wrong
//!    key, keep a vault from being opened.
//!
//! What destroying does not reach: older backups of the key slots, file systems that copy on write,
//! and the spare blocks of flash media.
//!
//! Beside the store lie the things it exists for: [`totp`], [`backup_codes`], [`password`], [`annex`],
//! the keyed [`tokens`], and the [`hashing`] pool. Nothing here knows the log or HTTP.

pub mod annex;
pub mod backup_codes;
mod compact;
mod copy;
mod crockford;
mod damage;
mod door;
mod doubt;
mod error;
pub mod hashing;
mod header;
mod key;
mod look;
pub mod password;
mod qr;
mod remembered;
mod seal;
mod sealed;
mod slots;
mod store;
pub mod tokens;
pub mod totp;
mod typed;
pub mod webhook_key;
mod writer;

pub use copy::{Copy, erase_slots};
pub use damage::{Damaged, Flaw};
pub use header::VaultId;
pub use key::{KeyFileError, Label, MalformedKey, MasterKey, Subkey};
pub use mfa_ledger_base::wiped::SecretText;
pub use remembered::{ANOTHER, Loss, NONE_NAMED, Remembered};
pub use seal::{EntryId, Purpose};
pub use store::{MAX_SECRET_BYTES, OpenError, Vault, VaultError};
