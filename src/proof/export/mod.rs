//! Exports: a log, or a part of it, in one file that can be checked without this program's data directory.
//!
//! # The file, version 1
//!
//! Lines of text, each ended by one newline, then the records:
//!
//! ```text
//! mfa-ledger-export v1
//! form raw                         or: form leaves
//! ledger lgr_01h455vb4pex5vsknk084sn02q
//! origin mfa-ledger/lgr_01h455vb4pex5vsknk084sn02q
//! from 3                           the first position, counted from 1
//! to 9                             the last
//! left <hash>                      one line each: the complete subtrees left of the first record,
//! right <hash>                     and right of the last, both from left to right, in base64
//! checkpoint 213                   so many bytes follow: the signed checkpoint, as the log signed it
//! …
//! ```
//! *raw*: the frames of the journal, bit for bit (`length u32 | crc32c u32 | position u64 | batch u64 | stream's
//! name with its length u8 | record`, big-endian; the checksum starts from the ledger's id). *leaves*: the public
//! half of each record, the exact bytes of the leaf, one a line. Both end with the line `end <to>`, and nothing
//! follows.
//!
//! # What proves it
//!
//! The root of the RFC 6962 tree over (left, the leaves, right) must be the one in the checkpoint, and that must
//! be signed by a key that is known from elsewhere. With `begin = from - 1`: the subtrees left of the records
//! are those of the binary digits of `begin`, largest first; those right of them are the largest aligned ones
//! that fit between `to` and the size in the checkpoint. Everything else in the file is held against that.

mod create;
mod error;
mod header;
mod import;
mod part;
mod reading;
mod verify;

pub use create::{Create, Form, Made, create};
pub use error::ExportError;
pub use header::Header;
pub use import::{Imported, import};
pub use verify::{Verified, verify};
