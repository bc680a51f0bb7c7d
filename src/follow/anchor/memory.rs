//! What each target held when it was last seen. A target that holds nothing, or less than that, was emptied or put
//! back to an earlier state: that hides a log that was rolled back, and is no clean start.
//!
//! Two files hold the same: one beside the signing keys, which a roll-back of the data directory does not take along,
//! and one in the data directory. Where they differ, the larger size counts. When both are rolled back together with
//! the target, nothing on this machine can tell.
//!
//! ```text
//! mfa-ledger anchors 1 <SHA-256 of what follows, in hexadecimal digits>
//! { "held": […], "forgotten": […] }
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use data_encoding::HEXLOWER;
use mfa_ledger_schemas::Instant;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AnchorError, whole};
use crate::disk::{Disk, parent};
use crate::tlog::SignedCheckpoint;

/// What a file begins with, before the number of its format.
const MAGIC: &str = "mfa-ledger anchors ";

/// The format of the files.
const FORMAT: u32 = 1;

/// The largest file that is read, in bytes: some thousand checkpoints.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What a target held when it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The checkpoint.
    pub signed: SignedCheckpoint,
    /// When it was last seen there.
    pub seen: Instant,
}

/// A target that was emptied on purpose, as an operator says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// The target, as in `anchor /mnt/x`; none when the files were damaged and all targets begin anew.
    pub target: Option<String>,
    /// The origin of the log that it held a checkpoint of.
    pub origin: Option<String>,
    /// Records of the checkpoint that it held.
    pub size: Option<u64>,
    /// When that was last seen.
    pub seen: Option<Instant>,
    /// When the operator said so.
    pub at: Instant,
    /// Who.
    pub operator: String,
    /// Why.
    pub reason: String,
}

/// Why there is no memory of the targets.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// Neither file can be read, and at least one of them is there.
    #[error("what the anchors held is not known: {} is damaged: {why}", file.display())]
    Damaged {
        /// The first of the files that are damaged.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file was written by a newer version.
    #[error("{} was written by a newer version: format {found}, this program knows up to {FORMAT}", file.display())]
    NewerFormat {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: u32,
    },
    /// There is no such target in the memory.
    #[error("nothing is remembered of {0}")]
    Unknown(String),
    /// A file cannot be written.
    #[error("{} cannot be written", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// Where the files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Outside the data directory.
    pub outside: PathBuf,
    /// In the data directory.
    pub inside: PathBuf,
}

/// A target and the origin of a log.
type Name = (String, String);

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembering {
    held: BTreeMap<Name, Held>,
    /// Emptied on purpose, oldest first.
    pub forgotten: Vec<Forgotten>,
    /// Files that are damaged and were done without: the other one is whole.
    pub damaged: Vec<(PathBuf, String)>,
}

/// The memory of a log that is served.
#[derive(Debug)]
pub struct Memory {
    places: Places,
    disk: Disk,
    remembering: Mutex<Remembering>,
    /// Held while the files are written, which may take long; the others are never held then.
    writing: Mutex<()>,
    failure: Mutex<Option<String>>,
}

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

impl Held {
    /// Whether a target holds what it held, or more; `found` is the size of what it holds now.
    pub fn check(&self, found: Option<u64>) -> Result<(), AnchorError> {
        let (held, seen) = (self.signed.checkpoint.size, self.seen);
        let now = match found {
            Some(found) if found >= held => return Ok(()),
            Some(found) => format!("it holds a checkpoint of {found} records"),
            None => "it holds no checkpoint of this log".to_owned(),
        };
        Err(AnchorError::HoldsLess(format!("{now}, and held one of {held} records at {seen}")))
    }
}

impl Remembering {
    /// Reads both files. A file that is not there is an empty one; one that is damaged is done without where the other
    /// one is whole.
    pub fn read(places: &Places) -> Result<Self, MemoryError> {
        let mut read = Self::default();
        let mut whole_files = 0;
        for file in [&places.outside, &places.inside] {
            match read_file(file)? {
                Found::Nothing => {}
                Found::Whole(stored) => {
                    whole_files += 1;
                    read.add(stored);
                }
                Found::Damaged(why) => read.damaged.push((file.clone(), why)),
            }
        }
        if whole_files == 0
            && let Some((file, why)) = read.damaged.first().cloned()
        {
            return Err(MemoryError::Damaged { file, why });
        }
        let forgotten = &read.forgotten;
        read.held.retain(|name, held| !forgotten.iter().any(|it| it.covers(name, held)));
        Ok(read)
    }

    /// What a target held of the log with this origin.
    pub fn held(&self, target: &str, origin: &str) -> Option<&Held> {
        self.held.get(&(target.to_owned(), origin.to_owned()))
    }

    /// What all targets held, of this log and of those that it went on from.
    pub fn everything(&self) -> impl Iterator<Item = (&str, &Held)> {
        self.held.iter().map(|((target, _), held)| (target.as_str(), held))
    }

    /// The whole name of a target, which may be named without its kind.
    pub fn named(&self, target: &str) -> Option<String> {
        let is_meant =
            |name: &&String| *name == target || name.split_once(' ').is_some_and(|it| it.1 == target);
        self.held.keys().map(|(name, _)| name).find(is_meant).cloned()
    }

    /// Keeps the larger of two sizes, and each act of forgetting once.
    fn add(&mut self, (held, forgotten): (Vec<(Name, Held)>, Vec<Forgotten>)) {
        for (name, new) in held {
            let size = |held: &Held| held.signed.checkpoint.size;
            match self.held.get(&name) {
                Some(old) if (size(old), old.seen) >= (size(&new), new.seen) => {}
                _ => drop(self.held.insert(name, new)),
            }
        }
        let new = forgotten.into_iter().filter(|it| !self.forgotten.contains(it)).collect::<Vec<_>>();
        self.forgotten.extend(new);
        self.forgotten.sort_by_key(|it| it.at);
    }

    /// Takes a target out, or all that is there where none is named.
    fn forget(&mut self, target: Option<&str>, at: Instant, operator: &str, reason: &str) -> Vec<Forgotten> {
        let act = |name: Option<&Name>, held: Option<&Held>| Forgotten {
            target: name.map(|name| name.0.clone()),
            origin: name.map(|name| name.1.clone()),
            size: held.map(|held| held.signed.checkpoint.size),
            seen: held.map(|held| held.seen),
            at,
            operator: operator.to_owned(),
            reason: reason.to_owned(),
        };
        let is_meant = |name: &Name| target.is_none_or(|target| target == name.0);
        let meant = self.held.iter().filter(|(name, _)| is_meant(name));
        let mut acts: Vec<_> = meant.map(|(name, held)| act(Some(name), Some(held))).collect();
        if target.is_none() && acts.is_empty() {
            acts.push(act(None, None));
        }
        self.held.retain(|name, _| !is_meant(name));
        self.forgotten.extend(acts.iter().cloned());
        acts
    }

    fn write(&self, file: &Path, disk: &Disk) -> io::Result<()> {
        let held = self.held.iter().map(|((target, _), held)| StoredHeld {
            target: target.clone(),
            seen: held.seen,
            checkpoint: held.signed.note.to_string(),
        });
        let stored = Stored { held: held.collect(), forgotten: self.forgotten.clone() };
        let json = serde_json::to_string_pretty(&stored).map_err(io::Error::from)?;
        disk.create_dir_all(parent(file))?;
        disk.replace(file, format!("{MAGIC}{FORMAT} {}\n{json}", checksum(json.as_bytes())).as_bytes())
    }
}

impl Memory {
    /// The memory in these files.
    pub fn open(places: Places, disk: Disk) -> Result<Self, MemoryError> {
        let remembering = Mutex::new(Remembering::read(&places)?);
        Ok(Self { places, disk, remembering, writing: Mutex::default(), failure: Mutex::default() })
    }

    /// What a target held of the log with this origin.
    pub fn held(&self, target: &str, origin: &str) -> Option<Held> {
        let remembering = self.remembering.lock().unwrap_or_else(PoisonError::into_inner);
        remembering.held(target, origin).cloned()
    }

    /// A target holds this now. Durable in both places when [`Memory::failure`] says nothing; blocks.
    pub fn holds(&self, target: &str, signed: &SignedCheckpoint, seen: Instant) {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let remembering = {
            let mut remembering = self.remembering.lock().unwrap_or_else(PoisonError::into_inner);
            let name = (target.to_owned(), signed.checkpoint.origin.clone());
            remembering.held.insert(name, Held { signed: signed.clone(), seen });
            remembering.clone()
        };
        let written = [&self.places.outside, &self.places.inside].map(|file| {
            let written = remembering.write(file, &self.disk);
            written.map_err(|error| MemoryError::Io(file.clone(), error))
        });
        let failure = written.into_iter().find_map(Result::err).map(|error| whole(&error));
        let mut before = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = failure.as_deref().filter(|why| before.as_deref() != Some(why)) {
            tracing::warn!(why, "what the anchors hold cannot be remembered in every place");
        }
        *before = failure;
    }

    /// Why the last write failed in one of the places.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Forgets what a target held, or what all of them held, because an operator says that it was emptied on purpose. The
/// act stays in both files. Files that are damaged are kept under another name. The log must not be served meanwhile.
pub fn forget(
    places: &Places,
    target: Option<&str>,
    at: Instant,
    (operator, reason): (&str, &str),
    disk: &Disk,
) -> Result<Vec<Forgotten>, MemoryError> {
    let mut remembering = match Remembering::read(places) {
        Err(MemoryError::Damaged { .. }) if target.is_none() => Remembering::default(),
        read => read?,
    };
    let acts = remembering.forget(target, at, operator, reason);
    if let (true, Some(target)) = (acts.is_empty(), target) {
        return Err(MemoryError::Unknown(target.to_owned()));
    }
    for file in [&places.outside, &places.inside] {
        let failed = |error| MemoryError::Io(file.clone(), error);
        if matches!(read_file(file)?, Found::Damaged(_)) {
            let mut aside = file.as_os_str().to_owned();
            aside.push(format!(".damaged-{}", at.unix_ms()));
            disk.rename(file, Path::new(&aside)).map_err(failed)?;
        }
        remembering.write(file, disk).map_err(failed)?;
    }
    Ok(acts)
}

impl Forgotten {
    /// Whether it was said of this: a file that was rolled back brings back nothing that was forgotten.
    fn covers(&self, (target, origin): &Name, held: &Held) -> bool {
        self.target.as_ref() == Some(target)
            && self.origin.as_ref() == Some(origin)
            && self.size >= Some(held.signed.checkpoint.size)
            && self.seen >= Some(held.seen)
    }
}

enum Found {
    Nothing,
    Whole((Vec<(Name, Held)>, Vec<Forgotten>)),
    Damaged(String),
}

fn read_file(file: &Path) -> Result<Found, MemoryError> {
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
            Err(error) => return damaged(&format!("what {target} held: {}", whole(&error))),
        }
    }
    Ok(Found::Whole((held, stored.forgotten)))
}

fn checksum(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;
