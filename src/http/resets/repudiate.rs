//! `POST /v1/resets/{position}/repudiate`: "this wasn't me".

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::note::Note;
use mfa_ledger_api::resets::ResetRepudiation;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::Position;

use crate::{App, Meta, OptionalBody, PathId, Problem, Signed, receipt};

/// Deny a reset: the person themselves, or the help desk for somebody who calls.
///
/// The account is frozen until somebody reactivates it, and every session ends.
#[utoipa::path(
    post, path = "/v1/resets/{position}/repudiate", tag = "resets", request_body = Option<Note>,
    params(("position" = Position, Path, description = "The position of the reset's record")),
    responses((status = 200, description = "Repudiated", body = ResetRepudiation)),
)]
pub(crate) async fn repudiate(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(reset): PathId<Position>,
    meta: Meta,
    OptionalBody { value, bytes }: OptionalBody<Note>,
) -> Result<(HeaderMap, Json<ResetRepudiation>), Problem> {
    let command = command::RepudiateReset { reset, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let body = ResetRepudiation {
        reset,
        administrator: event.administrator,
        frozen: event.frozen,
        sessions_ended: event.sessions_ended,
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
