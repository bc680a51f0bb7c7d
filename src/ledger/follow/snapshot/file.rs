//! One file of a snapshot: what it is of, what it holds, and a seal that nobody without the ledger's keys can
//! make.
//!
//! ```text
//! "mfa-ledger snapshot"  version u16  kind u8  ledger [16]  number u64  record [32]  body ...  seal [32]
//! ```
//! Numbers are big-endian. `number` is the position of a state, of its people, or of detection, and the number of a block;
//! `record` is the SHA-256 of the stored record at that position, zeros for a block. The seal is over all that stands
//! before it.

use std::sync::Arc;

use mfa_ledger_projections::{SNAPSHOT_VERSION, SnapshotError};

const MAGIC: &[u8] = b"mfa-ledger snapshot";
pub(super) const SEAL_BYTES: usize = 32;
/// Bytes before the body.
pub(super) const HEADER: usize = MAGIC.len() + 2 + 1 + 16 + 8 + 32;

/// Makes a seal over parts.
pub type Seal = Arc<dyn Fn(&[&[u8]]) -> [u8; SEAL_BYTES] + Send + Sync>;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    State = b'S' as isize,
    Block = b'B' as isize,
    Detection = b'D' as isize,
    People = b'P' as isize,
}

/// What stands before the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: Kind,
    pub ledger: [u8; 16],
    pub number: u64,
    pub record: [u8; 32],
}

/// Why a snapshot is of no use. It is left out; what it would have told is folded from the log.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// It is no snapshot, or part of one.
    #[error("it is no whole snapshot")]
    Malformed,
    /// Another version wrote it.
    #[error("it has the layout of version {given}, this program reads version {SNAPSHOT_VERSION}")]
    Version {
        /// Its version.
        given: u16,
    },
    /// It was not sealed with the keys of this ledger, or was altered since.
    #[error("its seal does not hold")]
    Seal,
    /// It is of something else than its name says.
    #[error("it is of another ledger, or of another position than its name says")]
    Other,
    /// The log ends before it.
    #[error("the log ends before position {0}")]
    Ahead(u64),
    /// The log holds another record at its position.
    #[error("the log holds another record at position {0}")]
    History(u64),
    /// It cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[from] std::io::Error),
    /// What it holds cannot be decoded.
    #[error(transparent)]
    Content(#[from] SnapshotError),
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(SNAPSHOT_VERSION.to_be_bytes());
        bytes.push(self.kind as u8);
        bytes.extend(self.ledger);
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.record);
        bytes
    }

    /// The bytes of a file, and its seal.
    pub fn seal(&self, body: &[u8], seal: &Seal) -> (Vec<u8>, [u8; SEAL_BYTES]) {
        let mut bytes = self.bytes();
        bytes.extend(body);
        let made = seal(&[&bytes]);
        bytes.extend(made);
        (bytes, made)
    }

    /// Header, body and seal of a file.
    pub fn open<'a>(bytes: &'a [u8], seal: &Seal) -> Result<(Self, &'a [u8], [u8; SEAL_BYTES]), Misfit> {
        let (sealed, given) = bytes.split_last_chunk::<SEAL_BYTES>().ok_or(Misfit::Malformed)?;
        let rest = sealed.strip_prefix(MAGIC).ok_or(Misfit::Malformed)?;
        let (version, rest) = rest.split_first_chunk().ok_or(Misfit::Malformed)?;
        let version = u16::from_be_bytes(*version);
        if version != SNAPSHOT_VERSION {
            return Err(Misfit::Version { given: version });
        }
        // Whoever can measure how long this takes can read the file.
        if seal(&[sealed]) != *given {
            return Err(Misfit::Seal);
        }
        let (kind, rest) = rest.split_first().ok_or(Misfit::Malformed)?;
        let kinds = [Kind::State, Kind::Block, Kind::Detection, Kind::People];
        let kind = kinds.into_iter().find(|it| *it as u8 == *kind);
        let (ledger, rest) = rest.split_first_chunk().ok_or(Misfit::Malformed)?;
        let (number, rest) = rest.split_first_chunk().ok_or(Misfit::Malformed)?;
        let (record, body) = rest.split_first_chunk().ok_or(Misfit::Malformed)?;
        let number = u64::from_be_bytes(*number);
        let header = Self { kind: kind.ok_or(Misfit::Malformed)?, ledger: *ledger, number, record: *record };
        Ok((header, body, *given))
    }
}
