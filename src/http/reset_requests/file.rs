//! `POST /v1/reset-requests`: ask that somebody's MFA be reset.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::reset_requests::{NewRequest, RequestFiled, RequestStage};
use mfa_ledger_api::text::{Name, Text, Ticket};
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::Words;

use crate::{App, Body, Meta, Problem, Signed, receipt};

fn into_command(given: NewRequest) -> command::RequestMfaReset {
    let documented = command::Documented {
        reason: given.reason,
        verification: given.verification,
        requested_at: given.requested_at,
        ticket: given.ticket.map(Ticket::into_inner),
        words: Words {
            requester_name: given.requester_name.map(Name::into_inner),
            requester_contact: given.requester_contact.map(Name::into_inner),
            text: given.reason_text.map(Text::into_inner),
        },
        reset_request: None,
    };
    command::RequestMfaReset { administrator: given.administrator, documented }
}

/// Ask that somebody's MFA be reset: a holder of `manage-mfa`, or a ticket system with `request-reset`.
#[utoipa::path(
    post, path = "/v1/reset-requests", tag = "resets", request_body = NewRequest,
    responses((status = 201, description = "Filed", body = RequestFiled)),
)]
pub(crate) async fn file(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<NewRequest>,
) -> Result<(StatusCode, HeaderMap, Json<RequestFiled>), Problem> {
    let done = meta.execute(&app, caller, &bytes, into_command(value)).await?;
    let event = &done.event;
    let headers = receipt::created(&done.receipt, &format!("/v1/reset-requests/{}", event.reset_request));
    let body = RequestFiled {
        reset_request: event.reset_request,
        administrator: event.administrator,
        stage: RequestStage::Open,
        expires: event.expires,
        receipt: receipt::of(&done.receipt),
    };
    Ok((StatusCode::CREATED, headers, Json(body)))
}
