//! A data directory looked at without touching it: no lock is kept, nothing is mended, swept or written,
//! and a server that runs on it does not notice.

use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Instant, Position, codec};

use super::meta::Meta;
use super::{StartError, master_key};
use crate::config::Config;
use crate::follow::project::Stopped;
use crate::log::embedded::{OpenError, raw};
use crate::service;
use crate::vault::{MasterKey, Vault};

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
    /// Entries of the vault that nothing names; `None` where that was not looked for, since the directory
    /// was held, or the log or the vault could not be read.
    pub orphans: Option<usize>,
}

/// A log.
#[derive(Debug)]
pub struct Seen {
    /// The newest record.
    pub head: Position,
    /// When it was made; `None` when there is no record.
    pub newest: Option<Instant>,
    /// Bytes of a torn end that nobody was answered for, which the next start cuts off.
    pub torn: Option<u64>,
}

/// Looks at the data directory of a configuration. Blocks: reads all of the journal if no server holds it.
///
/// # Errors
/// When there is no ledger in it, or not one that this version knows.
pub fn look(config: &Config) -> Result<Look, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let key = master_key::read(config);
    let is_held = || raw::is_held(dir).map_err(StartError::io(dir.join("lock")));
    if !is_held()? {
        let alone = alone(dir, meta.ledger.bytes(), &key)?;
        // Who came meanwhile may have written while we read: then that was worth nothing.
        if !is_held()? {
            return Ok(alone.with(key));
        }
    }
    let log = newest(dir, meta.ledger.bytes());
    let vault = key.as_ref().ok().map(|key| entries(dir, key).map(drop));
    Ok(Parts { held: true, log, vault, orphans: None }.with(key))
}

/// A look without the key.
struct Parts {
    held: bool,
    log: Result<Seen, StartError>,
    vault: Option<Result<(), StartError>>,
    orphans: Option<usize>,
}

impl Parts {
    fn with(self, key: Result<MasterKey, StartError>) -> Look {
        let Self { held, log, vault, orphans } = self;
        Look { held, log, key: key.map(drop), vault, orphans }
    }
}

fn alone(dir: &Path, ledger: [u8; 16], key: &Result<MasterKey, StartError>) -> Result<Parts, StartError> {
    let entries = key.as_ref().ok().map(|key| entries(dir, key));
    let journal = dir.join("journal");
    if !journal.exists() {
        if !dir.join("sled").exists() {
            return Err(StartError::NotInitialised(dir.into()));
        }
        let why = "the journal is gone, only the reading copy is there".to_owned();
        let gone = OpenError::Integrity { file: journal, offset: 0, position: crate::log::Position(1), why };
        return Ok(Parts {
            held: false,
            log: Err(gone.into()),
            vault: entries.map(|it| it.map(drop)),
            orphans: None,
        });
    }
    let folded = fold(dir, ledger);
    let orphans = match (&folded, &entries) {
        (Ok((state, _)), Some(Ok(entries))) => Some(service::orphans(state, entries.clone()).len()),
        _ => None,
    };
    let log = folded.map(|(_, seen)| seen);
    Ok(Parts { held: false, log, vault: entries.map(|it| it.map(drop)), orphans })
}

fn entries(dir: &Path, key: &MasterKey) -> Result<Vec<[u8; 16]>, StartError> {
    Ok(Vault::look(&dir.join("vault"), key)?)
}

/// All of the log.
fn fold(dir: &Path, ledger: [u8; 16]) -> Result<(State, Seen), StartError> {
    let mut state = State::default();
    let mut stopped = None;
    let scan = raw::scan(dir, Some(ledger), |frame| {
        let position = Position(frame.position.0);
        let decoded = codec::decode(frame.record()).map_err(|error| error.to_string());
        let folded = decoded.and_then(|it| state.apply(position, &it).map_err(|error| error.to_string()));
        match folded {
            Ok(_) => ControlFlow::Continue(()),
            Err(why) => {
                stopped = Some(format!("position {position}: {why}"));
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(why) = stopped {
        return Err(StartError::Projection(Stopped(why.into())));
    }
    let head = Position(scan.head.0);
    let newest = (head > Position::default()).then(|| state.at());
    Ok((state, Seen { head, newest, torn: scan.torn.map(|cut| cut.bytes) }))
}

/// The newest record of a log that somebody else writes.
fn newest(dir: &Path, ledger: [u8; 16]) -> Result<Seen, StartError> {
    let Some(entry) = raw::newest(dir, ledger)? else {
        return Ok(Seen { head: Position::default(), newest: None, torn: None });
    };
    let head = Position(entry.position.0);
    let unreadable = |error| StartError::Projection(Stopped(format!("position {head}: {error}").into()));
    let record = codec::decode(&entry.record).map_err(unreadable)?;
    Ok(Seen { head, newest: Some(record.at), torn: None })
}
