//! `GET /v1/log/keys`: the public keys that checkpoints are signed with.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::sealer;
use crate::App;
use crate::problem::Problem;

/// The public keys of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogKeys {
    /// The origin that checkpoints name now.
    origin: String,
    /// Verifier keys (c2sp.org/signed-note), the newest last; retired ones verify older checkpoints.
    keys: Vec<String>,
}

/// The public keys that checkpoints are, and were, signed with.
///
/// To be compared with what the operator hands out another way: a server that lies lies here too.
#[utoipa::path(
    get, path = "/v1/log/keys", tag = "log", security(()),
    responses((status = 200, description = "The keys", body = LogKeys)),
)]
pub(crate) async fn keys(State(app): State<App>) -> Result<Json<LogKeys>, Problem> {
    let sealer = sealer(&app)?;
    let keys = sealer.verifiers().iter().map(ToString::to_string).collect();
    Ok(Json(LogKeys { origin: sealer.newest().signed.checkpoint.origin.clone(), keys }))
}
