//! `GET /v1/log/keys`: the public keys that checkpoints are signed with.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::log::LogKeys;
use mfa_ledger_ledger::follow::seal::Sealer;

use super::sealer;
use crate::{App, Problem};

/// The public keys that checkpoints are, and were, signed with.
///
/// To be compared with what the operator hands out another way: a server that lies lies here too.
#[utoipa::path(
    get, path = "/v1/log/keys", tag = "log", security(()),
    responses((status = 200, description = "The keys", body = LogKeys)),
)]
pub(crate) async fn keys(State(app): State<App>) -> Result<Json<LogKeys>, Problem> {
    Ok(Json(known(sealer(&app)?)))
}

/// All of them.
pub(super) fn known(sealer: &Sealer) -> LogKeys {
    let keys = sealer.verifiers().iter().map(ToString::to_string).collect();
    LogKeys { origin: sealer.newest().signed.checkpoint.origin.clone(), keys }
}
