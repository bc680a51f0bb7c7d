//! Backups: taken beside a running server, verified, and made into a data directory again.
//!
//! A backup is a directory: `manifest.json`, `ledger.json`, `checkpoint`, `journal/`, and, unless it was left
//! out, `vault/`. Neither the master key nor the keys that sign checkpoints are ever in it.
//!
//! # What belongs together
//!
//! A server puts a secret into the vault *before* the record that names it, and destroys it *after* the record
//! that ends it. So the log is copied first, up to a signed checkpoint, and the vault after it:
//!
//! | meanwhile a secret is | log copy | vault copy | what is done |
//! |---|---|---|---|
//! | put, and named by a later record | does not know it | has it | left out of the backup |
//! | ended by a later record | says that it lives | lacks it | the log is taken on to the next checkpoint, which knows of its end |
//! | both, between two readings | says that it lives | lacks it | the same again, a few times at most |
//! | ended after it was read | says that it lives | has it | the backup is whole, as of its checkpoint |
//!
//! Beside a server a backup begins by waiting, a second at most, until all that is in the log by then is signed for:
//! whatever was answered before is in it.
//!
//! What is still lacking in the end is named in the manifest. The vault copy holds nothing that the log copy
//! does not name: what was destroyed before a backup was begun is not in it, not even as sealed bytes. A
//! restored ledger fails closed: a factor that its log knows and its vault lacks lets nobody in.
//!
//! # All or nothing
//!
//! Everything is written to a hidden sibling, `.NAME.unfinished`, synced, read back and held against the
//! checkpoint, and only then renamed. What an interrupted run leaves is removed by the next one.

mod checked;
mod create;
mod error;
mod files;
mod journal;
mod manifest;
mod named;
mod restore;
mod vault;
mod verify;

pub use create::{Create, create};
pub use error::BackupError;
pub use manifest::{Manifest, Missing, VaultPart};
pub use restore::{Restored, restore};
pub use vault::{VaultRestored, restore_vault};
pub use verify::{Against, Verified, verify};
