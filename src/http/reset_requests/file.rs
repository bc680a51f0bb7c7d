//! `POST /v1/reset-requests`: ask that somebody's MFA be reset.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_ledger::service::intent::Documented;
use mfa_ledger_schemas::{AdministratorId, Event, Instant, ResetReason, ResetRequestId, VerificationMethod};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RequestStage;
use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::signed::Signed;
use crate::text::{Name, Text, Ticket};

/// Whose MFA, and what is documented. What a rule misses is refused with a code of its own, and recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRequest {
    administrator: AdministratorId,
    #[schema(nullable = false)]
    reason: Option<ResetReason>,
    /// The reason in words; needed for `other`.
    #[schema(nullable = false)]
    reason_text: Option<Text>,
    /// How the identity of the person was verified. Unacceptable ways can be named, and are refused.
    #[schema(nullable = false)]
    verification: Option<VerificationMethod>,
    #[schema(nullable = false)]
    requester_name: Option<Name>,
    #[schema(nullable = false)]
    requester_contact: Option<Name>,
    /// When the person asked.
    #[schema(nullable = false)]
    requested_at: Option<Instant>,
    #[schema(nullable = false)]
    ticket: Option<Ticket>,
}

/// The request that waits for a second person.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestFiled {
    reset_request: ResetRequestId,
    administrator: AdministratorId,
    stage: RequestStage,
    expires: Instant,
    #[serde(flatten)]
    receipt: Receipt,
}

impl NewRequest {
    fn into_intent(self) -> Intent {
        let documented = Documented {
            reason: self.reason,
            reason_text: self.reason_text.map(Text::into_inner),
            verification: self.verification,
            requester_name: self.requester_name.map(Name::into_inner),
            requester_contact: self.requester_contact.map(Name::into_inner),
            requested_at: self.requested_at,
            ticket: self.ticket.map(Ticket::into_inner),
            reset_request: None,
        };
        Intent::RequestMfaReset { administrator: self.administrator, documented }
    }
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
    let done = meta.execute(&app, caller, &bytes, value.into_intent()).await?;
    let Event::MfaResetRequested(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let mut headers = Receipt::headers(&done);
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/reset-requests/{}", event.reset_request)) {
        headers.insert(header::LOCATION, location);
    }
    let body = RequestFiled {
        reset_request: event.reset_request,
        administrator: event.administrator,
        stage: RequestStage::Open,
        expires: event.expires,
        receipt: Receipt::of(&done),
    };
    Ok((StatusCode::CREATED, headers, Json(body)))
}
