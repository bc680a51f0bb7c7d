//! Making a backup.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use mfa_ledger_base::clock::Clock;
use mfa_ledger_base::disk::{Disk, Staging};
use mfa_ledger_base::tiles::CHECKPOINT;
use mfa_ledger_base::tlog::VerifierKey;
use mfa_ledger_log::Position;
use mfa_ledger_log::embedded::raw;
use mfa_ledger_schemas::Instant;
use mfa_ledger_vault::{self as vault, MasterKey};

use super::checked::{self, Found, LEDGER};
use super::journal::{self, Copying};
use super::manifest::{LogPart, MANIFEST, Manifest, VaultPart};
use super::named::missing as missing_of;
use super::{BackupError, Missing, files};
use crate::integrity::JournalError;

/// How often the log is taken on to a newer checkpoint for the sake of the vault.
const ROUNDS: usize = 5;

/// How often the checkpoint is looked at while a newer one is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks after which none is waited for any longer: 3 s; a server that works makes one every second.
const LOOKS: usize = 60;

/// What is to be backed up, and how.
pub struct Create<'a> {
    /// The data directory.
    pub data_dir: &'a Path,
    /// Where the backup goes: a directory that is not there yet.
    pub to: &'a Path,
    /// Whether the vault goes with it.
    pub with_vault: bool,
    /// The keys that may have signed the checkpoint; `None` when that is not looked at.
    pub keys: Option<&'a [VerifierKey]>,
    /// The master key, where it is at hand: entries that it does not open are named as missing.
    pub master: Option<&'a MasterKey>,
    /// What time it is.
    pub clock: &'a Clock,
    /// How files are written.
    pub disk: &'a Disk,
}

/// Makes a backup, beside a server or without one. Blocks.
///
/// # Errors
/// [`BackupError`]; then there is no backup, unless only its name could not be made durable.
pub fn create(ask: &Create<'_>) -> Result<Manifest, BackupError> {
    let created = Instant::from_unix_ms(ask.clock.unix_ms());
    if !ask.data_dir.join(LEDGER).exists() {
        return Err(BackupError::NoLedger(ask.data_dir.into()));
    }
    let staging = Staging::begin(ask.to, false, ask.disk)?;
    let hold = Hold::on(ask.data_dir)?;
    let manifest = build(ask, staging.dir(), created, !matches!(hold, Hold::Theirs))?;
    drop(hold);
    staging.finish()?;
    Ok(manifest)
}

fn build(ask: &Create<'_>, to: &Path, created: Instant, alone: bool) -> Result<Manifest, BackupError> {
    let (meta, ledger) = checked::ledger(ask.data_dir)?;
    let mut log = Copying::begin(to, ledger.bytes(), ask.disk)?;
    if !alone {
        await_sealed(ask, ledger.bytes())?;
    }
    let mut found = advance(ask, &mut log, alone)?;
    checked::same_ledger(ask.data_dir, &found, ledger)?;
    let vault = if ask.with_vault {
        let (copy, missing) = copy_vault(ask, &mut log, &mut found, alone)?;
        copy.write(&to.join("vault"), ask.disk).map_err(BackupError::io(to))?;
        Some(VaultPart { entries: copy.ids().count(), opened: ask.master.is_some(), missing })
    } else {
        None
    };
    log.finish(to)?;
    put(ask.disk, to, LEDGER, &meta)?;
    put(ask.disk, to, CHECKPOINT, &found.bytes)?;
    // Read back: what was altered must not become a backup.
    let checkpoint = &found.signed.checkpoint;
    let proven = journal::prove(to, ledger.bytes(), checkpoint)?;
    let log = LogPart {
        records: proven.records,
        origin: checkpoint.origin.clone(),
        size: checkpoint.size,
        root: journal::root_text(&checkpoint.root),
    };
    let items = files::list(to)?.iter().map(|path| files::item(to, path)).collect::<Result<_, _>>()?;
    let manifest = Manifest::new(ledger, created, log, vault, items);
    put(ask.disk, to, MANIFEST, &manifest.to_bytes(to)?)?;
    Ok(manifest)
}

/// Waits until what is in the log by now is signed for: whoever was answered before the backup was begun finds
/// that in it.
fn await_sealed(ask: &Create<'_>, ledger: [u8; 16]) -> Result<(), BackupError> {
    let head = raw::newest(ask.data_dir, ledger)?.map_or(0, |entry| entry.position.0);
    let mut size = checked::checkpoint(ask.data_dir, ask.keys)?.signed.checkpoint.size;
    while size < head {
        if !wait_for_newer(ask, size)? {
            tracing::warn!(
                size,
                head,
                "the server signs no checkpoints: what it recorded last is not in the backup"
            );
            return Ok(());
        }
        size = checked::checkpoint(ask.data_dir, ask.keys)?.signed.checkpoint.size;
    }
    Ok(())
}

/// Copies the log up to the newest checkpoint, to its end where nobody writes to it.
fn advance(ask: &Create<'_>, log: &mut Copying, alone: bool) -> Result<Found, BackupError> {
    // The checkpoint first: what it was signed for is durable, and the journal only grows. The mark of an orderly stop
    // before it: at that time the checkpoint covered everything.
    let edge = raw::Edge::read(ask.data_dir)?;
    let found = checked::checkpoint(ask.data_dir, ask.keys)?;
    let size = found.signed.checkpoint.size;
    log.extend(ask.data_dir, (!alone).then_some(size), edge.signed_to(Some(Position(size))))
        .map_err(altered)?;
    Ok(found)
}

/// A journal that cannot become a backup as it is, with what to do about it.
fn altered(error: BackupError) -> BackupError {
    match error {
        BackupError::Journal(error) => match JournalError::of(error, 0) {
            JournalError::Tampered(tampered) => BackupError::Tampered(tampered),
            JournalError::Open(error) => BackupError::Journal(error),
        },
        error => error,
    }
}

/// The entries that the log copy names; see the module's docs for the order of things.
fn copy_vault(
    ask: &Create<'_>,
    log: &mut Copying,
    found: &mut Found,
    alone: bool,
) -> Result<(vault::Copy, Vec<Missing>), BackupError> {
    let dir = ask.data_dir.join("vault");
    let mut copy = read_vault(ask, &dir, log)?;
    let mut missing = missing_of(log.named(), |id| copy.has(id));
    for _ in 0..ROUNDS {
        if missing.is_empty() || alone || !wait_for_newer(ask, found.signed.checkpoint.size)? {
            break;
        }
        *found = advance(ask, log, alone)?;
        copy.add(read_vault(ask, &dir, log)?);
        copy.keep(|id| log.named().of(id).is_some());
        let still = missing_of(log.named(), |id| copy.has(id));
        if std::mem::replace(&mut missing, still) == missing {
            break;
        }
    }
    Ok((copy, missing))
}

/// What the vault holds of that which the log copy names, and the master key, if there is one, opens.
fn read_vault(ask: &Create<'_>, dir: &Path, log: &Copying) -> Result<vault::Copy, BackupError> {
    let mut copy = vault::Copy::read(dir)?;
    let known = vault::Remembered::read(ask.data_dir).map_err(BackupError::io(ask.data_dir))?;
    let named = log.named();
    let has_begun = named.has_begun(&data_encoding::HEXLOWER.encode(&copy.id()));
    if let Some(why) = copy.foreign(known.as_ref(), has_begun, named.iter().map(|(id, _)| id)) {
        return Err(BackupError::OtherVault { dir: dir.into(), why });
    }
    copy.keep(|id| log.named().of(id).is_some());
    if let Some(master) = ask.master {
        copy.require_key(master)?;
        let closed: BTreeSet<_> = log
            .named()
            .iter()
            .filter(|(id, secret)| copy.has(id) && !copy.opens(master, *id, *secret))
            .map(|(id, _)| id)
            .collect();
        copy.keep(|id| !closed.contains(id));
    }
    Ok(copy)
}

fn wait_for_newer(ask: &Create<'_>, size: u64) -> Result<bool, BackupError> {
    for _ in 0..LOOKS {
        std::thread::sleep(LOOK_EVERY);
        if checked::checkpoint(ask.data_dir, ask.keys)?.signed.checkpoint.size > size {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Who has a data directory.
enum Hold {
    /// A server, or another command.
    Theirs,
    /// Nobody: servers are kept out as long as this lives.
    Ours { _lock: File },
    /// Nobody ever opened it: there is no lock to hold.
    Never,
}

impl Hold {
    fn on(data_dir: &Path) -> Result<Self, BackupError> {
        let path = data_dir.join("lock");
        let lock = match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::Never),
            opened => opened.map_err(BackupError::io(&path))?,
        };
        match lock.try_lock_shared() {
            Ok(()) => Ok(Self::Ours { _lock: lock }),
            Err(TryLockError::WouldBlock) => Ok(Self::Theirs),
            Err(TryLockError::Error(error)) => Err(BackupError::Io(path, error)),
        }
    }
}

fn put(disk: &Disk, dir: &Path, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
    let file = dir.join(name);
    let write = || {
        let file = disk.create_new(&file)?;
        file.write_all_at(bytes, 0)?;
        file.sync_data()
    };
    write().map_err(BackupError::io(&file))
}
