//! `POST /v1/resets/{position}/follow-ups`: what was done after a reset.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::resets::{FollowUpRecorded, NewFollowUp};
use mfa_ledger_api::text::Text;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::Position;

use crate::{App, Body, Meta, PathId, Problem, Signed, receipt};

/// Record that the person was told, or what else was done.
#[utoipa::path(
    post, path = "/v1/resets/{position}/follow-ups", tag = "resets", request_body = NewFollowUp,
    params(("position" = Position, Path, description = "The position of the reset's record")),
    responses((status = 201, description = "Recorded", body = FollowUpRecorded)),
)]
pub(crate) async fn record(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(reset): PathId<Position>,
    meta: Meta,
    Body { value: NewFollowUp { notified, note }, bytes }: Body<NewFollowUp>,
) -> Result<(StatusCode, HeaderMap, Json<FollowUpRecorded>), Problem> {
    if notified.is_none() && note.is_none() {
        return Err(Problem::new("invalid-request").fault("#", "notified, note, or both"));
    }
    let command = command::RecordFollowUp { reset, notified, note: note.map(Text::into_inner) };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let administrator = event.administrator;
    let body = FollowUpRecorded { reset, administrator, notified, receipt: receipt::of(&done.receipt) };
    Ok((StatusCode::CREATED, receipt::headers(&done.receipt), Json(body)))
}
