//! `POST /v1/administrators/{id}/reactivate`: give access back.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::AdministratorReactivated;
use mfa_ledger_api::note::Note;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use crate::{App, Meta, OptionalBody, PathId, Problem, Signed, receipt};

/// Give access back, to a deactivated or a frozen account.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/reactivate", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    request_body = Option<Note>,
    responses((status = 200, description = "Reactivated", body = AdministratorReactivated)),
)]
pub(crate) async fn reactivate(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(administrator): PathId<AdministratorId>,
    meta: Meta,
    OptionalBody { value, bytes }: OptionalBody<Note>,
) -> Result<(HeaderMap, Json<AdministratorReactivated>), Problem> {
    let command = command::ReactivateAdministrator { administrator, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let body = AdministratorReactivated {
        administrator,
        was_frozen: event.was_frozen,
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
