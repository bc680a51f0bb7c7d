//! `POST /v1/administrators/{id}/mfa/reset`: reset somebody else's MFA.

use std::borrow::Cow;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::administrators::{CredentialsRemoved, ResetDone, ResetMfa};
use mfa_ledger_api::text::{Name, Text, Ticket};
use mfa_ledger_ledger::service::{Done, command};
use mfa_ledger_schemas::bodies::MfaReset;
use mfa_ledger_schemas::{AdministratorId, Words};

use crate::{App, Body, Meta, PathId, Problem, Signed, receipt};

/// The command that a body stands for.
pub fn into_command(given: ResetMfa, administrator: AdministratorId) -> command::ResetMfa {
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
        reset_request: given.reset_request,
    };
    let confirmation = given.confirmation.map(Name::into_inner);
    command::ResetMfa { administrator, documented, confirmation }
}

fn reset_done(done: &Done<MfaReset>) -> ResetDone {
    let event = &done.event;
    ResetDone {
        administrator: event.administrator,
        user_name: done.target.as_ref().map(|it| it.user_name.clone()).unwrap_or_default(),
        status_before: event.status_before,
        status_after: event.status_after,
        removed: CredentialsRemoved { totp: event.credential, backup_codes: event.backup_codes_left },
        sessions_ended: event.sessions_ended.len(),
        must_enroll: event.must_enroll,
        epoch: event.epoch,
        approved_by: event.approved_by,
        next_steps: next_steps(event.must_enroll).into_iter().map(Cow::Borrowed).collect(),
        receipt: receipt::of(&done.receipt),
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
    let done = meta.execute(&app, caller, &bytes, into_command(value, id)).await?;
    let headers = receipt::created(&done.receipt, &format!("/v1/resets/{}", done.receipt.position));
    Ok((StatusCode::CREATED, headers, Json(reset_done(&done))))
}
