//! Reading snapshots back.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;

use mfa_ledger_projections::State;
use mfa_ledger_projections::activity::Block;
use mfa_ledger_schemas::Position;

use super::file::{Header, Kind, Misfit};
use super::{LATEST, PAST, Snapshots};

/// A file that may be a snapshot of a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it lies.
    pub path: PathBuf,
    /// The position that its name tells; the latest one does not tell any.
    pub position: Option<Position>,
}

/// A state that was read, and what it must be held against before it is used.
pub struct Restored {
    /// The state.
    pub state: State,
    /// The SHA-256 of the stored record at its position.
    pub record: [u8; 32],
    seals: Vec<[u8; 32]>,
}

/// One that is being read.
pub(super) type Ahead = (Found, JoinHandle<Result<Restored, Misfit>>);

impl Snapshots {
    /// Begins to read the newest one, so that it is at hand when the log is open. Nothing is believed of it here.
    pub fn read_ahead(self: &Arc<Self>) {
        let Some(found) = self.found().into_iter().next() else { return };
        let (snapshots, newest) = (Arc::clone(self), found.clone());
        let reading = std::thread::spawn(move || snapshots.read(&newest, &[]));
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some((found, reading));
    }

    /// Reads one for a start: the one that is being read already, if it is that.
    pub fn read_first(&self, found: &Found) -> Result<Restored, Misfit> {
        match self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some((ahead, reading)) if ahead == *found => reading.join().unwrap_or(Err(Misfit::Malformed)),
            _ => self.read(found, &[]),
        }
    }

    /// What lies there, the likely newest first.
    pub fn found(&self) -> Vec<Found> {
        let Ok(entries) = std::fs::read_dir(&self.dir) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_name()?.to_str()?;
                let position = match name.strip_prefix(PAST) {
                    Some(digits) => Some(Position(digits.parse().ok()?)),
                    None if name == LATEST => None,
                    None => return None,
                };
                Some(Found { path, position })
            })
            .collect();
        found.sort_by_key(|it| std::cmp::Reverse(it.position.map_or(u64::MAX, |position| position.0)));
        found
    }

    /// Reads one with its blocks; those that are at hand are not read again.
    pub fn read(&self, found: &Found, at_hand: &[Arc<Block>]) -> Result<Restored, Misfit> {
        let bytes = std::fs::read(&found.path)?;
        let (header, body, _) = Header::open(&bytes, &self.seal)?;
        let named = found.position.is_none_or(|position| position.0 == header.number);
        if header != self.header(Kind::State, header.number, header.record) || !named {
            return Err(Misfit::Other);
        }
        let (count, body) = body.split_first_chunk().ok_or(Misfit::Malformed)?;
        let count = usize::try_from(u64::from_be_bytes(*count)).map_err(|_| Misfit::Malformed)?;
        let (seals, _) = body.as_chunks::<32>();
        let seals = seals.get(..count).ok_or(Misfit::Malformed)?;
        let blocks = match at_hand.get(..count) {
            Some(blocks) => blocks.to_vec(),
            None => self.read_blocks(seals)?,
        };
        let state = State::from_snapshot(&body[seals.as_flattened().len()..], blocks)?;
        if state.position().0 != header.number {
            return Err(Misfit::Other);
        }
        Ok(Restored { state, record: header.record, seals: seals.to_vec() })
    }

    /// What was read is what is gone on with: its blocks need not be written again.
    pub fn adopt(&self, restored: Restored) -> State {
        *self.blocks.lock().unwrap_or_else(PoisonError::into_inner) = restored.seals;
        self.note(restored.state.position());
        restored.state
    }

    /// Takes one away that does not fit.
    pub fn discard(&self, found: &Found) {
        if let Err(error) = self.disk.remove(&found.path) {
            tracing::warn!(path = %found.path.display(), %error, "a snapshot that does not fit cannot be removed");
        }
    }

    /// On two threads: checking the seals takes most of the time.
    fn read_blocks(&self, seals: &[[u8; 32]]) -> Result<Vec<Arc<Block>>, Misfit> {
        let (first, second) = seals.split_at(seals.len() / 2);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| self.read_range(first.len(), second));
            let mut blocks = self.read_range(0, first)?;
            blocks.extend(second.join().map_err(|_| Misfit::Malformed)??);
            Ok(blocks)
        })
    }

    fn read_range(&self, before: usize, seals: &[[u8; 32]]) -> Result<Vec<Arc<Block>>, Misfit> {
        let read = |(number, seal): (u64, &[u8; 32])| {
            let bytes = std::fs::read(self.block(number))?;
            let (header, body, given) = Header::open(&bytes, &self.seal)?;
            if header != self.header(Kind::Block, number, [0; 32]) || given != *seal {
                return Err(Misfit::Other);
            }
            Ok(Arc::new(Block::from_bytes(body)?))
        };
        (before as u64 + 1..).zip(seals).map(read).collect()
    }
}
