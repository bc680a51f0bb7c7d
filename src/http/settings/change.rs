//! `PATCH /v1/settings`: change some of them.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_ledger::service::command::ChangeSettings;
use mfa_ledger_schemas::{ApprovalPolicy, Event};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Shown;
use super::ranges::{
    EnrollmentMinutes, GeneratedPasswordHours, Hours, ResetRequestHours, Resets, SessionHours, StepUpMinutes,
};
use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::{Receipt, etag};
use crate::signed::Signed;
use crate::text::{Issuer, Notice, NoticeSubject};

/// What is to change; the rest stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub(crate) struct SettingsChange {
    #[schema(nullable = false)]
    mfa_available: Option<bool>,
    #[schema(nullable = false)]
    mfa_required_for_all: Option<bool>,
    #[schema(nullable = false)]
    issuer: Option<Issuer>,
    #[schema(nullable = false)]
    step_up_minutes: Option<StepUpMinutes>,
    #[schema(nullable = false)]
    approval: Option<ApprovalPolicy>,
    #[schema(nullable = false)]
    resets_per_target_per_day: Option<Resets>,
    #[schema(nullable = false)]
    resets_per_actor_per_hour: Option<Resets>,
    #[schema(nullable = false)]
    reset_request_hours: Option<ResetRequestHours>,
    #[schema(nullable = false)]
    session_hours: Option<SessionHours>,
    #[schema(nullable = false)]
    enrollment_minutes: Option<EnrollmentMinutes>,
    #[schema(nullable = false)]
    generated_password_hours: Option<GeneratedPasswordHours>,
    #[schema(nullable = false)]
    business_hours: Option<Hours>,
    #[schema(nullable = false)]
    reset_notice_subject: Option<NoticeSubject>,
    #[schema(nullable = false)]
    reset_notice_text: Option<Notice>,
}

impl SettingsChange {
    fn into_command(self) -> ChangeSettings {
        ChangeSettings {
            mfa_available: self.mfa_available,
            mfa_required_for_all: self.mfa_required_for_all,
            issuer: self.issuer.map(Issuer::into_inner),
            step_up_minutes: self.step_up_minutes.map(StepUpMinutes::value),
            approval: self.approval,
            resets_per_target_per_day: self.resets_per_target_per_day.map(Resets::value),
            resets_per_actor_per_hour: self.resets_per_actor_per_hour.map(Resets::value),
            reset_request_hours: self.reset_request_hours.map(ResetRequestHours::value),
            session_hours: self.session_hours.map(SessionHours::value),
            enrollment_minutes: self.enrollment_minutes.map(EnrollmentMinutes::value),
            generated_password_hours: self.generated_password_hours.map(GeneratedPasswordHours::value),
            business_hours: self.business_hours.map(|hours| hours.0),
            reset_notice_subject: self.reset_notice_subject.map(NoticeSubject::into_inner),
            reset_notice_text: self.reset_notice_text.map(Notice::into_inner),
        }
    }
}

/// The settings as they are now.
#[derive(Serialize, ToSchema)]
#[schema(as = SettingsChanged)]
pub(crate) struct Now {
    #[serde(flatten)]
    settings: Shown,
    /// The names of those that are others now.
    changed: Vec<String>,
    #[serde(flatten)]
    receipt: Receipt,
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
    let change = value.into_command();
    if change == ChangeSettings::default() {
        return Err(Problem::new("invalid-request").fault("#", "at least one setting"));
    }
    let done = meta.execute(&app, caller, &bytes, Intent::ChangeSettings(Box::new(change))).await?;
    let Event::SettingsChanged(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let mut headers = Receipt::headers(&done);
    headers.extend([etag(done.position)]);
    let body = Now {
        settings: Shown::of(&event.settings),
        changed: event.changed.clone(),
        receipt: Receipt::of(&done),
    };
    Ok((headers, Json(body)))
}
