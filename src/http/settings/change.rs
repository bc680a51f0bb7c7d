//! `PATCH /v1/settings`: change some of them.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::settings::ranges::{
    EnrollmentMinutes, GeneratedPasswordHours, ResetRequestHours, Resets, SessionHours, StepUpMinutes, Wait,
};
use mfa_ledger_api::settings::{Now, SettingsChange};
use mfa_ledger_api::text::{Issuer, Notice, NoticeSubject};
use mfa_ledger_ledger::service::command::ChangeSettings;

use super::shown;
use crate::receipt::{self, etag};
use crate::{App, Body, Meta, Problem, Signed};

fn into_command(given: SettingsChange) -> ChangeSettings {
    ChangeSettings {
        mfa_available: given.mfa_available,
        mfa_required_for_all: given.mfa_required_for_all,
        issuer: given.issuer.map(Issuer::into_inner),
        step_up_minutes: given.step_up_minutes.map(StepUpMinutes::value),
        approval: given.approval,
        approver_hours: given.approver_hours.map(Wait::value),
        suspicion_hours: given.suspicion_hours.map(Wait::value),
        resets_per_target_per_day: given.resets_per_target_per_day.map(Resets::value),
        resets_per_actor_per_hour: given.resets_per_actor_per_hour.map(Resets::value),
        reset_request_hours: given.reset_request_hours.map(ResetRequestHours::value),
        session_hours: given.session_hours.map(SessionHours::value),
        enrollment_minutes: given.enrollment_minutes.map(EnrollmentMinutes::value),
        generated_password_hours: given.generated_password_hours.map(GeneratedPasswordHours::value),
        business_hours: given.business_hours.map(|hours| hours.0),
        reset_notice_subject: given.reset_notice_subject.map(NoticeSubject::into_inner),
        reset_notice_text: given.reset_notice_text.map(Notice::into_inner),
    }
}

/// Change some of the settings.
#[utoipa::path(
    patch, path = "/v1/settings", tag = "settings",
    request_body = SettingsChange,
    params((
        "if-match" = Option<String>, Header, nullable = false, pattern = "^(\"[0-9]{1,18}\"|[*])$",
        description = "The version that the caller saw",
    )),
    responses((
        status = 200, description = "Changed", body = Now,
        headers(("etag" = String, description = "Their version")),
    )),
)]
pub(crate) async fn change(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<SettingsChange>,
) -> Result<(HeaderMap, Json<Now>), Problem> {
    let change = into_command(value);
    if change == ChangeSettings::default() {
        return Err(Problem::new("invalid-request").fault("#", "at least one setting"));
    }
    let done = meta.execute(&app, caller, &bytes, change).await?;
    let event = &done.event;
    let mut headers = receipt::headers(&done.receipt);
    headers.extend([etag(done.receipt.position)]);
    let body = Now {
        settings: shown(&event.settings),
        changed: event.changed.clone(),
        receipt: receipt::of(&done.receipt),
    };
    Ok((headers, Json(body)))
}
