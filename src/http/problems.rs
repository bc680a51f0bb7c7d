//! The kinds of problems, and a page for each: what it means and what to do.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mfa_ledger_api::refusal;
use mfa_ledger_schemas::RefusalCode;

use super::App;
use super::problem::Problem;

/// A kind of problem.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub code: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
    pub help: &'static str,
}

/// Problems that are not refusals by a rule: nothing was recorded for them, except failed log-ins and
/// second factors, which have records of their own.
const PAGES: &[(&str, u16, &str, &str)] = &[
    (
        "invalid-request",
        400,
        "The request is not well-formed",
        "See `errors` for the part that is wrong and what would be right.",
    ),
    (
        "broken-rule",
        422,
        "The alert rule cannot be used",
        "See `errors` for the lines that are wrong. The manual's page on detection lists the fields and keys that a rule may have; `mfa-ledger rules check` tells the same of files.",
    ),
    (
        "foreign-cursor",
        422,
        "The cursor is of another ledger",
        "`after` is the `next` of a page of this ledger. Begin again without it: what another ledger has shown says nothing about this one.",
    ),
    ("empty-range", 422, "The range holds nothing", "`until` must be a moment after `since`."),
    (
        "before-the-log",
        404,
        "The log had not begun then",
        "Ask for a position from 1 on, or a time from that of the first record on; `detail` says when that was.",
    ),
    (
        "moment-not-come",
        422,
        "The moment has not come",
        "Ask for a time that is past, or a position that the log has; `detail` says how far it is.",
    ),
    (
        "range-reversed",
        422,
        "The range ends before it begins",
        "`from` must not be later than `to`: exchange the two.",
    ),
    (
        "past-unavailable",
        503,
        "The past cannot be read at the moment",
        "The log could not be read as far as it had to be. Try again; the operator looks at disk and logs, and at `mfa-ledger log verify`.",
    ),
    ("unknown-rule", 404, "There is no such alert rule", "GET /v1/rules lists those in force."),
    (
        "unauthenticated",
        401,
        "A valid session or service account is needed",
        "Log in with POST /v1/session, or send a service account's token, as `Authorization: Bearer`.",
    ),
    (
        "log-in-failed",
        401,
        "The log-in failed",
        "User name or password do not fit, or the account may not log in. The answer is the same in every case; the help desk reads the reason at `GET /v1/administrators/{id}/authentication`.",
    ),
    (
        "second-factor-failed",
        401,
        "The second factor was not accepted",
        "Every code is accepted once. Wait for the next code of the authenticator app and try again; the help desk reads the reason in the activity log.",
    ),
    (
        "code-not-accepted",
        422,
        "The code was not accepted",
        "Every code is accepted once. Wait for the next code of the authenticator app and try again.",
    ),
    (
        "second-factor-blocked",
        403,
        "The second factor is blocked",
        "Too many wrong codes in a row. Use the other factor, or ask the help desk for a reset.",
    ),
    ("too-many-attempts", 429, "Too many attempts", "Wait as long as `Retry-After` says, then try again."),
    (
        "cross-site-request",
        403,
        "The request came from another site",
        "Browsers may only send commands from the console's own pages. If it was one of them, the proxy says another host than the browser: it passes `Host` on as it came, or `http.public_url` names the address.",
    ),
    ("not-found", 404, "There is nothing here", "The path or the id names nothing that you may see."),
    ("method-not-allowed", 405, "The method is not offered here", "See `Allow` and /openapi.json."),
    (
        "idempotency-key-reused",
        422,
        "The idempotency key was used for another request",
        "Take a fresh key for every new request; repeat a request with the same key and the same body.",
    ),
    ("body-too-large", 413, "The body is too large", "A body may hold 64 KiB."),
    (
        "unsupported-media-type",
        415,
        "The content type is not supported",
        "Send `Content-Type: application/json`.",
    ),
    ("record-too-large", 422, "The request holds more than a record can", "Shorten the texts."),
    ("internal-error", 500, "Something is broken here", "Tell the operator the request id of the answer."),
    (
        "body-too-slow",
        408,
        "The request did not arrive in time",
        "A body is here within ten seconds of its head. Send it again, over a better connection.",
    ),
    ("busy", 503, "Too much waits already", "Nothing was recorded. Try again in a moment."),
    (
        "read-only",
        503,
        "The disk is nearly full: nothing is recorded",
        "Nothing was recorded for this request and nothing has changed; reading goes on. When there is room again, the server goes on by itself: repeat the request then, with the same `Idempotency-Key`. What an earlier try came to is told then, too. The operator makes room on the disk.",
    ),
    (
        "log-unavailable",
        503,
        "The log cannot be written",
        "Nothing was recorded and nothing has changed: without a record there is no answer. Try again later. The server reopens the log by itself when the disk is well again; the operator looks at disk, /readyz and logs.",
    ),
    (
        "vault-unavailable",
        503,
        "The vault is not available",
        "The vault holds secrets and personal data, and cannot be read or written now. Nothing was recorded and nothing has changed. Try again later with the same `Idempotency-Key`. The server reopens the vault by itself when the disk is well again; the operator looks at disk, /readyz and logs.",
    ),
    (
        "reopening",
        503,
        "The server reopens its files",
        "A write to the disk failed, and the disk is well again. Nothing was recorded for this request. Try again in a few seconds.",
    ),
    (
        "proof-unavailable",
        503,
        "The proof cannot be made at the moment",
        "No checkpoint covers the record yet, or none can be made. Try again; the operator looks at /readyz and the server's own log.",
    ),
    (
        "outcome-unknown",
        503,
        "Whether it was recorded is not known",
        "Repeat the request with the same `Idempotency-Key`: if it was recorded, the first answer comes again.",
    ),
];

/// What each refusal means, and what to do.
#[expect(clippy::too_many_lines, reason = "a table: one arm for each code")]
fn refusal_text(code: RefusalCode) -> (&'static str, &'static str) {
    use RefusalCode as C;
    match code {
        C::MfaNotAvailable => {
            ("MFA is switched off system-wide", "Somebody with manage-settings can make it available.")
        }
        C::PermissionDenied => (
            "The permission is missing",
            "Ask your system administrator to add the permission to your role; tell them why you need it.",
        ),
        C::AdministratorNotFound => ("There is no such administrator", "Check the id."),
        C::AdministratorInactive => {
            ("The administrator is not active", "Reactivate the account first, if that is right.")
        }
        C::SelfReset => (
            "One cannot reset oneself",
            "Ask another holder of manage-mfa. With your authenticator at hand you can switch MFA off and enroll again yourself.",
        ),
        C::SuperAdminRequired => ("Only a super administrator may do this", "Ask a super administrator."),
        C::MfaNotEnabled => ("MFA is not enabled", "Only an active MFA can be reset or used."),
        C::VerificationRequired => (
            "Say how identity was verified",
            "Verify the identity of the person first: in person with photo ID, by video call, by calling a known number and asking security questions, or by an authenticated ticket.",
        ),
        C::VerificationUnacceptable => (
            "This way of verifying identity is not acceptable",
            "E-mail alone, unknown addresses, no verification and requests by third parties are refused. If it looks like an attack, report it.",
        ),
        C::ReasonRequired => (
            "Reason and requester must be documented",
            "Give reason (with reason_text for `other`), requester_name, requester_contact and requested_at.",
        ),
        C::ConfirmationRequired => (
            "Confirm by repeating the user name",
            "Set `confirmation` to the user name of the administrator whose MFA is to be reset.",
        ),
        C::StepUpRequired => (
            "Prove your second factor again",
            "POST /v1/session/second-factor with a fresh code, then repeat the request (under a fresh Idempotency-Key: the old one repeats this refusal).",
        ),
        C::ActorMfaRequired => ("You need MFA yourself", "Enroll first: who resets others must have MFA."),
        C::ResetRateLimited => {
            ("Too many resets", "The policy limits resets per target and per performer. See `retry_at`.")
        }
        C::ApprovalRequired => (
            "A second person must approve first",
            "File a reset request; another holder of manage-mfa approves it; then reset with its id. The approver cannot perform it.",
        ),
        C::EnrollmentRequired => (
            "Enroll in MFA first",
            "MFA is required for you: POST /v1/me/mfa/enrollment, then confirm with a code.",
        ),
        C::SecondFactorRequired => {
            ("Show your second factor first", "POST /v1/session/second-factor with a code or a backup code.")
        }
        C::VersionMismatch => (
            "It has changed since you looked",
            "Read it again, compare, and repeat with the new ETag in If-Match.",
        ),
        C::UserNameTaken => ("The user name is taken", "Choose another."),
        C::RoleNotFound => ("There is no such role", "See GET /v1/roles."),
        C::LastSuperAdmin => {
            ("This is the last active super administrator", "Make somebody else a super administrator first.")
        }
        C::SelfDeactivation => ("One cannot deactivate oneself", "Ask another administrator."),
        C::AlreadyActive => ("The administrator is active already", "Nothing is to be done."),
        C::MfaAlreadyEnabled => ("MFA is enabled already", "Switch it off first to enroll another device."),
        C::NoPendingEnrollment => (
            "No enrollment is pending",
            "Begin with POST /v1/me/mfa/enrollment; it must be confirmed in time.",
        ),
        C::MfaRequired => {
            ("MFA is required and cannot be switched off", "Your role or the system requires it.")
        }
        C::PasswordUnacceptable => (
            "The new password is not acceptable",
            "Take 15 to 128 characters, and more than what many people use: six different letters or digits must be left when common words, rows of the keyboard, runs such as 1234 and the user name are taken away. Three or four unrelated words do.",
        ),
        C::WrongPassword => ("The current password does not fit", "Type it again."),
        C::ResetRequestNotFound => ("There is no such reset request for this administrator", "Check the id."),
        C::ResetRequestClosed => {
            ("The reset request is closed", "It was decided, used, or has expired: file a new one.")
        }
        C::OwnRequest => ("One cannot approve one's own request", "A second person must."),
        C::ApprovedStoryDiffers => (
            "This differs from the approved request",
            "A reset under an approved request uses the details of that request. Name the request and leave the other details out. If they changed, file a new request.",
        ),
        C::ApprovalVoid => (
            "The approval no longer stands",
            "The approver's account is no longer active or no longer holds manage-mfa. File a new request.",
        ),
        C::ApproverNotIndependent => (
            "The two people are not independent",
            "One of you registered or promoted the other, or generated their password in the last 30 days. Ask another holder of manage-mfa.",
        ),
        C::ApproverTooNew => (
            "You have not held manage-mfa long enough to approve",
            "The setting `approver_hours` says how long; `retry_at` says when you can. Ask somebody who has held it longer.",
        ),
        C::AdministratorFrozen => (
            "The account is frozen",
            "The person denied a reset. Find out what happened, and have somebody who took no part in it reactivate the account.",
        ),
        C::PartyToReset => (
            "You took part in this reset",
            "Ask somebody else. The account's owner and the people who performed, requested or approved the reset cannot do this.",
        ),
        C::NoteRequired => ("A note is required", "Say why in `note`. The log keeps it for later readers."),
        C::RepudiationTooLate => (
            "The reset is too old to deny",
            "For somebody else a reset can be denied for 30 days. Report what you know to your security team.",
        ),
        C::UnderSuspicion => (
            "A request about this account looked like an attack",
            "A second person must approve the reset: file a reset request. Or ask somebody with manage-alerts to clear the suspicion.",
        ),
        C::NotUnderSuspicion => ("The account is not under suspicion", "There is nothing to clear."),
        C::RequestTimeImplausible => (
            "The time of the request is out of range",
            "`requested_at` must be between seven days ago and now.",
        ),
        C::TicketRequired => {
            ("The ticket is missing", "Identity verified by an authenticated ticket needs the `ticket`.")
        }
        C::ThirdPartyRequester => (
            "The requester seems to be somebody else",
            "`requester_name` is none of the administrator's names, and nobody can ask for somebody else's reset. If it is the \
             same person under another name, say in `reason_text` how the two are one.",
        ),
        C::LogInRequired => (
            "Log in again to enable MFA",
            "You logged in too long ago (`step_up_minutes`). Start a new session with the password, then enroll.",
        ),
        C::PersonalDataGone => (
            "The personal data of this account were erased",
            "Register the person anew: no notice about this account would reach anybody.",
        ),
        C::NotSuspended => ("The service account is not suspended", "Nothing is to be done."),
        C::ResetNotFound => ("There is no such reset", "Give the position of the reset's record."),
        C::AlreadyRepudiated => ("The reset was repudiated before", "Nothing is to be done."),
        C::ServiceAccountNotFound => {
            ("There is no such service account", "Check the id; a revoked one stays revoked.")
        }
        C::NothingToErase => ("There is nothing left to erase", "Nothing is to be done."),
        C::StillActive => ("The administrator is still active", "Deactivate the account first."),
        C::PrivilegeTooHigh => (
            "This takes permissions that you do not hold",
            "You can only grant permissions that you hold, and only act on people whose permissions you hold. Ask somebody who holds them.",
        ),
        C::SelfRoleChange => ("One cannot change one's own role", "Ask another administrator."),
        C::NotVerified => {
            ("A code of the authenticator app is needed", "Backup codes are not enough for this.")
        }
        C::AlertNotFound => ("There is no such alert", "Check the id."),
        C::AlertClosed => {
            ("The alert is closed", "Somebody has acknowledged or resolved it: look at it again.")
        }
        C::AlertExists => ("The alert was raised before", "Nothing is to be done."),
        C::SilenceNotFound => ("There is no such silence in force", "Check the id; it may be over."),
        C::WebhookNotFound => ("There is no such webhook", "Check the id; a removed one is gone."),
        C::WebhookInactive => (
            "The webhook is switched off",
            "Switch it on again with PATCH /v1/webhooks/{id} {\"active\": true}.",
        ),
        C::TooManyWebhooks => ("There are too many webhooks", "Remove one that is not needed any more."),
        C::DeliveryNotFound => ("There is no such record", "Give the position of a record of the log."),
        C::Unknown(_) => ("Refused", "A rule of a newer version refused this."),
    }
}

/// The page of a kind.
pub(super) fn page(code: &str) -> Page {
    find(code).unwrap_or_else(|| find("internal-error").expect("the table has it"))
}

fn find(wanted: &str) -> Option<Page> {
    if let Some((code, status, title, help)) = PAGES.iter().copied().find(|(code, ..)| *code == wanted) {
        let status = StatusCode::from_u16(status).ok()?;
        return Some(Page { code, status, title, help });
    }
    let code = RefusalCode::ALL.iter().copied().find(|code| code.name() == wanted)?;
    let (title, help) = refusal_text(code);
    Some(Page { code: code.name(), status: refusal::status(code), title, help })
}

/// `GET /problems/{code}`.
pub(super) fn router() -> Router<App> {
    Router::new().route("/problems/{code}", get(show))
}

async fn show(Path(code): Path<String>) -> Response {
    let Some(page) = find(&code) else { return Problem::new("not-found").into_response() };
    let text = format!(
        "{}\n{}\n\nHTTP status {}.\n\n{}\n",
        page.code,
        "=".repeat(page.code.len()),
        page.status,
        page.title
    ) + "\n"
        + page.help
        + "\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_page_of_its_own() {
        for code in RefusalCode::ALL {
            let page = find(code.name()).expect("a page");
            assert_ne!(page.title, "Refused", "{code}");
        }
    }
}
