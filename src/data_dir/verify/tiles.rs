//! The tiles of a log are copies of its tree: nothing is lost where they differ from it.

use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger_schemas::codec;

use crate::data_dir::StartError;
use crate::follow::seal::Unwritten;
use crate::log::embedded::raw;
use crate::tiles::TileStore;
use crate::tlog::{TileBuilder, leaf_hash};

/// What is told of a log whose tiles differ from it while it is served: the sealer has them.
pub(super) const DIFFER: &str =
    "tiles of the log are not there, or differ from it: the next start reads all of it, and makes them anew";

/// Makes all full tiles anew, from the log; also those that could not be written, most likely for want of
/// room: the sealer tries them again.
pub(in crate::data_dir) fn rebuild(
    data_dir: &Path,
    tiles: &TileStore,
) -> Result<(TileBuilder, Unwritten), StartError> {
    let (mut builder, mut unwritten, mut failed) = (TileBuilder::default(), Unwritten::new(), tiles.clear());
    raw::scan(data_dir, None, |frame| {
        let Ok(halves) = codec::halves(frame.record()) else { return ControlFlow::Break(()) };
        builder.push(leaf_hash(halves.leaf.as_bytes()), |tile, hashes| {
            if failed.is_ok() {
                failed = tiles.write(tile, hashes);
            }
            if failed.is_err() {
                unwritten.push((tile, hashes.to_vec()));
            }
        });
        ControlFlow::Continue(())
    })?;
    if let Err(error) = failed {
        tracing::warn!(%error, "the tiles of the log cannot be written; the checkpoints wait for them");
    }
    Ok((builder, unwritten))
}
