//! `POST /v1/alerts/{id}/acknowledge`: say that one looks into an alert.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::alerts::{AlertDecided, Stage};
use mfa_ledger_api::note::Note;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AlertId;

use crate::{App, Meta, OptionalBody, PathId, Problem, Signed, receipt};

/// Acknowledge an alert: you look into it.
#[utoipa::path(
    post, path = "/v1/alerts/{id}/acknowledge", tag = "alerts", request_body = Option<Note>,
    params(("id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "Acknowledged", body = AlertDecided)),
)]
pub(crate) async fn acknowledge(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(alert): PathId<AlertId>,
    meta: Meta,
    OptionalBody { value, bytes }: OptionalBody<Note>,
) -> Result<(HeaderMap, Json<AlertDecided>), Problem> {
    let command = command::AcknowledgeAlert { alert, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let body = AlertDecided { alert, stage: Stage::Acknowledged, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
