//! `POST /v1/administrators/{id}/personal-data/erase`: destroy the sealed values about somebody.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::administrators::PersonalDataGone;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AdministratorId;

use crate::{App, Meta, Nothing, OptionalBody, PathId, Problem, Signed, receipt};

/// Destroy names, addresses and texts about somebody who is no longer active; the log stays provable.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/personal-data/erase", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "Erased, for good", body = PersonalDataGone)),
)]
pub(crate) async fn erase(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(administrator): PathId<AdministratorId>,
    meta: Meta,
    OptionalBody { value: Nothing {}, bytes }: OptionalBody<Nothing>,
) -> Result<(HeaderMap, Json<PersonalDataGone>), Problem> {
    let done = meta.execute(&app, caller, &bytes, command::ErasePersonalData { administrator }).await?;
    let event = &done.event;
    let remaining = app.service.peek(|state| {
        state.directory.administrator(administrator).map_or(0, |administrator| administrator.annexes.len())
    });
    let erased = event.annexes.len();
    let body = PersonalDataGone { administrator, erased, remaining, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
