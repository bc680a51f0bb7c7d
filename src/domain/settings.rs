//! Changes the system-wide settings.

use mfa_ledger_schemas::v1::{BusinessHours, SettingsChanged};
use mfa_ledger_schemas::{ApprovalPolicy, CommandName, Permission, Position, StreamName};

use crate::{Case, No, UseCase};

/// Changes the settings. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSettings {
    pub mfa_available: Option<bool>,
    pub mfa_required_for_all: Option<bool>,
    pub issuer: Option<String>,
    pub step_up_minutes: Option<u16>,
    pub approval: Option<ApprovalPolicy>,
    pub resets_per_target_per_day: Option<u16>,
    pub resets_per_actor_per_hour: Option<u16>,
    pub reset_request_hours: Option<u16>,
    pub session_hours: Option<u16>,
    pub enrollment_minutes: Option<u16>,
    pub generated_password_hours: Option<u16>,
    pub business_hours: Option<BusinessHours>,
    pub reset_notice_subject: Option<String>,
    pub reset_notice_text: Option<String>,
}

impl UseCase for ChangeSettings {
    type Ending = SettingsChanged;

    fn name(&self) -> CommandName {
        CommandName::ChangeSettings
    }

    fn stream(&self, _: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::Settings)
    }

    fn version(&self, case: &Case<'_>) -> Option<Position> {
        case.settings();
        Some(case.state().directory.settings_version())
    }

    fn decide(&self, case: &Case<'_>) -> Result<SettingsChanged, No> {
        case.require(Permission::ManageSettings)?;
        let mut settings = case.settings().clone();
        let mut changed = Vec::new();
        macro_rules! take {
            ($($field:ident)+) => {$(
                if let Some(value) = &self.$field && *value != settings.$field {
                    settings.$field = value.clone();
                    changed.push(stringify!($field).to_owned());
                }
            )+};
        }
        take! {
            mfa_available mfa_required_for_all issuer step_up_minutes approval resets_per_target_per_day
            resets_per_actor_per_hour reset_request_hours session_hours enrollment_minutes
            generated_password_hours business_hours reset_notice_subject reset_notice_text
        }
        Ok(SettingsChanged { settings, changed })
    }
}
