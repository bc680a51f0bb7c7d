//! `/v1/settings`: what holds system-wide.

mod change;
mod ranges;
mod show;

use mfa_ledger_schemas::ApprovalPolicy;
use mfa_ledger_schemas::v1::{BusinessHours, SettingsBody};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show::show, change::change))
}

/// The settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub(super) struct Shown {
    /// Whether anybody can enroll in MFA, and be reset.
    mfa_available: bool,
    /// Whether all must use MFA, whatever their role.
    mfa_required_for_all: bool,
    /// What authenticator apps show.
    issuer: String,
    /// How long ago a second factor may have been proved for a reset.
    step_up_minutes: u16,
    /// When a second person must approve a reset.
    approval: ApprovalPolicy,
    /// Resets of one administrator within 24 hours; 0 for no limit.
    resets_per_target_per_day: u16,
    /// Resets by one performer within an hour; 0 for no limit.
    resets_per_actor_per_hour: u16,
    /// How long a reset request can be used.
    reset_request_hours: u16,
    /// How long a session lasts.
    session_hours: u16,
    /// How long an enrollment can be confirmed.
    enrollment_minutes: u16,
    /// How long a generated password can be used.
    generated_password_hours: u16,
    business_hours: Hours,
    reset_notice_subject: String,
    reset_notice_text: String,
}

/// When the help desk works.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BusinessHours)]
struct Hours {
    /// IANA name.
    time_zone: String,
    /// 1 for Monday to 7.
    weekdays: Vec<u8>,
    /// Minutes after midnight.
    opens: u16,
    /// Minutes after midnight.
    closes: u16,
}

impl Shown {
    fn of(settings: &SettingsBody) -> Self {
        let it = settings.clone();
        let BusinessHours { time_zone, weekdays, opens, closes } = it.business_hours;
        Self {
            mfa_available: it.mfa_available,
            mfa_required_for_all: it.mfa_required_for_all,
            issuer: it.issuer,
            step_up_minutes: it.step_up_minutes,
            approval: it.approval,
            resets_per_target_per_day: it.resets_per_target_per_day,
            resets_per_actor_per_hour: it.resets_per_actor_per_hour,
            reset_request_hours: it.reset_request_hours,
            session_hours: it.session_hours,
            enrollment_minutes: it.enrollment_minutes,
            generated_password_hours: it.generated_password_hours,
            business_hours: Hours { time_zone, weekdays, opens, closes },
            reset_notice_subject: it.reset_notice_subject,
            reset_notice_text: it.reset_notice_text,
        }
    }
}
