//! `POST /v1/reset-requests/{id}/approve`: approve a request.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::note::Note;
use mfa_ledger_api::reset_requests::{RequestDecided, RequestStage};
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::ResetRequestId;

use crate::{App, Meta, OptionalBody, PathId, Problem, Signed, receipt};

/// Approve a request, as a second person: not the one who filed it, nor the one who will reset.
#[utoipa::path(
    post, path = "/v1/reset-requests/{id}/approve", tag = "resets", request_body = Option<Note>,
    params(("id" = ResetRequestId, Path, description = "The request")),
    responses((status = 200, description = "Approved", body = RequestDecided)),
)]
pub(crate) async fn approve(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(reset_request): PathId<ResetRequestId>,
    meta: Meta,
    OptionalBody { value, bytes }: OptionalBody<Note>,
) -> Result<(HeaderMap, Json<RequestDecided>), Problem> {
    let command = command::ApproveMfaReset { reset_request, note: value.into_text() };
    let done = meta.execute(&app, caller, &bytes, command).await?;
    let event = &done.event;
    let administrator = event.administrator;
    let body = RequestDecided {
        reset_request,
        administrator,
        stage: RequestStage::Approved,
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
