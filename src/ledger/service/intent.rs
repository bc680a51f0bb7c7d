//! What callers want, in their own words: with secrets in clear and without evidence, which the
//! service gathers.

use mfa_ledger_domain::command::{AssignRole, ChangeSettings, ChangeWebhook, DefineRole, DisableWebhook};
use mfa_ledger_domain::policy::Right;
use mfa_ledger_schemas::v1::{
    AlertRaised, LossAccepted, NotificationRecorded, SigningKeyRotated, VaultLossAccepted,
};
use mfa_ledger_schemas::{
    AdministratorId, AlertId, Instant, NotificationChannel, Position, RedFlag, ResetReason, ResetRequestId,
    RoleId, RuleId, Scope, ServiceAccountId, SilenceId, VerificationMethod, WebhookForm, WebhookId,
    WebhookSigning,
};
use mfa_ledger_vault::SecretText;

/// A second factor as it was typed.
#[derive(Clone, Debug)]
pub enum TypedFactor {
    /// A code of the authenticator app.
    Code(SecretText),
    /// A backup code.
    BackupCode(SecretText),
}

/// What is documented about a reset.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields are the guide's list")]
pub struct Documented {
    pub reason: Option<ResetReason>,
    pub reason_text: Option<String>,
    pub verification: Option<VerificationMethod>,
    pub requester_name: Option<String>,
    pub requester_contact: Option<String>,
    pub requested_at: Option<Instant>,
    pub ticket: Option<String>,
    pub reset_request: Option<ResetRequestId>,
}

/// What a caller wants.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the commands of the same names are documented in the domain")]
pub enum Intent {
    RegisterAdministrator {
        user_name: String,
        role: RoleId,
        super_administrator: bool,
        display_name: String,
        emails: Vec<String>,
    },
    ChangeAdministrator {
        administrator: AdministratorId,
        user_name: Option<String>,
        super_administrator: Option<bool>,
        display_name: Option<String>,
        emails: Option<Vec<String>>,
    },
    DeactivateAdministrator {
        administrator: AdministratorId,
        note: Option<String>,
    },
    ReactivateAdministrator {
        administrator: AdministratorId,
        note: Option<String>,
    },
    SetPassword {
        current: SecretText,
        new: SecretText,
    },
    ResetPassword {
        administrator: AdministratorId,
    },
    ErasePersonalData {
        administrator: AdministratorId,
    },
    DefineRole(DefineRole),
    AssignRole(AssignRole),
    ChangeSettings(Box<ChangeSettings>),
    LogIn {
        user_name: String,
        password: SecretText,
    },
    VerifySecondFactor {
        factor: TypedFactor,
    },
    VerifyForHost {
        administrator: AdministratorId,
        factor: TypedFactor,
    },
    LogOut,
    RevokeSessions {
        administrator: AdministratorId,
    },
    EnrollMfa,
    ConfirmMfaEnrollment {
        code: SecretText,
    },
    CancelMfaEnrollment,
    DisableMfa {
        code: SecretText,
    },
    RegenerateBackupCodes {
        code: SecretText,
    },
    ResetMfa {
        administrator: AdministratorId,
        documented: Documented,
        confirmation: Option<String>,
    },
    RequestMfaReset {
        administrator: AdministratorId,
        documented: Documented,
    },
    ApproveMfaReset {
        reset_request: ResetRequestId,
        note: Option<String>,
    },
    DeclineMfaReset {
        reset_request: ResetRequestId,
        note: Option<String>,
    },
    ReportSuspiciousRequest {
        administrator: Option<AdministratorId>,
        reset_request: Option<ResetRequestId>,
        red_flags: Vec<RedFlag>,
        description: Option<String>,
    },
    RecordFollowUp {
        reset: Position,
        notified: Option<NotificationChannel>,
        note: Option<String>,
    },
    RepudiateReset {
        reset: Position,
        note: Option<String>,
    },
    CreateServiceAccount {
        name: String,
        scopes: Vec<Scope>,
        expires: Option<Instant>,
    },
    RevokeServiceAccount {
        service_account: ServiceAccountId,
    },
    ReadActivity {
        query: String,
    },
    LookBack {
        query: String,
        right: Right,
    },
    ExportActivity {
        format: String,
        query: String,
    },
    AcceptLoss(LossAccepted),
    AcceptVaultLoss(VaultLossAccepted),
    RotateSigningKey(SigningKeyRotated),
    RaiseAlert(Box<AlertRaised>),
    AcknowledgeAlert {
        alert: AlertId,
        note: Option<String>,
    },
    ResolveAlert {
        alert: AlertId,
        false_positive: bool,
        note: Option<String>,
    },
    SilenceRule {
        rule: RuleId,
        group: Option<String>,
        hours: u16,
        note: Option<String>,
    },
    EndSilence {
        silence: SilenceId,
    },
    RecordNotification(NotificationRecorded),
    CreateWebhook {
        url: String,
        actions: Vec<String>,
        form: WebhookForm,
        signing: WebhookSigning,
        description: String,
    },
    ChangeWebhook(ChangeWebhook),
    RotateWebhookSecret {
        webhook: WebhookId,
    },
    RemoveWebhook {
        webhook: WebhookId,
    },
    DisableWebhook(DisableWebhook),
    TestWebhook {
        webhook: WebhookId,
    },
    ResendDelivery {
        webhook: WebhookId,
        position: Position,
    },
}

impl Intent {
    /// Whether repeating it under a key is offered: not for log-ins, whose answer is a session, and not
    /// for readings, which a repeated key would keep off the record.
    pub fn takes_keys(&self) -> bool {
        !matches!(
            self,
            Self::LogIn { .. }
                | Self::VerifySecondFactor { .. }
                | Self::VerifyForHost { .. }
                | Self::ReadActivity { .. }
                | Self::LookBack { .. }
                | Self::ExportActivity { .. }
        )
    }
}
