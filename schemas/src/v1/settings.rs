//! Roles and system-wide settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::{AdministratorId, ApprovalPolicy, Permission, RoleId};

/// A role was defined or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleDefined {
    pub role: RoleId,
    pub name: String,
    /// Sorted.
    pub permissions: Vec<Permission>,
    pub mfa_required: bool,
    pub granted: Vec<Permission>,
    pub withdrawn: Vec<Permission>,
}

impl Body for RoleDefined {}

/// An administrator got another role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleAssigned {
    pub administrator: AdministratorId,
    pub role: RoleId,
    pub previous: RoleId,
}

impl Body for RoleAssigned {}

/// The settings changed: all of them as they are now, and the names of those that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsChanged {
    pub settings: SettingsBody,
    pub changed: Vec<String>,
}

impl Body for SettingsChanged {}

/// The system-wide settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsBody {
    pub mfa_available: bool,
    pub mfa_required_for_all: bool,
    /// The issuer that authenticator apps show.
    pub issuer: String,
    pub step_up_minutes: u16,
    pub approval: ApprovalPolicy,
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

/// When the help desk works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BusinessHours {
    /// IANA name, such as `Europe/Prague`.
    pub time_zone: String,
    /// ISO 8601 days, 1 for Monday.
    pub weekdays: Vec<u8>,
    /// Minutes after midnight.
    pub opens: u16,
    /// Minutes after midnight.
    pub closes: u16,
}
