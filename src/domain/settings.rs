//! Changes the system-wide settings.

use mfa_ledger_schemas::bodies::{BusinessHours, SettingsBody, SettingsChanged};
use mfa_ledger_schemas::{ApprovalPolicy, CommandName, Permission, Position, StreamName};

use crate::weakened::weakened;
use crate::{Asks, Case, No, UseCase};

/// Changes the settings. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSettings {
    pub mfa_available: Option<bool>,
    pub mfa_required_for_all: Option<bool>,
    pub issuer: Option<String>,
    pub step_up_minutes: Option<u16>,
    pub approval: Option<ApprovalPolicy>,
    pub approver_hours: Option<u16>,
    pub suspicion_hours: Option<u16>,
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

    /// A session is enough to switch MFA on: while MFA is off, nobody can prove more.
    fn asks(&self, case: &Case<'_>) -> Asks {
        let (settings, changed) = self.applied(case.settings());
        let switched_on = settings.mfa_available && changed == ["mfa_available"];
        if switched_on { Asks::SESSION } else { Asks::STEP_UP }
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
        let (settings, changed) = self.applied(case.settings());
        let weakened = weakened(case.settings(), &settings);
        Ok(SettingsChanged { settings, changed, weakened })
    }
}

impl ChangeSettings {
    /// The settings with what changes, and its names.
    fn applied(&self, before: &SettingsBody) -> (SettingsBody, Vec<String>) {
        let mut settings = before.clone();
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
            mfa_available mfa_required_for_all issuer step_up_minutes approval approver_hours suspicion_hours
            resets_per_target_per_day resets_per_actor_per_hour reset_request_hours session_hours
            enrollment_minutes generated_password_hours business_hours reset_notice_subject reset_notice_text
        }
        (settings, changed)
    }
}
