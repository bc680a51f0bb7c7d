//! `POST /v1/administrators/{id}/reactivate`: give access back.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::{AdministratorId, Event};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::body::OptionalBody;
use crate::meta::Meta;
use crate::note::Note;
use crate::path::PathId;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::signed::Signed;

/// Who has access again.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdministratorReactivated {
    administrator: AdministratorId,
    /// Whether the account had been frozen after a repudiated reset.
    was_frozen: bool,
    #[serde(flatten)]
    receipt: Receipt,
}

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
    let intent = Intent::ReactivateAdministrator { administrator, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, intent).await?;
    let Event::AdministratorReactivated(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let body =
        AdministratorReactivated { administrator, was_frozen: event.was_frozen, receipt: Receipt::of(&done) };
    Ok((Receipt::headers(&done), Json(body)))
}
