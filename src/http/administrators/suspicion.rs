//! `POST /v1/administrators/{id}/suspicion/clear`: somebody looked into it.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::SuspicionCleared;
use mfa_ledger_api::note::Note;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use crate::{App, Meta, OptionalBody, PathId, Problem, Signed, receipt};

/// Clear a suspicion, with a note that says why: a reset of the account no longer needs a second person for it.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/suspicion/clear", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    request_body = Option<Note>,
    responses((status = 200, description = "Cleared", body = SuspicionCleared)),
)]
pub(crate) async fn clear(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(administrator): PathId<AdministratorId>,
    meta: Meta,
    OptionalBody { value, bytes }: OptionalBody<Note>,
) -> Result<(HeaderMap, Json<SuspicionCleared>), Problem> {
    let command = command::ClearSuspicion { administrator, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let body = SuspicionCleared { administrator, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
