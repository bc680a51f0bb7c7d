//! `POST /v1/administrators/{id}/deactivate`: end somebody's access.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::AdministratorDeactivated;
use mfa_ledger_api::note::Note;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use crate::{App, Meta, OptionalBody, PathId, Problem, Signed, receipt};

/// End somebody's access: no log-in any more, every session ends.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/deactivate", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    request_body = Option<Note>,
    responses((status = 200, description = "Deactivated", body = AdministratorDeactivated)),
)]
pub(crate) async fn deactivate(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(administrator): PathId<AdministratorId>,
    meta: Meta,
    OptionalBody { value, bytes }: OptionalBody<Note>,
) -> Result<(HeaderMap, Json<AdministratorDeactivated>), Problem> {
    let command = command::DeactivateAdministrator { administrator, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let sessions_ended = event.sessions_ended;
    let body =
        AdministratorDeactivated { administrator, sessions_ended, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
