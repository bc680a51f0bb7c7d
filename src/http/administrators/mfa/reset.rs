//! `POST /v1/administrators/{id}/mfa/reset`: reset somebody else's MFA.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use mfa_ledger_ledger::service::intent::Documented;
use mfa_ledger_ledger::service::{Done, Intent};
use mfa_ledger_schemas::v1::MfaReset;
use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Event, Instant, MfaStatus, ResetReason, ResetRequestId, VerificationMethod,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::path::PathId;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::signed::Signed;
use crate::text::{Name, Text, Ticket};

/// What is documented before a reset. Everything may be left out as far as the form goes; what a rule
/// misses is refused with a code of its own, and the refusal is recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetMfa {
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
    /// The user name of the administrator, repeated: "yes, reset MFA".
    #[schema(nullable = false)]
    confirmation: Option<Name>,
    /// The approved request, where the policy asks for a second person.
    #[schema(nullable = false)]
    reset_request: Option<ResetRequestId>,
}

/// The reset, and what comes next.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetDone {
    administrator: AdministratorId,
    user_name: String,
    status_before: MfaStatus,
    status_after: MfaStatus,
    removed: CredentialsRemoved,
    /// How many sessions ended.
    sessions_ended: usize,
    /// Whether the person is made to enroll at the next log-in.
    must_enroll: bool,
    /// The epoch that begins.
    epoch: u32,
    approved_by: Option<AdministratorId>,
    /// What to tell the person, at once.
    next_steps: Vec<&'static str>,
    #[serde(flatten)]
    receipt: Receipt,
}

/// What is gone for good.
#[derive(Serialize, ToSchema)]
pub(crate) struct CredentialsRemoved {
    /// The credential of the authenticator app.
    totp: CredentialId,
    /// How many unused backup codes were made invalid.
    backup_codes: u8,
}

impl ResetMfa {
    fn into_intent(self, administrator: AdministratorId) -> Intent {
        let documented = Documented {
            reason: self.reason,
            reason_text: self.reason_text.map(Text::into_inner),
            verification: self.verification,
            requester_name: self.requester_name.map(Name::into_inner),
            requester_contact: self.requester_contact.map(Name::into_inner),
            requested_at: self.requested_at,
            ticket: self.ticket.map(Ticket::into_inner),
            reset_request: self.reset_request,
        };
        let confirmation = self.confirmation.map(Name::into_inner);
        Intent::ResetMfa { administrator, documented, confirmation }
    }
}

impl ResetDone {
    fn of(done: &Done, event: &MfaReset) -> Self {
        Self {
            administrator: event.administrator,
            user_name: done.record.target.as_ref().map(|it| it.user_name.clone()).unwrap_or_default(),
            status_before: event.status_before,
            status_after: event.status_after,
            removed: CredentialsRemoved { totp: event.credential, backup_codes: event.backup_codes_left },
            sessions_ended: event.sessions_ended.len(),
            must_enroll: event.must_enroll,
            epoch: event.epoch,
            approved_by: event.approved_by,
            next_steps: next_steps(event.must_enroll),
            receipt: Receipt::of(done),
        }
    }
}

/// The guide's "Helping users re-enroll after reset".
fn next_steps(must_enroll: bool) -> Vec<&'static str> {
    let mut steps = vec![
        "Tell the person now that their MFA was reset, over a channel you know to be theirs, and record how under this reset's follow-ups.",
        "They log in with user name and password.",
    ];
    steps.extend(if must_enroll {
        [
            "They are taken to their profile and cannot go anywhere else until MFA is enabled.",
            "They choose Enable MFA in the Security section.",
        ]
    } else {
        [
            "Until they enroll again, the password alone opens the account: recommend to do it at once.",
            "They open My Profile and choose Enable MFA in the Security section.",
        ]
    });
    steps.push(
        "They scan the QR code, enter a code to confirm it, and put the new backup codes in a safe place.",
    );
    steps.push("If they did not ask for this, they say so at once, and the reset is repudiated.");
    steps
}

/// Reset somebody else's MFA.
///
/// The authenticator and all backup codes are gone, every session of the person ends. One record tells the
/// whole story; a refusal is recorded as well.
#[utoipa::path(
    post, path = "/v1/administrators/{id}/mfa/reset", tag = "resets", request_body = ResetMfa,
    params(("id" = AdministratorId, Path, description = "The administrator")),
    responses((status = 201, description = "Reset; `Location` is its history", body = ResetDone)),
)]
pub(crate) async fn reset(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(id): PathId<AdministratorId>,
    meta: Meta,
    Body { value, bytes }: Body<ResetMfa>,
) -> Result<(StatusCode, HeaderMap, Json<ResetDone>), Problem> {
    let done = meta.execute(&app, caller, &bytes, value.into_intent(id)).await?;
    let Event::MfaReset(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let mut headers = Receipt::headers(&done);
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/resets/{}", done.position)) {
        headers.insert(header::LOCATION, location);
    }
    Ok((StatusCode::CREATED, headers, Json(ResetDone::of(&done, event))))
}
