//! System-wide settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ApprovalPolicy;
use crate::body::Body;
use crate::v1::{self, BusinessHours};

/// How long somebody must have held `manage-mfa` before they approve, in hours, where no setting says so.
pub const APPROVER_HOURS: u16 = 24;

/// How long a suspicion asks for a second person, in hours, where no setting says so.
pub const SUSPICION_HOURS: u16 = 24;

/// The settings changed: all of them as they are now, and the names of those that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsChanged {
    pub settings: SettingsBody,
    pub changed: Vec<String>,
    /// Whether one of them asks for less than before.
    pub weakened: bool,
}

impl Body for SettingsChanged {}

impl From<v1::SettingsChanged> for SettingsChanged {
    fn from(before: v1::SettingsChanged) -> Self {
        Self { settings: before.settings.into(), changed: before.changed, weakened: false }
    }
}

/// The system-wide settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsBody {
    pub mfa_available: bool,
    pub mfa_required_for_all: bool,
    /// The issuer that authenticator apps show.
    pub issuer: String,
    pub step_up_minutes: u16,
    pub approval: ApprovalPolicy,
    /// How long somebody must have held `manage-mfa` before they approve.
    pub approver_hours: u16,
    /// How long a suspicion makes a reset of that account need a second person.
    pub suspicion_hours: u16,
    /// Resets of one target within 24 hours; 0 for no limit.
    pub resets_per_target_per_day: u16,
    /// Resets by one performer within an hour; 0 for no limit.
    pub resets_per_actor_per_hour: u16,
    pub reset_request_hours: u16,
    pub session_hours: u16,
    pub enrollment_minutes: u16,
    pub generated_password_hours: u16,
    pub business_hours: BusinessHours,
    /// Subject and text of the notice after a reset.
    pub reset_notice_subject: String,
    pub reset_notice_text: String,
}

impl From<v1::SettingsBody> for SettingsBody {
    fn from(before: v1::SettingsBody) -> Self {
        Self {
            mfa_available: before.mfa_available,
            mfa_required_for_all: before.mfa_required_for_all,
            issuer: before.issuer,
            step_up_minutes: before.step_up_minutes,
            approval: before.approval,
            approver_hours: APPROVER_HOURS,
            suspicion_hours: SUSPICION_HOURS,
            resets_per_target_per_day: before.resets_per_target_per_day,
            resets_per_actor_per_hour: before.resets_per_actor_per_hour,
            reset_request_hours: before.reset_request_hours,
            session_hours: before.session_hours,
            enrollment_minutes: before.enrollment_minutes,
            generated_password_hours: before.generated_password_hours,
            business_hours: before.business_hours,
            reset_notice_subject: before.reset_notice_subject,
            reset_notice_text: before.reset_notice_text,
        }
    }
}
