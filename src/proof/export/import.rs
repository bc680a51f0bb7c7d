//! Making a data directory of an export.

use std::io::BufRead;
use std::path::Path;

use mfa_ledger_base::disk::{Disk, Staging};
use mfa_ledger_base::tiles::{CHECKPOINT, TileStore};
use mfa_ledger_base::tlog::{Hash, TileBuilder, VerifierKey};
use mfa_ledger_log::embedded::Sizes;
use mfa_ledger_log::embedded::raw::JournalWriter;
use mfa_ledger_schemas::{Instant, LedgerId, codec};
use serde::Serialize;

use super::{ExportError, Form, Header, reading};
use crate::integrity::data_dir::{self, Against};
use crate::integrity::{Examined, RestoreMark, signers};

/// The format of the data directories that are made.
const FORMAT: u32 = 1;

/// A log that was imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the export said of itself.
    pub header: Header,
    /// The root over the records, read back.
    pub root: Hash,
    /// The keys that have signed the checkpoint.
    pub signed_by: Vec<String>,
}

/// `ledger.json`, as the server has it.
#[derive(Serialize)]
struct Meta {
    format: u32,
    ledger: LedgerId,
    created: Instant,
}

/// Makes a data directory of the raw export of a whole log: journal, tiles, checkpoint and `ledger.json`. It is
/// built beside, read back, held against the checkpoint, and only then put in its place; the target may be there
/// as an empty directory. There is no vault in it, nor are there keys. What `operator` does here is recorded by the first
/// start. Blocks.
///
/// # Errors
/// [`ExportError`]; then nothing is there, unless only the name could not be made durable.
pub fn import(
    input: &mut impl BufRead,
    data_dir: &Path,
    keys: Option<&[VerifierKey]>,
    operator: &str,
    disk: &Disk,
) -> Result<Imported, ExportError> {
    Staging::refuse_existing(data_dir, true)?;
    let header = Header::read(input)?;
    header.open(keys)?;
    if header.form != Form::Raw {
        return Err(ExportError::NotWhole("this one has the public halves alone".into()));
    }
    if !header.is_whole() {
        let (from, to, size) = (header.from, header.to, header.signed.checkpoint.size);
        return Err(ExportError::NotWhole(format!("this one has positions {from} to {to} of {size}")));
    }
    let staging = Staging::begin(data_dir, true, disk)?;
    let to = staging.dir();
    let created = journal(input, &header, to, disk)?;
    put(disk, to, "ledger.json", &meta(header.ledger, created))?;
    put(disk, to, CHECKPOINT, header.signed.note.to_string().as_bytes())?;
    let against = Against { keys: keys.map(<[_]>::to_vec), ..Against::default() };
    let verified = data_dir::verify(to, against, 1..=u64::MAX, |_| {})?;
    let size = header.signed.checkpoint.size;
    if (verified.size, verified.torn_bytes) != (size, 0) {
        return Err(ExportError::damaged(verified.size + 1, "what was written is not what was read"));
    }
    let mark = RestoreMark { operator: operator.to_owned(), kept: size, backup_at: None };
    mark.store(to, disk).map_err(|error| ExportError::Io(to.into(), error))?;
    staging.finish()?;
    let signed_by = signers(&header.signed, keys);
    Ok(Imported { header, root: verified.root, signed_by })
}

/// Writes journal and tiles, and tells when the first record was made.
fn journal(
    input: &mut impl BufRead,
    header: &Header,
    dir: &Path,
    disk: &Disk,
) -> Result<Option<Instant>, ExportError> {
    let failed = |error| ExportError::Io(dir.into(), error);
    // Nobody appends to it there: no zeros ahead.
    let sizes = Sizes { ahead: 0, ..Sizes::default() };
    let mut writer = JournalWriter::create(dir, header.ledger.bytes(), disk, sizes).map_err(failed)?;
    let (tiles, mut tree) = (TileStore::new(dir, disk.clone()), TileBuilder::default());
    let (mut created, mut outcome) = (None, Ok(()));
    reading::records(input, header, |position, frame, bytes| {
        let Some(frame) = frame else { return false };
        if position == 1 {
            created = codec::decode(frame.record()).ok().map(|record| record.at);
        }
        outcome = writer.push(frame, bytes);
        tree.push(Examined::hashed(frame.record()).hash, |tile, hashes| {
            if outcome.is_ok() {
                outcome = tiles.write(tile, hashes);
            }
        });
        outcome.is_ok()
    })?;
    outcome.map_err(failed)?;
    writer.finish().map_err(failed)?;
    tiles.write_edge(&tree).map_err(failed)?;
    Ok(created)
}

/// When a ledger began is not in its log; its first record is of the same hour.
fn meta(ledger: LedgerId, created: Option<Instant>) -> Vec<u8> {
    let created = created.unwrap_or(Instant::from_unix_ms(0));
    let meta = Meta { format: FORMAT, ledger, created };
    let mut json = serde_json::to_vec_pretty(&meta).expect("ids and times are JSON");
    json.push(b'\n');
    json
}

fn put(disk: &Disk, dir: &Path, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
    let path = dir.join(name);
    let write = || {
        let file = disk.create_new(&path)?;
        file.write_all_at(bytes, 0)?;
        file.sync_data()
    };
    write().map_err(|error| ExportError::Io(path.clone(), error))
}
