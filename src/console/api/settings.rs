//! `/v1/settings`.

use mfa_ledger_schemas::ApprovalPolicy;
use serde::{Deserialize, Serialize};

/// The settings.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Settings {
    pub mfa_available: bool,
    pub mfa_required_for_all: bool,
    pub issuer: String,
    pub step_up_minutes: u32,
    pub approval: ApprovalPolicy,
    pub resets_per_target_per_day: u32,
    pub resets_per_actor_per_hour: u32,
    pub reset_request_hours: u32,
    pub session_hours: u32,
    pub enrollment_minutes: u32,
    pub generated_password_hours: u32,
    pub business_hours: Hours,
    pub reset_notice_subject: String,
    pub reset_notice_text: String,
}

/// When business is done.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Hours {
    pub time_zone: String,
    /// 1 for Monday to 7.
    pub weekdays: Vec<u8>,
    /// Minutes after midnight.
    pub opens: u16,
    /// Minutes after midnight.
    pub closes: u16,
}

#[cfg(test)]
impl Settings {
    pub fn sample() -> Self {
        Self {
            mfa_available: true,
            mfa_required_for_all: false,
            issuer: "<b>Example</b>".to_owned(),
            step_up_minutes: 15,
            approval: ApprovalPolicy::SuperAdmins,
            resets_per_target_per_day: 3,
            resets_per_actor_per_hour: 20,
            reset_request_hours: 24,
            session_hours: 12,
            enrollment_minutes: 30,
            generated_password_hours: 72,
            business_hours: Hours {
                time_zone: "Europe/Prague".to_owned(),
                weekdays: vec![1, 2, 3, 4, 5],
                opens: 480,
                closes: 1_080,
            },
            reset_notice_subject: "Your MFA Has Been Reset".to_owned(),
            reset_notice_text: "</textarea><script>alert(1)</script>".to_owned(),
        }
    }
}
