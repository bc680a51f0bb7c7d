//! A bundle of evidence: one file about one person or one reset, that is checked without us.
//!
//! It is a tar archive (POSIX ustar), and the same records under the same checkpoint give the same bytes:
//!
//! | file under `evidence/` | what it is |
//! |---|---|
//! | `README.txt`, `check.py` | how to check it, by hand or with Python and openssl |
//! | `manifest.note` | which log, about whom, and the SHA-256 of the next file; a note signed with the key of the log |
//! | `manifest.sha256` | the SHA-256 of each file but these two, as `sha256sum` writes it |
//! | `checkpoint` | the signed checkpoint that all proofs lead to |
//! | `keys.txt` | the public keys of the log, to be held against what you have from elsewhere |
//! | `policy.json` | the settings in force, each with the position of the record that set them |
//! | `timeline.html` | what happened, to read |
//! | `personal-data.json` | words that lie sealed in the ledger, where they were asked for |
//! | `events/<position>.json` | the public half of a record, byte for byte |
//! | `proofs/<position>.tlog-proof` | that it is in the log (C2SP tlog-proof) |
//!
//! The first line of a manifest is never that of a checkpoint, so neither can be taken for the other, though both
//! are signed with one key.

mod manifest;
mod pack;
pub mod page;
mod tar;
mod verify;

pub use manifest::About;
pub use pack::{Contents, Event, TooLarge, pack};
pub use verify::{Broken, Verified, verify};

/// Most records in a bundle.
pub const MAX_EVENTS: usize = 10_000;

/// Largest bundle that is made or read, in bytes.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// How events and proofs are named by their position.
fn event_name(position: u64) -> String {
    format!("events/{position:012}.json")
}

fn proof_name(position: u64) -> String {
    format!("proofs/{position:012}.tlog-proof")
}
