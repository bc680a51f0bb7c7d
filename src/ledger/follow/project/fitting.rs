//! Snapshots held against the log: what they name must be what it holds.

use std::io;
use std::sync::Arc;

use mfa_ledger_log::{self as log, Log, ReadError};
use mfa_ledger_projections::State;
use mfa_ledger_projections::activity::Block;
use mfa_ledger_schemas::Position;
use sha2::{Digest, Sha256};

use crate::follow::snapshot::{Found, Misfit, Place, Restored, SaveError, Snapshots};

/// From the beginning to the end.
pub(super) const ANYWHERE: (Position, Position) = (Position(0), Position(u64::MAX));

/// The newest snapshot behind a position and not beyond another, that fits the log.
pub(super) async fn restored(
    log: &Arc<dyn Log>,
    snapshots: Arc<Snapshots>,
    (behind, until): (Position, Position),
    at_hand: Vec<Arc<Block>>,
) -> Option<Restored> {
    let blocking = |work: Box<dyn FnOnce() -> Result<Restored, Misfit> + Send>| async {
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(Misfit::Malformed))
    };
    let mut told_version = false;
    for found in snapshots.found() {
        let begin = until == Position(u64::MAX);
        if !begin && found.position.is_none_or(|position| position <= behind || position > until) {
            continue;
        }
        let (reader, path, blocks) = (Arc::clone(&snapshots), found.clone(), at_hand.clone());
        let read = move || if begin { reader.read_first(&path) } else { reader.read(&path, &blocks) };
        let read = blocking(Box::new(read)).await;
        let fit = match read {
            Ok(restored) => {
                let position = restored.state.position().0;
                fits(log, position, restored.record).await.map(|()| restored)
            }
            Err(misfit) => Err(misfit),
        };
        match fit {
            Ok(restored) => return Some(restored),
            Err(why) => {
                tell(&found, &why, &mut told_version);
                if begin {
                    snapshots.discard(&found);
                }
            }
        }
    }
    None
}

/// One of another version is seldom alone: that is told once.
pub(super) fn tell(found: &Found, why: &Misfit, told_version: &mut bool) {
    let path = found.path.display();
    match why {
        Misfit::Version { .. } if *told_version => tracing::debug!(%path, %why, "a snapshot is left out"),
        Misfit::Version { .. } => {
            *told_version = true;
            tracing::warn!(%path, %why, "a snapshot, and all others of its version, are left out: nothing is lost");
        }
        _ => tracing::warn!(%path, %why, "a snapshot does not fit and is left out: nothing is lost"),
    }
}

/// The record that a snapshot names must be the one that the log holds.
pub(super) async fn fits(log: &Arc<dyn Log>, position: u64, named: [u8; 32]) -> Result<(), Misfit> {
    let head = log.head().await.map_err(io::Error::other)?;
    if position == 0 || position > head.0 {
        return Err(Misfit::Ahead(position));
    }
    let found = record(log, position).await.map_err(io::Error::other)?;
    if found == Some(named) { Ok(()) } else { Err(Misfit::History(position)) }
}

pub(super) async fn record(log: &Arc<dyn Log>, position: u64) -> Result<Option<[u8; 32]>, ReadError> {
    let entries = log.entries(&[log::Position(position)]).await?;
    Ok(entries.first().map(|entry| Sha256::digest(&entry.record).into()))
}

/// A snapshot that cannot be written costs the next start time, and nothing else.
pub(super) async fn save(log: &Arc<dyn Log>, snapshots: &Arc<Snapshots>, state: State, place: Place) {
    let position = state.position();
    let record = match record(log, position.0).await {
        Ok(Some(record)) => record,
        Ok(None) => return tracing::warn!(%position, "no snapshot: the log has no such record"),
        Err(error) => return tracing::warn!(%position, %error, "no snapshot: its record cannot be read"),
    };
    let (told, snapshots) = (Arc::clone(snapshots), Arc::clone(snapshots));
    let saved = tokio::task::spawn_blocking(move || snapshots.save(&state, record, place)).await;
    match saved {
        Ok(Ok(())) => tracing::debug!(%position, ?place, "a snapshot was written"),
        Ok(Err(error @ SaveError::LittleRoom { .. })) if told.first_without_room() => {
            tracing::warn!(%position, %error, "no snapshots while the disk is nearly full: nothing is lost but time");
        }
        Ok(Err(error @ SaveError::LittleRoom { .. })) => tracing::debug!(%position, %error, "no snapshot"),
        Ok(Err(error)) => tracing::warn!(%position, %error, "a snapshot could not be written"),
        Err(error) => tracing::warn!(%position, %error, "a snapshot could not be written"),
    }
}
