//! A log of any length, as a server would have left it: journal, tiles, checkpoint, keys.

use std::path::{Path, PathBuf};

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::keyring::Keyring;
use mfa_ledger::log::embedded::Sizes;
use mfa_ledger::log::embedded::raw::{JournalWriter, Seal};
use mfa_ledger::log::{Position, Stream};
use mfa_ledger::tiles::TileStore;
use mfa_ledger::tlog::{Checkpoint, Note, TileBuilder, leaf_hash};
use mfa_ledger_schemas::bodies::SessionsRevoked;
use mfa_ledger_schemas::{
    Actor, AdministratorId, Context, Event, EventId, Instant, LedgerId, Origin, Record, StreamName, codec,
};

use crate::Outcome;

/// Makes a log of so many records, and tells its data directory.
pub fn log(directory: &Path, records: u64) -> Outcome<PathBuf> {
    let (data_dir, disk) = (directory.join("ledger"), Disk::real());
    disk.create_dir_all(&data_dir)?;
    let ledger = LedgerId::from_bytes([7; 16]);
    let meta = serde_json::json!({ "format": 1, "ledger": ledger, "created": Instant::from_unix_ms(0) });
    std::fs::write(data_dir.join("ledger.json"), meta.to_string())?;
    let sizes = Sizes { ahead: 0, ..Sizes::default() };
    let mut writer = JournalWriter::create(&data_dir, ledger.bytes(), &disk, sizes)?;
    let (tiles, mut tree) = (TileStore::new(&data_dir, disk.clone()), TileBuilder::default());
    let (seal, mut frame) = (Seal::new(ledger.bytes()), Vec::new());
    for number in 1..=records {
        let record = record(number);
        let stored = codec::encode(ledger, &record)?;
        let leaf = codec::halves(&stored)?.leaf;
        let mut outcome = Ok(());
        tree.push(leaf_hash(leaf.as_bytes()), |tile, hashes| {
            if outcome.is_ok() {
                outcome = tiles.write(tile, hashes);
            }
        });
        outcome?;
        frame.clear();
        let (position, stream) = (Position(number), Stream::new(&record.stream.to_string()));
        seal.write(&mut frame, position, position, &stream, &stored);
        writer.push(&seal.parse(&frame)?, &frame)?;
    }
    writer.finish()?;
    tiles.write_edge(&tree)?;
    let keyring = Keyring::generate(&ledger.to_string(), &Chance::System);
    keyring.create(&directory.join("ledger.signing"), &disk, &Chance::System)?;
    let checkpoint = Checkpoint { origin: keyring.origin().to_owned(), size: tree.size(), root: tree.root() };
    let mut note = Note::unsigned(checkpoint.text())?;
    note.sign(keyring.signing());
    std::fs::write(data_dir.join("checkpoint"), note.to_string())?;
    Ok(data_dir)
}

/// A short one; no two are alike.
fn record(number: u64) -> Record {
    let mut id = [3; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    let administrator = AdministratorId::from_bytes(id);
    Record {
        id: EventId::from_bytes(id),
        stream: StreamName::Administrator(administrator),
        reads: Vec::new(),
        at: Instant::from_unix_ms(1_777_885_200_000).plus_seconds(i64::try_from(number / 100).unwrap_or(0)),
        actor: Actor::anonymous(),
        target: None,
        origin: Origin::default(),
        request: String::new(),
        idempotency: None,
        context: Context::default(),
        event: Event::SessionsRevoked(SessionsRevoked { administrator, sessions_ended: 1 }),
    }
}
