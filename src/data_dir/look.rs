//! A data directory looked at without touching it: no lock is kept, nothing is mended, swept or written,
//! and a server that runs on it does not notice.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use mfa_ledger_projections::{Secrets, State};
use mfa_ledger_schemas::{Instant, Position, Secret, codec};

use super::keys::master;
use super::keys::signing::{self, Signing};
use super::meta::Meta;
use super::recover::Pending;
use super::{Said, StartError, anchors};
use crate::config::Config;
use crate::disk::Disk;
use crate::follow::project::Stopped;
use crate::integrity::Holding;
use crate::log::embedded::{Cut, OpenError, raw};
use crate::service;
use crate::tiles::TileStore;
use crate::vault::{self, EntryId, MasterKey, Vault};

/// What was seen.
#[derive(Debug)]
pub struct Look {
    /// Whether a server, or another command, had the directory open.
    pub held: bool,
    /// The log: all of it, or, where it was held, the newest record.
    pub log: Result<Seen, StartError>,
    /// Whether there is a master key as configured.
    pub key: Result<(), StartError>,
    /// Whether it opens the vault; `None` without a key.
    pub vault: Option<Result<(), StartError>>,
    /// What can be told of the entries of the vault; `None` without the right key.
    pub entries: Option<Result<Entries, StartError>>,
    /// Entries of the vault that nothing names; `None` where that was not looked for, since the directory
    /// was held, or the log or the vault could not be read.
    pub orphans: Option<usize>,
    /// What the anchors remember of the log, in the order of the configuration; none of them is asked
    /// without signing keys.
    pub anchors: Result<Vec<Said>, StartError>,
    /// Files that remember what the anchors held and are damaged, while the other one is whole.
    pub anchor_memory: Vec<String>,
}

/// The entries of a vault.
#[derive(Debug)]
pub struct Entries {
    /// How many there should be: those that the log names, or the key slots in use where the log was not read.
    pub named: usize,
    /// Those of them that cannot be opened.
    pub unreadable: Vec<Lost>,
    /// Damaged key slots that belong to no entry that the log names; all that are damaged where the log was not read.
    pub strays: usize,
    /// Whether the log was read, so that every entry that it names was opened.
    pub opened: bool,
}

/// An entry that cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Its id.
    pub entry: String,
    /// What it should hold.
    pub secret: Secret,
    /// The user name of the administrator whose it is.
    pub whose: Option<String>,
    /// What is wrong with it.
    pub flaw: &'static str,
}

/// A log.
#[derive(Debug)]
pub struct Seen {
    /// The newest record.
    pub head: Position,
    /// When it was made; `None` when there is no record.
    pub newest: Option<Instant>,
    /// What lies behind the last whole record, which the next start cuts off.
    pub torn: Option<Cut>,
    /// How many of the records were signed for, as the newest checkpoint has it, and are what was signed;
    /// `None` where nothing was signed yet, or that was not looked at. An error when there are no keys to
    /// tell by.
    pub signed: Result<Option<u64>, StartError>,
}

/// Looks at the data directory of a configuration. Blocks: reads all of the journal if no server holds it.
///
/// # Errors
/// When there is no ledger in it, or not one that this version knows.
pub fn look(config: &Config) -> Result<Look, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let key = master::read(config);
    let anchors = match signing::read(config) {
        Ok(Some(signing)) => anchors::ask(config, &signing.keyring),
        Ok(None) | Err(_) => Ok(Vec::new()),
    };
    let is_held = || raw::is_held(dir).map_err(StartError::io(dir.join("lock")));
    if !is_held()? {
        let alone = alone(config, meta.ledger.bytes(), &key, &anchors)?;
        // Who came meanwhile may have written while we read: then that was worth nothing.
        if !is_held()? {
            return Ok(alone.with(config, key, anchors));
        }
    }
    let log = newest(dir, meta.ledger.bytes());
    let vault = key.as_ref().ok().map(|key| entries(dir, key, None).map(drop));
    let entries = key.as_ref().ok().filter(|_| !wrong_key(vault.as_ref())).map(|key| examine(dir, key, None));
    Ok(Parts { held: true, log, vault, entries, orphans: None }.with(config, key, anchors))
}

/// A look without the key.
struct Parts {
    held: bool,
    log: Result<Seen, StartError>,
    vault: Option<Result<(), StartError>>,
    entries: Option<Result<Entries, StartError>>,
    orphans: Option<usize>,
}

impl Parts {
    fn with(
        self,
        config: &Config,
        key: Result<MasterKey, StartError>,
        anchors: Result<Vec<Said>, StartError>,
    ) -> Look {
        let Self { held, log, vault, entries, orphans } = self;
        let anchor_memory = anchors::memory_faults(config);
        Look { held, log, key: key.map(drop), vault, entries, orphans, anchors, anchor_memory }
    }
}

fn alone(
    config: &Config,
    ledger: [u8; 16],
    key: &Result<MasterKey, StartError>,
    anchors: &Result<Vec<Said>, StartError>,
) -> Result<Parts, StartError> {
    let dir = &config.data_dir;
    let journal = dir.join("journal");
    let folded = if journal.exists() {
        Pending::require_none(dir).and_then(|()| fold(config, ledger, anchors.as_deref().unwrap_or_default()))
    } else if dir.join("sled").exists() {
        Err(lost(
            journal,
            Position::default(),
            "the journal is gone, only the reading copy is there".to_owned(),
        ))
    } else {
        return Err(StartError::NotInitialised(dir.clone()));
    };
    let named = folded.as_ref().ok().map(|(state, _)| &state.secrets);
    let entries = key.as_ref().ok().map(|key| entries(dir, key, named));
    let orphans = match (&folded, &entries) {
        (Ok((state, _)), Some(Ok(entries))) => Some(service::orphans(state, entries, state.at()).len()),
        _ => None,
    };
    let vault = entries.map(|it| it.map(drop));
    let state = folded.as_ref().ok().map(|(state, _)| state);
    let entries =
        key.as_ref().ok().filter(|_| !wrong_key(vault.as_ref())).map(|key| examine(dir, key, state));
    let log = folded.map(|(_, seen)| seen);
    Ok(Parts { held: false, log, vault, entries, orphans })
}

fn wrong_key(vault: Option<&Result<(), StartError>>) -> bool {
    matches!(vault, Some(Err(StartError::WrongKey)))
}

/// Opens every entry that the log names, where its state is known; looks at the key slots otherwise.
fn examine(dir: &Path, key: &MasterKey, state: Option<&State>) -> Result<Entries, StartError> {
    let path = dir.join("vault");
    if !Vault::is_in(&path) && state.is_none_or(|state| !state.secrets.is_empty()) {
        return Err(super::vault::lost(dir, "it is missing"));
    }
    let copy = vault::Copy::read(&path)?;
    if let Some(lost) = super::vault::foreign_copy(dir, &copy, state.map(|state| &state.secrets))? {
        return Err(lost);
    }
    let damaged = copy.damaged(key);
    let Some(state) = state else {
        let (named, strays) = (copy.ids().count() + copy.bare().count(), damaged.len());
        return Ok(Entries { named, unreadable: Vec::new(), strays, opened: false });
    };
    let owners = service::owners(state);
    let unreadable = state.secrets.iter().filter_map(|(id, secret)| {
        let flaw = copy.flaw(key, id, secret)?;
        let administrator = secret.administrator().or_else(|| owners.get(&id).copied());
        let whose = administrator.and_then(|id| state.directory.administrator(id));
        let whose = whose.map(|it| it.user_name.clone());
        Some(Lost { entry: service::entry_name(id, secret), secret, whose, flaw: flaw.text() })
    });
    let unreadable = unreadable.collect();
    let strays = damaged.iter().filter(|it| state.secrets.of(&it.id).is_none()).count();
    Ok(Entries { named: state.secrets.len(), unreadable, strays, opened: true })
}

/// The entries of the vault, if it is the one of this log and the key is its key.
fn entries(dir: &Path, key: &MasterKey, named: Option<&Secrets>) -> Result<Vec<EntryId>, StartError> {
    super::vault::require_recorded(dir)?;
    match Vault::look(&dir.join("vault"), key) {
        Err(vault::OpenError::WrongKey) => {
            Err(super::vault::foreign(dir, named)?.unwrap_or(StartError::WrongKey))
        }
        looked => Ok(looked?),
    }
}

/// All of the log, held against what was signed for it.
fn fold(config: &Config, ledger: [u8; 16], anchors: &[Said]) -> Result<(State, Seen), StartError> {
    let dir = &config.data_dir;
    let edge = raw::Edge::read(dir)?;
    let signing = match signing::read(config) {
        Err(error) if error.is_integrity() => return Err(error),
        signing => signing,
    };
    let signed = signing.as_ref().ok().into_iter().flatten().map(|it| it.last.checkpoint.size).next();
    let edge = edge.signed_to(signed.map(crate::log::Position));
    let own = signing.as_ref().ok().into_iter().flatten().map(Signing::remembered);
    let remembered = own.chain(anchors.iter().filter_map(Said::held_against)).collect();
    let mut holding = Holding::new(remembered, Some(TileStore::new(dir, Disk::real())));
    let mut state = State::default();
    let mut stopped = None;
    let scan = raw::scan_to(dir, Some(ledger), edge, |frame| {
        let position = Position(frame.position.0);
        holding.record(position.0, frame.record());
        let decoded = codec::decode(frame.record()).map_err(|error| error.to_string());
        let folded = decoded.and_then(|it| state.apply(position, &it).map_err(|error| error.to_string()));
        if let (Err(why), None) = (folded, &stopped) {
            stopped = Some(format!("position {position}: {why}"));
        }
        ControlFlow::Continue(())
    })?;
    let head = Position(scan.head.0);
    holding.judge(head.0)?;
    if let Some(why) = stopped {
        return Err(StartError::Projection(Stopped(why.into())));
    }
    let newest = (head > Position::default()).then(|| state.at());
    let signed = signing.map(|signing| signing.map(|it| it.last.checkpoint.size));
    Ok((state, Seen { head, newest, torn: scan.torn, signed }))
}

/// The log does not go on behind `head`, and should.
fn lost(file: PathBuf, head: Position, why: String) -> StartError {
    let position = crate::log::Position(head.0 + 1);
    OpenError::Integrity { file, offset: 0, position, why }.into()
}

/// The newest record of a log that somebody else writes.
fn newest(dir: &Path, ledger: [u8; 16]) -> Result<Seen, StartError> {
    let Some(entry) = raw::newest(dir, ledger)? else {
        return Ok(Seen { head: Position::default(), newest: None, torn: None, signed: Ok(None) });
    };
    let head = Position(entry.position.0);
    let unreadable = |error| StartError::Projection(Stopped(format!("position {head}: {error}").into()));
    let record = codec::decode(&entry.record).map_err(unreadable)?;
    Ok(Seen { head, newest: Some(record.at), torn: None, signed: Ok(None) })
}
