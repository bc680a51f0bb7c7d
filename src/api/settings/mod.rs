//! What holds system-wide.

pub mod ranges;

use mfa_ledger_schemas::ApprovalPolicy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::ranges::{
    EnrollmentMinutes, GeneratedPasswordHours, ResetRequestHours, Resets, SessionHours, StepUpMinutes, Wait,
};
use crate::receipt::Receipt;
use crate::text::{Issuer, Notice, NoticeSubject};

/// What is to change; the rest stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct SettingsChange {
    #[schema(nullable = false)]
    pub mfa_available: Option<bool>,
    #[schema(nullable = false)]
    pub mfa_required_for_all: Option<bool>,
    #[schema(nullable = false)]
    pub issuer: Option<Issuer>,
    #[schema(nullable = false)]
    pub step_up_minutes: Option<StepUpMinutes>,
    #[schema(nullable = false)]
    pub approval: Option<ApprovalPolicy>,
    #[schema(nullable = false)]
    pub approver_hours: Option<Wait>,
    #[schema(nullable = false)]
    pub suspicion_hours: Option<Wait>,
    #[schema(nullable = false)]
    pub resets_per_target_per_day: Option<Resets>,
    #[schema(nullable = false)]
    pub resets_per_actor_per_hour: Option<Resets>,
    #[schema(nullable = false)]
    pub reset_request_hours: Option<ResetRequestHours>,
    #[schema(nullable = false)]
    pub session_hours: Option<SessionHours>,
    #[schema(nullable = false)]
    pub enrollment_minutes: Option<EnrollmentMinutes>,
    #[schema(nullable = false)]
    pub generated_password_hours: Option<GeneratedPasswordHours>,
    #[schema(nullable = false)]
    pub business_hours: Option<ranges::Hours>,
    #[schema(nullable = false)]
    pub reset_notice_subject: Option<NoticeSubject>,
    #[schema(nullable = false)]
    pub reset_notice_text: Option<Notice>,
}

/// The settings as they are now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SettingsChanged)]
pub struct Now {
    #[serde(flatten)]
    pub settings: Settings,
    /// The names of those that are others now.
    pub changed: Vec<String>,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// The settings.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// Whether anybody can enroll in MFA, and be reset.
    pub mfa_available: bool,
    /// Whether all must use MFA, whatever their role.
    pub mfa_required_for_all: bool,
    /// What authenticator apps show.
    pub issuer: String,
    /// How long ago a second factor may have been proved for whatever changes who gets in, or who may reset.
    pub step_up_minutes: u16,
    /// When a second person must approve a reset.
    pub approval: ApprovalPolicy,
    /// How long somebody must have held `manage-mfa` before they approve; 0 for no time.
    pub approver_hours: u16,
    /// How long a suspicious request makes a reset of that account need a second person; 0 for no time.
    pub suspicion_hours: u16,
    /// Resets of one administrator within 24 hours; 0 for no limit.
    pub resets_per_target_per_day: u16,
    /// Resets by one performer within an hour; 0 for no limit.
    pub resets_per_actor_per_hour: u16,
    /// How long a reset request can be used.
    pub reset_request_hours: u16,
    /// How long a session lasts.
    pub session_hours: u16,
    /// How long an enrollment can be confirmed.
    pub enrollment_minutes: u16,
    /// How long a generated password can be used.
    pub generated_password_hours: u16,
    pub business_hours: Hours,
    pub reset_notice_subject: String,
    pub reset_notice_text: String,
}

/// When the help desk works.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
#[schema(as = BusinessHours)]
pub struct Hours {
    /// IANA name.
    pub time_zone: String,
    /// 1 for Monday to 7.
    pub weekdays: Vec<u8>,
    /// Minutes after midnight.
    pub opens: u16,
    /// Minutes after midnight.
    pub closes: u16,
}
