//! Why a vault could not be opened, or did not do what was asked.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::header;

/// Why a vault could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The master key is not the one this vault was made with.
    #[error("the master key does not belong to this vault")]
    WrongKey,
    /// A newer program wrote it.
    #[error("{} has format {version}, newer than this program reads ({})", file.display(), header::FORMAT_VERSION)]
    NewerFormat {
        /// The file.
        file: PathBuf,
        /// Its format.
        version: u32,
    },
    /// One of the two files, or the header of one, is missing or changed: nothing can be opened.
    #[error("{} is damaged at byte {offset}: {what}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where, in bytes from the start.
        offset: u64,
        /// What was found.
        what: &'static str,
    },
    /// The file system failed.
    #[error("the vault in {} cannot be opened", dir.display())]
    Io {
        /// The vault's directory.
        dir: PathBuf,
        /// What the file system said.
        #[source]
        source: io::Error,
    },
}

/// Why the vault did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VaultError {
    /// There is a live entry with this id; nothing was stored.
    #[error("the vault has an entry with this id")]
    Exists,
    /// The secret is longer than [`super::MAX_SECRET_BYTES`]; nothing was stored.
    #[error("the secret is longer than an entry may be")]
    TooLarge,
    /// The entry was sealed for another purpose or owner.
    #[error("the entry was sealed for another purpose or owner")]
    Mismatch,
    /// The entry's bytes have changed since they were written.
    #[error("the entry is damaged")]
    Damaged,
    /// The entry could not be read from the disk.
    #[error("the entry cannot be read")]
    Unreadable(#[source] Arc<io::Error>),
    /// A write or sync failed, now or earlier: whether this was stored or destroyed is unknown, and
    /// nothing more will be until the vault is reopened.
    #[error("the vault cannot be written until it is reopened")]
    Unavailable(#[source] Arc<io::Error>),
}
