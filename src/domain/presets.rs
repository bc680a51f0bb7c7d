//! What a new log begins with: the recommended roles of the guide, and the settings.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use mfa_ledger_schemas::bodies::{BusinessHours, SettingsBody};
use mfa_ledger_schemas::{ApprovalPolicy, Permission, RoleId};

use super::command::DefineRole;

/// [`settings`], made once: every decision may ask for them.
pub static SETTINGS: LazyLock<SettingsBody> = LazyLock::new(settings);

/// The settings before anybody changed them.
pub fn settings() -> SettingsBody {
    SettingsBody {
        mfa_available: true,
        mfa_required_for_all: false,
        issuer: "mfa-ledger".to_owned(),
        step_up_minutes: 15,
        approval: ApprovalPolicy::Off,
        approver_hours: 24,
        suspicion_hours: 24,
        resets_per_target_per_day: 5,
        resets_per_actor_per_hour: 30,
        reset_request_hours: 24,
        session_hours: 12,
        enrollment_minutes: 30,
        generated_password_hours: 72,
        business_hours: BusinessHours {
            time_zone: "UTC".to_owned(),
            weekdays: vec![1, 2, 3, 4, 5],
            opens: 7 * 60,
            closes: 18 * 60,
        },
        // The guide's text, "Communication"; who, when and the ticket are put behind it.
        reset_notice_subject: "Your MFA Has Been Reset".to_owned(),
        reset_notice_text:
            "Your Multi-Factor Authentication has been reset for your administrator account.\n\n\
            Next steps:\n\
            1. Log in using your username and password\n\
            2. Navigate to My Profile\n\
            3. Click \"Enable MFA\" in the Security section\n\
            4. Follow the on-screen instructions to re-enroll\n\n\
            If MFA is required for your role, you'll be prompted to enroll immediately upon login.\n\n\
            If you did not request this reset, contact IT immediately."
                .to_owned(),
    }
}

/// The recommended roles. Those that the guide recommends `manage-mfa` for have it; nobody is made to
/// enroll by a preset, since only the operator knows when that is right.
pub fn roles() -> Vec<DefineRole> {
    use Permission::{ExportActivity, ManageAdministrators, ManageAlerts, ManageMfa, ViewActivity};
    let table: [(&str, &str, &[Permission]); 6] = [
        ("it-administrator", "IT Administrator", &[ManageMfa, ViewActivity, ManageAdministrators]),
        ("help-desk", "Help Desk", &[ManageMfa]),
        ("system-administrator", "System Administrator", Permission::ALL),
        ("security-officer", "Security Officer", &[ManageMfa, ViewActivity, ExportActivity, ManageAlerts]),
        ("auditor", "Auditor", &[ViewActivity, ExportActivity]),
        ("general-staff", "General Staff", &[]),
    ];
    table.into_iter().map(|(id, name, permissions)| role(id, name, permissions)).collect()
}

fn role(id: &str, name: &str, permissions: &[Permission]) -> DefineRole {
    let role: RoleId = id.parse().expect("presets have role ids");
    let permissions: BTreeSet<_> = permissions.iter().copied().collect();
    DefineRole { role, name: name.to_owned(), permissions, mfa_required: false }
}
