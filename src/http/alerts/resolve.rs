//! `POST /v1/alerts/{id}/resolve`: settle an alert.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::alerts::{AlertDecided, Resolution, Stage};
use mfa_ledger_api::text::Text;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::AlertId;

use crate::{App, Meta, OptionalBody, PathId, Problem, Signed, receipt};

/// Resolve an alert: it is settled.
#[utoipa::path(
    post, path = "/v1/alerts/{id}/resolve", tag = "alerts", request_body = Option<Resolution>,
    params(("id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "Resolved", body = AlertDecided)),
)]
pub(crate) async fn resolve(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(alert): PathId<AlertId>,
    meta: Meta,
    OptionalBody { value, bytes }: OptionalBody<Resolution>,
) -> Result<(HeaderMap, Json<AlertDecided>), Problem> {
    let Resolution { false_positive, note } = value;
    let command = command::ResolveAlert { alert, false_positive, note: note.map(Text::into_inner) };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let body = AlertDecided { alert, stage: Stage::Resolved, receipt: receipt::of(&done.receipt) };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
