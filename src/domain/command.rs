//! The commands, each from its own file, and what their input consists of.

pub use crate::account::{
    ChangeAdministrator, DeactivateAdministrator, ErasePersonalData, ReactivateAdministrator,
    RegisterAdministrator, ResetPassword, SetPassword,
};
pub use crate::activity::{ExportActivity, ReadActivity};
pub use crate::alert::{AcknowledgeAlert, EndSilence, RaiseAlert, ResolveAlert, SilenceRule};
pub use crate::evidence::TypedFactor;
pub use crate::integrity::{AcceptLoss, AcceptVaultLoss, RotateSigningKey};
pub use crate::mfa::{
    CancelMfaEnrollment, ConfirmMfaEnrollment, DisableMfa, EnrollMfa, RegenerateBackupCodes,
};
pub use crate::notification::RecordNotification;
pub use crate::reset::{
    ApproveMfaReset, DeclineMfaReset, Documented, RecordFollowUp, ReportSuspiciousRequest, RepudiateReset,
    RequestMfaReset, ResetMfa,
};
pub use crate::role::{AssignRole, DefineRole};
pub use crate::second_factor::Verified;
pub use crate::service_account::{CreateServiceAccount, RevokeServiceAccount};
pub use crate::session::{LogIn, LogOut, RevokeSessions, VerifySecondFactor};
pub use crate::settings::ChangeSettings;
pub use crate::verify_for_host::VerifyForHost;
pub use crate::webhook::{
    ChangeWebhook, CreateWebhook, DisableWebhook, RemoveWebhook, ResendDelivery, RotateWebhookSecret,
    TestWebhook,
};
