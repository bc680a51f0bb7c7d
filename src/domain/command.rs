//! The commands, with everything that a pure decision needs: fresh ids, and evidence gathered before.

mod place;

use std::collections::BTreeSet;

use mfa_ledger_schemas::v1::{
    AlertRaised, Annex, BusinessHours, LossAccepted, NotificationRecorded, ResetStory, SigningKeyRotated,
    VaultLossAccepted,
};
use mfa_ledger_schemas::{
    AdministratorId, AlertId, ApprovalPolicy, CredentialId, Factor, Instant, NotificationChannel, Permission,
    Position, RedFlag, ResetReason, ResetRequestId, RoleId, RuleId, Scope, ServiceAccountId, SessionId,
    SilenceId, VerificationMethod, WebhookFault, WebhookForm, WebhookId, WebhookSigning,
};

use super::policy::Right;

/// What was found out about a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProof {
    /// It was not looked at, since it is too early after failures.
    NotLooked,
    /// It was compared: with which credential (none for an unknown user), and whether it fits.
    Compared {
        /// Compared with.
        credential: Option<CredentialId>,
        /// Whether it fits.
        fits: bool,
    },
}

/// What was found out about a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorProof {
    /// It was not looked at: too early after failures, blocked, or nothing to compare with.
    NotLooked(Factor),
    /// A TOTP code was compared.
    Totp {
        /// With which seed.
        credential: CredentialId,
        /// The time step within the window that it belongs to.
        step: Option<u64>,
        /// How far off it is, in time steps, when it would fit within ten.
        drift: Option<i32>,
    },
    /// A backup code was compared.
    BackupCode {
        /// With which set.
        backup_codes: CredentialId,
        /// Which of the set it is.
        index: Option<u8>,
    },
}

/// What is documented about a reset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    /// Why.
    pub reason: Option<ResetReason>,
    /// How identity was verified.
    pub verification: Option<VerificationMethod>,
    /// When the person asked.
    pub requested_at: Option<Instant>,
    /// The ticket.
    pub ticket: Option<String>,
    /// Requester's name and contact, the reason in words: sealed.
    pub words: Option<Annex>,
    /// Which of the sealed words are there.
    pub has: SealedWords,
    /// The approved request.
    pub reset_request: Option<ResetRequestId>,
}

/// Which of the sealed words are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealedWords {
    /// The requester's name.
    pub requester_name: bool,
    /// The requester's contact.
    pub requester_contact: bool,
    /// The reason in words.
    pub reason_text: bool,
}

impl Story {
    /// As events keep it.
    pub fn to_event(&self) -> ResetStory {
        ResetStory {
            reason: self.reason,
            verification: self.verification,
            requested_at: self.requested_at,
            ticket: self.ticket.clone(),
            words: self.words.clone(),
            reset_request: self.reset_request,
        }
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "fields in the field's standard terms")]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )+};
}

commands! {
    /// Registers an administrator with a generated password.
    RegisterAdministrator {
        administrator: AdministratorId,
        user_name: String,
        role: RoleId,
        super_administrator: bool,
        password: CredentialId,
        personal: Annex,
    }
    /// Changes an account; what is `None` stays.
    ChangeAdministrator {
        administrator: AdministratorId,
        user_name: Option<String>,
        super_administrator: Option<bool>,
        personal: Option<Annex>,
    }
    /// Ends somebody's access.
    DeactivateAdministrator { administrator: AdministratorId, note: Option<Annex>, }
    /// Gives access back; also to a frozen account.
    ReactivateAdministrator { administrator: AdministratorId, note: Option<Annex>, }
    /// Chooses one's own password.
    SetPassword {
        current: PasswordProof,
        password: CredentialId,
        /// Whether the new one keeps the rules for passwords.
        acceptable: bool,
    }
    /// Gives somebody a generated password.
    ResetPassword { administrator: AdministratorId, password: CredentialId, }
    /// Destroys the sealed values about somebody who is no longer active.
    ErasePersonalData { administrator: AdministratorId, }
    /// Defines or changes a role.
    DefineRole { role: RoleId, name: String, permissions: BTreeSet<Permission>, mfa_required: bool, }
    /// Gives somebody a role.
    AssignRole { administrator: AdministratorId, role: RoleId, }
    /// Logs in with user name and password.
    LogIn {
        user_name: String,
        /// Keyed hash of the user name, recorded in its place when nobody has it.
        name_hash: String,
        proof: PasswordProof,
        session: SessionId,
        address: Option<String>,
    }
    /// Shows a second factor, to finish a log-in or to step up.
    VerifySecondFactor { proof: FactorProof, address: Option<String>, }
    /// A host application asks whether a second factor is good.
    VerifyForHost { administrator: AdministratorId, proof: FactorProof, }
    /// Ends all sessions of somebody.
    RevokeSessions { administrator: AdministratorId, }
    /// Begins enrollment.
    EnrollMfa { credential: CredentialId, }
    /// Confirms it with a first code.
    ConfirmMfaEnrollment { proof: FactorProof, backup_codes: CredentialId, }
    /// Switches one's own MFA off.
    DisableMfa { proof: FactorProof, }
    /// Replaces one's own backup codes.
    RegenerateBackupCodes { proof: FactorProof, backup_codes: CredentialId, }
    /// Resets somebody else's MFA.
    ResetMfa {
        administrator: AdministratorId,
        story: Story,
        /// The target's user name, repeated.
        confirmation: Option<String>,
    }
    /// Files a request that somebody's MFA be reset.
    RequestMfaReset { reset_request: ResetRequestId, administrator: AdministratorId, story: Story, }
    /// Approves a request.
    ApproveMfaReset { reset_request: ResetRequestId, note: Option<Annex>, }
    /// Declines a request.
    DeclineMfaReset { reset_request: ResetRequestId, note: Option<Annex>, }
    /// Reports a request that looks like an attack, filed or not.
    ReportSuspiciousRequest {
        administrator: Option<AdministratorId>,
        reset_request: Option<ResetRequestId>,
        red_flags: BTreeSet<RedFlag>,
        words: Option<Annex>,
    }
    /// Records what was done after a reset.
    RecordFollowUp { reset: Position, notified: Option<NotificationChannel>, note: Option<Annex>, }
    /// "This wasn't me."
    RepudiateReset { reset: Position, note: Option<Annex>, }
    /// Creates a service account.
    CreateServiceAccount {
        service_account: ServiceAccountId,
        name: String,
        scopes: BTreeSet<Scope>,
        expires: Option<Instant>,
    }
    /// Ends one.
    RevokeServiceAccount { service_account: ServiceAccountId, }
    /// Reads the activity log.
    ReadActivity { query: String, }
    /// Looks back at what was true at a moment, which takes the right of that question.
    LookBack { query: String, right: Right, }
    /// Exports it.
    ExportActivity { format: String, query: String, }
    /// Says that one looks into an alert.
    AcknowledgeAlert { alert: AlertId, note: Option<Annex>, }
    /// Says that an alert is settled.
    ResolveAlert { alert: AlertId, false_positive: bool, note: Option<Annex>, }
    /// Keeps alerts of a rule from being passed on for a while.
    SilenceRule {
        silence: SilenceId,
        rule: RuleId,
        group: Option<String>,
        hours: u16,
        note: Option<Annex>,
    }
    /// Ends a silence before its time.
    EndSilence { silence: SilenceId, }
    /// Has events delivered to an endpoint.
    CreateWebhook {
        webhook: WebhookId,
        url: String,
        actions: Vec<String>,
        form: WebhookForm,
        signing: WebhookSigning,
        description: String,
        secret: CredentialId,
    }
    /// Changes an endpoint; what is `None` stays.
    ChangeWebhook {
        webhook: WebhookId,
        url: Option<String>,
        actions: Option<Vec<String>>,
        form: Option<WebhookForm>,
        description: Option<String>,
        active: Option<bool>,
    }
    /// Signs deliveries to an endpoint with a new secret.
    RotateWebhookSecret { webhook: WebhookId, secret: CredentialId, }
    /// Has nothing delivered to an endpoint any more.
    RemoveWebhook { webhook: WebhookId, }
    /// Switches an endpoint off that takes nothing.
    DisableWebhook { webhook: WebhookId, fault: WebhookFault, since: Option<Instant>, }
    /// Has something delivered to an endpoint, to see whether it arrives.
    TestWebhook { webhook: WebhookId, }
    /// Has a record delivered again.
    ResendDelivery { webhook: WebhookId, position: Position, }
}

/// Changes to the settings; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of SettingsBody")]
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

macro_rules! command_enum {
    ($($name:ident $(($body:ident))?,)+) => {
        /// A command, ready to be decided.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each arm is documented by the struct that it holds")]
        pub enum Command { $($name $(($body))?,)+ }
    };
}

command_enum! {
    RegisterAdministrator(RegisterAdministrator), ChangeAdministrator(ChangeAdministrator),
    DeactivateAdministrator(DeactivateAdministrator), ReactivateAdministrator(ReactivateAdministrator),
    SetPassword(SetPassword), ResetPassword(ResetPassword), ErasePersonalData(ErasePersonalData),
    DefineRole(DefineRole), AssignRole(AssignRole), ChangeSettings(ChangeSettings),
    LogIn(LogIn), VerifySecondFactor(VerifySecondFactor), VerifyForHost(VerifyForHost), LogOut,
    RevokeSessions(RevokeSessions),
    EnrollMfa(EnrollMfa), ConfirmMfaEnrollment(ConfirmMfaEnrollment), CancelMfaEnrollment,
    DisableMfa(DisableMfa), RegenerateBackupCodes(RegenerateBackupCodes),
    ResetMfa(ResetMfa), RequestMfaReset(RequestMfaReset), ApproveMfaReset(ApproveMfaReset),
    DeclineMfaReset(DeclineMfaReset), ReportSuspiciousRequest(ReportSuspiciousRequest),
    RecordFollowUp(RecordFollowUp), RepudiateReset(RepudiateReset),
    CreateServiceAccount(CreateServiceAccount), RevokeServiceAccount(RevokeServiceAccount),
    ReadActivity(ReadActivity), LookBack(LookBack), ExportActivity(ExportActivity),
    AcceptLoss(LossAccepted), AcceptVaultLoss(VaultLossAccepted), RotateSigningKey(SigningKeyRotated),
    RaiseAlert(AlertRaised), AcknowledgeAlert(AcknowledgeAlert), ResolveAlert(ResolveAlert),
    SilenceRule(SilenceRule), EndSilence(EndSilence), RecordNotification(NotificationRecorded),
    CreateWebhook(CreateWebhook), ChangeWebhook(ChangeWebhook), RotateWebhookSecret(RotateWebhookSecret),
    RemoveWebhook(RemoveWebhook), DisableWebhook(DisableWebhook), TestWebhook(TestWebhook),
    ResendDelivery(ResendDelivery),
}
