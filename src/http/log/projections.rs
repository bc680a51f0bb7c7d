//! `GET /v1/log/projections`: what this server has folded, as checksums.

use axum::Json;
use axum::extract::State;
use mfa_ledger_ledger::service::READ;
use mfa_ledger_projections::Checksum;
use mfa_ledger_schemas::{Instant, Position};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, Problem, Signed};

/// What was folded up to a position.
#[derive(Serialize, ToSchema)]
pub(crate) struct Folded {
    /// The last record that was folded.
    position: Position,
    /// Its time.
    at: Instant,
    /// SHA-256 over all that each projection keeps; the same log gives the same.
    #[schema(value_type = Vec<FoldedProjection>)]
    projections: Vec<Checksum>,
}

/// One projection.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what another crate serialises")]
pub(crate) struct FoldedProjection {
    /// Such as `directory`.
    projection: String,
    /// In hexadecimal.
    sha256: String,
}

/// A checksum of each projection, at the position up to which the log is folded.
///
/// `mfa-ledger replay` folds the log anew and compares.
#[utoipa::path(
    get, path = "/v1/log/projections", tag = "log",
    responses((status = 200, description = "The checksums", body = Folded)),
)]
pub(crate) async fn projections(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<Folded>, Problem> {
    // A copy, which shares what it can: the fold goes on meanwhile.
    let state = app.service.query(&caller, READ, |state, _| state.clone())?;
    let folded = tokio::task::spawn_blocking(move || {
        let (position, at) = (state.position(), state.at());
        state.checksums().map(|projections| Folded { position, at, projections })
    });
    let folded = folded.await.map_err(|_| Problem::new("internal-error"))?;
    folded.map(Json).map_err(|_| Problem::new("internal-error"))
}
