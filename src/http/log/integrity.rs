//! `GET /v1/log/integrity`: what an auditor compares, in one answer.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::log::LogIntegrity;

use super::{sealed, verification};
use crate::health::{anchors, readiness};
use crate::problem::{UNSEEN, unless};
use crate::{App, Problem, Signed};

/// How the log is sealed, anchored and verified.
///
/// To trust neither this server nor its machine: `mfa-ledger log verify --url`.
#[utoipa::path(
    get, path = "/v1/log/integrity", tag = "log",
    responses((status = 200, description = "Checkpoint, readiness, anchors and verifications", body = LogIntegrity)),
)]
pub(crate) async fn integrity(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<LogIntegrity>, Problem> {
    let verified = unless(&UNSEEN, verification::seen(&app, &caller))?;
    let readiness = readiness(&app).await;
    // While the log cannot be read, the last folded record is the newest one that is known.
    let anchors = anchors(&app, readiness.head.unwrap_or(readiness.position));
    Ok(Json(LogIntegrity { sealed: sealed(&app), readiness, anchors, verified }))
}
