//! `GET /tile/…`: the tree in tiles of 256 hashes, and its leaves in bundles (`c2sp.org/tlog-tiles`).

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_base::tlog::tile::{self, Kind, TILE_WIDTH, Tile};
use mfa_ledger_ledger::follow::seal::ProofError;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::Position;

use super::sealer;
use crate::activity::noted::noted;
use crate::{App, Meta, Problem, Signed};

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The format that the record of an export names.
const LEAVES: &str = "leaves";

/// A tile never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// What leaves are shown to may not lie in a shared cache.
const PRIVATE: HeaderValue = HeaderValue::from_static("no-store");

pub(crate) async fn tile(
    State(app): State<App>,
    Path(path): Path<String>,
    signed: Result<Signed, Problem>,
    meta: Meta,
) -> Result<Response, Problem> {
    let tile: Tile = format!("tile/{path}").parse().map_err(|_| Problem::new("not-found"))?;
    let (bytes, keep) = match tile.kind {
        Kind::Hashes(_) => (hashes(&app, tile)?, FOR_EVER),
        Kind::Entries => (entries(&app, signed?, &meta, tile).await?, PRIVATE),
    };
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, keep)], bytes).into_response())
}

fn hashes(app: &App, tile: Tile) -> Result<Vec<u8>, Problem> {
    let hashes = sealer(app)?.tile(tile).map_err(ProofError::from)?;
    let hashes = hashes.ok_or_else(|| Problem::new("not-found"))?;
    Ok(hashes.into_iter().flat_map(|hash| hash.0).collect())
}

async fn entries(app: &App, Signed(caller): Signed, meta: &Meta, tile: Tile) -> Result<Vec<u8>, Problem> {
    // No log has leaves that cannot be counted.
    let before = tile.index.checked_mul(u64::from(TILE_WIDTH)).ok_or_else(|| Problem::new("not-found"))?;
    let last = before.checked_add(u64::from(tile.width)).ok_or_else(|| Problem::new("not-found"))?;
    let first = before + 1;
    let call = meta.call(app, caller, &[], false);
    let query = format!("positions={first}-{last}");
    noted(app, call, command::ExportActivity { format: LEAVES.to_owned(), query }).await?;
    let sealed = sealer(app)?.newest().signed.checkpoint.size;
    if last > sealed {
        return Err(Problem::new("not-found"));
    }
    let positions: Vec<_> = (first..=last).map(Position).collect();
    let records = app.service.activity_records(&positions).await?;
    Ok(tile::bundle(records.iter().map(|record| record.leaf.as_bytes())))
}
