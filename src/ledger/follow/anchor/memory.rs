//! What each target held when it was last seen. A target that holds nothing, or less than that, was emptied or put
//! back to an earlier state: that hides a log that was rolled back, and is no clean start.
//!
//! Two files hold the same: one beside the signing keys, which a roll-back of the data directory does not take along,
//! and one in the data directory. Where they differ, the larger size counts. The outside file is the one that counts:
//! if it is damaged, or missing while the inside file remembers something, there is no memory to trust, and an operator
//! decides ([`forget`]). If the inside file is damaged or missing, the outside file replaces it. When both are rolled
//! back together with the target, nothing on this machine can tell.

mod file;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use mfa_ledger_base::disk::{Disk, parent};
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_base::tlog::SignedCheckpoint;
use mfa_ledger_schemas::Instant;
use serde::{Deserialize, Serialize};

use self::file::{FORMAT, Found, Parsed, read_file};
use super::AnchorError;
use super::spelling::is_same;

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
    /// The outside file is damaged, or it is missing and the inside file is damaged.
    #[error("what the anchors held is not known: {} is damaged: {why}", file.display())]
    Damaged {
        /// The file that is damaged.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The outside file is missing, and the inside file remembers anchors.
    #[error("what the anchors held is not known: {} is missing, and {} remembers anchors", file.display(), other.display())]
    Missing {
        /// The outside file.
        file: PathBuf,
        /// The inside file.
        other: PathBuf,
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
    /// Files that are damaged or missing, and why they were not read.
    pub faults: Vec<(PathBuf, String)>,
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
    /// Reads both files.
    ///
    /// # Errors
    /// When the outside file is damaged, or missing while the inside file remembers anchors.
    pub fn read(places: &Places) -> Result<Self, MemoryError> {
        match Self::read_what_is_left(places)? {
            (read, None) => Ok(read),
            (_, Some(error)) => Err(error),
        }
    }

    /// Reads what can be read of both files, and says why it cannot be trusted.
    pub fn read_what_is_left(places: &Places) -> Result<(Self, Option<MemoryError>), MemoryError> {
        let (outside, inside) = (read_file(&places.outside)?, read_file(&places.inside)?);
        let damaged =
            |file: &PathBuf, why: &String| MemoryError::Damaged { file: file.clone(), why: why.clone() };
        let dispute = match (&outside, &inside) {
            (Found::Damaged(why), _) => Some(damaged(&places.outside, why)),
            (Found::Nothing, Found::Damaged(why)) => Some(damaged(&places.inside, why)),
            (Found::Nothing, Found::Whole(stored)) if !stored.is_empty() => {
                Some(MemoryError::Missing { file: places.outside.clone(), other: places.inside.clone() })
            }
            (Found::Whole(outside_has), Found::Whole(inside_has)) => {
                inside_has.more_than(outside_has).map(|name| {
                    damaged(&places.outside, &format!("it lacks {name}, which the other file remembers"))
                })
            }
            (Found::Nothing | Found::Whole(_), _) => None,
        };
        let is_used = !(outside.is_empty() && inside.is_empty());
        let mut read = Self::default();
        for (file, found) in [(&places.outside, outside), (&places.inside, inside)] {
            match found {
                Found::Nothing if is_used => read.faults.push((file.clone(), "it is missing".to_owned())),
                Found::Nothing => {}
                Found::Whole(stored) => read.add(stored),
                Found::Damaged(why) => read.faults.push((file.clone(), format!("it is damaged: {why}"))),
            }
        }
        let forgotten = &read.forgotten;
        read.held.retain(|name, held| !forgotten.iter().any(|it| it.covers(name, held)));
        Ok((read, dispute))
    }

    /// What a target held of the log with this origin, under any name of the target. Blocks: it follows links.
    pub fn held(&self, target: &str, origin: &str) -> Option<&Held> {
        let of_target = self.held.iter().filter(|((name, of), _)| of == origin && is_same(name, target));
        of_target.map(|(_, held)| held).max_by_key(|held| (held.signed.checkpoint.size, held.seen))
    }

    /// What a target held of the log with this origin, under this name alone.
    pub fn named_exactly(&self, target: &str, origin: &str) -> Option<&Held> {
        self.held.get(&(target.to_owned(), origin.to_owned()))
    }

    /// What is remembered of this log for targets that are none of these. Blocks: it follows links.
    pub fn of_others(&self, targets: &[String], origin: &str) -> Vec<(String, Held)> {
        let is_named = |name: &str| targets.iter().any(|target| is_same(target, name));
        let others = self.held.iter().filter(|((name, of), _)| of == origin && !is_named(name));
        others.map(|((name, _), held)| (name.clone(), held.clone())).collect()
    }

    /// What all targets held, of this log and of those that it went on from.
    pub fn everything(&self) -> impl Iterator<Item = (&str, &Held)> {
        self.held.iter().map(|((target, _), held)| (target.as_str(), held))
    }

    /// The whole name of a target, which may be named without its kind, and by another path of the same directory.
    pub fn named(&self, target: &str) -> Option<String> {
        let is_meant = |name: &&String| {
            is_same(name, target)
                || name
                    .split_once(' ')
                    .is_some_and(|(kind, it)| it == target || is_same(name, &format!("{kind} {target}")))
        };
        self.held.keys().map(|(name, _)| name).find(is_meant).cloned()
    }

    /// Keeps the larger of two sizes, and each act of forgetting once.
    fn add(&mut self, Parsed { held, forgotten }: Parsed) {
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

    /// Takes a target out, under all of its names, or all that is there where none is named. `unknown`: one of the files
    /// could not be trusted, so more may have been remembered than is named.
    fn forget(
        &mut self,
        target: Option<&str>,
        unknown: bool,
        at: Instant,
        (operator, reason): (&str, &str),
    ) -> Vec<Forgotten> {
        let act = |name: Option<&Name>, held: Option<&Held>| Forgotten {
            target: name.map(|name| name.0.clone()),
            origin: name.map(|name| name.1.clone()),
            size: held.map(|held| held.signed.checkpoint.size),
            seen: held.map(|held| held.seen),
            at,
            operator: operator.to_owned(),
            reason: reason.to_owned(),
        };
        let is_meant = |name: &Name| target.is_none_or(|target| is_same(target, &name.0));
        let meant = self.held.iter().filter(|(name, _)| is_meant(name));
        let mut acts: Vec<_> = meant.map(|(name, held)| act(Some(name), Some(held))).collect();
        if target.is_none() && (unknown || acts.is_empty()) {
            acts.push(act(None, None));
        }
        self.held.retain(|name, _| !is_meant(name));
        self.forgotten.extend(acts.iter().cloned());
        acts
    }

    fn write(&self, file: &Path, disk: &Disk) -> io::Result<()> {
        let text = file::text(&self.held, self.forgotten.clone())?;
        disk.create_dir_all(parent(file))?;
        disk.replace(file, text.as_bytes())
    }
}

impl Memory {
    /// The memory in these files.
    pub fn open(places: Places, disk: Disk) -> Result<Self, MemoryError> {
        let remembering = Mutex::new(Remembering::read(&places)?);
        Ok(Self { places, disk, remembering, writing: Mutex::default(), failure: Mutex::default() })
    }

    /// What a target held of the log with this origin, under this name.
    pub fn held(&self, target: &str, origin: &str) -> Option<Held> {
        let remembering = self.remembering.lock().unwrap_or_else(PoisonError::into_inner);
        remembering.named_exactly(target, origin).cloned()
    }

    /// What is remembered of a target under other names counts under this one, too. Blocks: it follows links.
    pub fn adopt(&self, target: &str, origin: &str) {
        // A share that hangs must not hold the lock.
        let known = self.remembering.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(held) = known.held(target, origin) {
            let mut remembering = self.remembering.lock().unwrap_or_else(PoisonError::into_inner);
            remembering.held.entry((target.to_owned(), origin.to_owned())).insert_entry(held.clone());
        }
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
        let write = |file: &PathBuf| {
            let written = remembering.write(file, &self.disk);
            written.map_err(|error| MemoryError::Io(file.clone(), error))
        };
        let outside = write(&self.places.outside);
        // An inside file without an outside one is refused at the next start: it is not the first one to be made.
        let inside = if outside.is_ok() || self.places.outside.exists() || self.places.inside.exists() {
            write(&self.places.inside)
        } else {
            Ok(())
        };
        let failure = outside.and(inside).err().map(|error| error_chain(&error));
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
    let (mut remembering, dispute) = Remembering::read_what_is_left(places)?;
    let unknown = match (dispute, target) {
        // What one target held cannot be told from what is left.
        (Some(error), Some(_)) => return Err(error),
        (Some(_), None) => true,
        (None, _) => false,
    };
    let acts = remembering.forget(target, unknown, at, (operator, reason));
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
    pub(super) fn covers(&self, (target, origin): &Name, held: &Held) -> bool {
        self.target.as_ref() == Some(target)
            && self.origin.as_ref() == Some(origin)
            && self.size >= Some(held.signed.checkpoint.size)
            && self.seen >= Some(held.seen)
    }
}

#[cfg(test)]
mod tests;
