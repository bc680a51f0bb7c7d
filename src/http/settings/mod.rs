//! `/v1/settings`: what holds system-wide.

mod change;
mod show;

use mfa_ledger_api::settings::{Hours, Settings};
use mfa_ledger_schemas::bodies::{BusinessHours, SettingsBody};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) use show::current;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show::show, change::change))
}

fn shown(settings: &SettingsBody) -> Settings {
    let it = settings.clone();
    let BusinessHours { time_zone, weekdays, opens, closes } = it.business_hours;
    Settings {
        mfa_available: it.mfa_available,
        mfa_required_for_all: it.mfa_required_for_all,
        issuer: it.issuer,
        step_up_minutes: it.step_up_minutes,
        approval: it.approval,
        resets_per_target_per_day: it.resets_per_target_per_day,
        resets_per_actor_per_hour: it.resets_per_actor_per_hour,
        approver_hours: it.approver_hours,
        suspicion_hours: it.suspicion_hours,
        reset_request_hours: it.reset_request_hours,
        session_hours: it.session_hours,
        enrollment_minutes: it.enrollment_minutes,
        generated_password_hours: it.generated_password_hours,
        business_hours: Hours { time_zone, weekdays, opens, closes },
        reset_notice_subject: it.reset_notice_subject,
        reset_notice_text: it.reset_notice_text,
    }
}
