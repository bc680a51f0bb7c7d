//! `POST /v1/administrators/{id}/sessions/revoke`: end all sessions of somebody.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::SignedOutEverywhere;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use crate::{App, Meta, Nothing, OptionalBody, PathId, Problem, Signed, receipt};

/// End all sessions of somebody, or of oneself, this one included.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/sessions/revoke", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "Ended", body = SignedOutEverywhere)),
)]
pub(crate) async fn revoke(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(administrator): PathId<AdministratorId>,
    meta: Meta,
    OptionalBody { value: Nothing {}, bytes }: OptionalBody<Nothing>,
) -> Result<(HeaderMap, Json<SignedOutEverywhere>), Problem> {
    let done = meta.execute(&app, caller, &bytes, command::RevokeSessions { administrator }).await?;
    let event = &done.event;
    let sessions_ended = event.sessions_ended;
    let body = SignedOutEverywhere { administrator, sessions_ended, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
