//! The form of the two files.
//!
//! ```text
//! mfa-ledger anchors 1 <SHA-256 of what follows, in hexadecimal digits>
//! { "held": […], "forgotten": […] }
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use data_encoding::HEXLOWER;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_base::tlog::SignedCheckpoint;
use mfa_ledger_schemas::Instant;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Forgotten, Held, MemoryError, Name};

/// What a file begins with, before the number of its format.
pub(super) const MAGIC: &str = "mfa-ledger anchors ";

/// The format of the files.
pub(super) const FORMAT: u32 = 1;

/// The largest file that is read, in bytes: some thousand checkpoints.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    held: Vec<StoredHeld>,
    forgotten: Vec<Forgotten>,
}

#[derive(Serialize, Deserialize)]
struct StoredHeld {
    target: String,
    seen: Instant,
    /// The signed checkpoint as it lay there.
    checkpoint: String,
}

/// What a file holds, as it is written.
pub(super) fn text(held: &BTreeMap<Name, Held>, forgotten: Vec<Forgotten>) -> io::Result<String> {
    let held = held.iter().map(|((target, _), held)| StoredHeld {
        target: target.clone(),
        seen: held.seen,
        checkpoint: held.signed.note.to_string(),
    });
    let json =
        serde_json::to_string_pretty(&Stored { held: held.collect(), forgotten }).map_err(io::Error::from)?;
    Ok(format!("{MAGIC}{FORMAT} {}\n{json}", checksum(json.as_bytes())))
}

/// What a file says.
pub(super) struct Parsed {
    pub held: Vec<(Name, Held)>,
    pub forgotten: Vec<Forgotten>,
}

impl Parsed {
    pub fn is_empty(&self) -> bool {
        self.held.is_empty() && self.forgotten.is_empty()
    }

    /// A target that this file remembers and another does not, though nobody has said that it was to be forgotten.
    pub fn more_than(&self, other: &Self) -> Option<&str> {
        let is_forgotten = |name: &Name, held: &Held| {
            self.forgotten.iter().chain(&other.forgotten).any(|it| it.covers(name, held))
        };
        let is_known = |name: &Name| other.held.iter().any(|(known, _)| known == name);
        let missing = self.held.iter().find(|(name, held)| !is_known(name) && !is_forgotten(name, held));
        missing.map(|((target, _), _)| target.as_str())
    }
}

pub(super) enum Found {
    /// It is not there.
    Nothing,
    Whole(Parsed),
    /// Why it cannot be read.
    Damaged(String),
}

impl Found {
    /// Whether nothing is remembered there, as far as it can be told.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Whole(stored) => stored.is_empty(),
            Self::Damaged(_) => false,
        }
    }
}

/// Reads a file. One that is not there is no error.
pub(super) fn read_file(file: &Path) -> Result<Found, MemoryError> {
    let mut bytes = Vec::new();
    match File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)) {
        Ok(_) if bytes.len() as u64 > MAX_BYTES => return Ok(Found::Damaged("it is too large".to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Ok(Found::Damaged(error.to_string())),
    }
    let damaged = |why: &str| Ok(Found::Damaged(why.to_owned()));
    let Some((first, json)) = str::from_utf8(&bytes).ok().and_then(|text| text.split_once('\n')) else {
        return damaged("it is not whole");
    };
    let first = first.strip_prefix(MAGIC).and_then(|first| first.split_once(' '));
    let Some((format, sum)) = first.and_then(|(format, sum)| Some((format.parse::<u32>().ok()?, sum))) else {
        return damaged("it does not begin as it should");
    };
    if format > FORMAT {
        return Err(MemoryError::NewerFormat { file: file.into(), found: format });
    }
    if format != FORMAT || sum != checksum(json.as_bytes()) {
        return damaged("its checksum is another");
    }
    let stored: Stored = match serde_json::from_str(json) {
        Ok(stored) => stored,
        Err(error) => return damaged(&error.to_string()),
    };
    let mut held = Vec::new();
    for StoredHeld { target, seen, checkpoint } in stored.held {
        match SignedCheckpoint::parse(checkpoint.as_bytes()) {
            Ok(signed) => held.push(((target, signed.checkpoint.origin.clone()), Held { signed, seen })),
            Err(error) => return damaged(&format!("what {target} held: {}", error_chain(&error))),
        }
    }
    Ok(Found::Whole(Parsed { held, forgotten: stored.forgotten }))
}

pub(super) fn checksum(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}
