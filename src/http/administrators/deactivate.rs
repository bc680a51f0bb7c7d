//! `POST /v1/administrators/{id}/deactivate`: end somebody's access.

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

/// Whose access has ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdministratorDeactivated {
    administrator: AdministratorId,
    /// How many sessions ended with it.
    sessions_ended: u32,
    #[serde(flatten)]
    receipt: Receipt,
}

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
    let intent = Intent::DeactivateAdministrator { administrator, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, intent).await?;
    let Event::AdministratorDeactivated(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let sessions_ended = event.sessions_ended;
    let body = AdministratorDeactivated { administrator, sessions_ended, receipt: Receipt::of(&done) };
    Ok((Receipt::headers(&done), Json(body)))
}
