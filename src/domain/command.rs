//! The commands, with everything that a pure decision needs: fresh ids, and evidence gathered before.

use std::collections::BTreeSet;

use mfa_ledger_projections::{Administrator, State};
use mfa_ledger_schemas::v1::{Annex, BusinessHours, LossAccepted, ResetStory, SigningKeyRotated};
use mfa_ledger_schemas::{
    AdministratorId, ApprovalPolicy, CommandName, CredentialId, Factor, Instant, NotificationChannel,
    Permission, Position, RedFlag, ResetReason, ResetRequestId, RoleId, Scope, ServiceAccountId, SessionId,
    StreamName, VerificationMethod,
};

use super::Caller;

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
    /// Exports it.
    ExportActivity { format: String, query: String, }
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
    ReadActivity(ReadActivity), ExportActivity(ExportActivity),
    AcceptLoss(LossAccepted), RotateSigningKey(SigningKeyRotated),
}

impl Command {
    /// Its name in refusals.
    pub fn name(&self) -> CommandName {
        match self {
            Self::RegisterAdministrator(_) => CommandName::RegisterAdministrator,
            Self::ChangeAdministrator(_) => CommandName::ChangeAdministrator,
            Self::DeactivateAdministrator(_) => CommandName::DeactivateAdministrator,
            Self::ReactivateAdministrator(_) => CommandName::ReactivateAdministrator,
            Self::SetPassword(_) => CommandName::SetPassword,
            Self::ResetPassword(_) => CommandName::ResetPassword,
            Self::ErasePersonalData(_) => CommandName::ErasePersonalData,
            Self::DefineRole(_) => CommandName::DefineRole,
            Self::AssignRole(_) => CommandName::AssignRole,
            Self::ChangeSettings(_) => CommandName::ChangeSettings,
            Self::LogIn(_) => CommandName::LogIn,
            Self::VerifySecondFactor(_) | Self::VerifyForHost(_) => CommandName::VerifySecondFactor,
            Self::LogOut => CommandName::LogOut,
            Self::RevokeSessions(_) => CommandName::RevokeSessions,
            Self::EnrollMfa(_) => CommandName::EnrollMfa,
            Self::ConfirmMfaEnrollment(_) => CommandName::ConfirmMfaEnrollment,
            Self::CancelMfaEnrollment => CommandName::CancelMfaEnrollment,
            Self::DisableMfa(_) => CommandName::DisableMfa,
            Self::RegenerateBackupCodes(_) => CommandName::RegenerateBackupCodes,
            Self::ResetMfa(_) => CommandName::ResetMfa,
            Self::RequestMfaReset(_) => CommandName::RequestMfaReset,
            Self::ApproveMfaReset(_) => CommandName::ApproveMfaReset,
            Self::DeclineMfaReset(_) => CommandName::DeclineMfaReset,
            Self::ReportSuspiciousRequest(_) => CommandName::ReportSuspiciousRequest,
            Self::RecordFollowUp(_) => CommandName::RecordFollowUp,
            Self::RepudiateReset(_) => CommandName::RepudiateReset,
            Self::CreateServiceAccount(_) => CommandName::CreateServiceAccount,
            Self::RevokeServiceAccount(_) => CommandName::RevokeServiceAccount,
            Self::ReadActivity(_) => CommandName::ReadActivity,
            Self::ExportActivity(_) => CommandName::ExportActivity,
            Self::AcceptLoss(_) => CommandName::AcceptLoss,
            Self::RotateSigningKey(_) => CommandName::RotateSigningKey,
        }
    }

    /// What is documented about a reset, where the command is about one.
    pub fn story(&self) -> Option<&Story> {
        match self {
            Self::ResetMfa(it) => Some(&it.story),
            Self::RequestMfaReset(it) => Some(&it.story),
            _ => None,
        }
    }

    /// The administrator acted upon, themselves included, where there is one that exists.
    pub fn target<'a>(&self, state: &'a State, caller: &Caller) -> Option<&'a Administrator> {
        state.directory.administrator(self.target_id(state, caller)?)
    }

    fn target_id(&self, state: &State, caller: &Caller) -> Option<AdministratorId> {
        let request = |id: ResetRequestId| state.directory.reset_request(id).map(|request| request.target);
        let reset = |position| state.resets.at(position).map(|reset| reset.target.administrator);
        match self {
            Self::RegisterAdministrator(it) => Some(it.administrator),
            Self::ChangeAdministrator(it) => Some(it.administrator),
            Self::DeactivateAdministrator(it) => Some(it.administrator),
            Self::ReactivateAdministrator(it) => Some(it.administrator),
            Self::ResetPassword(it) => Some(it.administrator),
            Self::ErasePersonalData(it) => Some(it.administrator),
            Self::AssignRole(it) => Some(it.administrator),
            Self::LogIn(it) => state.directory.by_user_name(&it.user_name).map(|it| it.id),
            Self::VerifyForHost(it) => Some(it.administrator),
            Self::RevokeSessions(it) => Some(it.administrator),
            Self::ResetMfa(it) => Some(it.administrator),
            Self::RequestMfaReset(it) => Some(it.administrator),
            Self::ApproveMfaReset(it) => request(it.reset_request),
            Self::DeclineMfaReset(it) => request(it.reset_request),
            Self::ReportSuspiciousRequest(it) => it.reset_request.and_then(request).or(it.administrator),
            Self::RecordFollowUp(it) => reset(it.reset),
            Self::RepudiateReset(it) => reset(it.reset),
            Self::SetPassword(_)
            | Self::VerifySecondFactor(_)
            | Self::LogOut
            | Self::EnrollMfa(_)
            | Self::ConfirmMfaEnrollment(_)
            | Self::CancelMfaEnrollment
            | Self::DisableMfa(_)
            | Self::RegenerateBackupCodes(_) => match caller {
                Caller::Session { administrator, .. } => Some(*administrator),
                _ => None,
            },
            Self::DefineRole(_)
            | Self::ChangeSettings(_)
            | Self::CreateServiceAccount(_)
            | Self::RevokeServiceAccount(_)
            | Self::ReadActivity(_)
            | Self::ExportActivity(_)
            | Self::AcceptLoss(_)
            | Self::RotateSigningKey(_) => None,
        }
    }

    /// The stream that the record moves.
    pub fn stream(&self, state: &State, caller: &Caller) -> StreamName {
        match self {
            Self::RegisterAdministrator(_) => return StreamName::Directory,
            Self::ChangeAdministrator(it) if it.user_name.is_some() => return StreamName::Directory,
            Self::DefineRole(it) => return StreamName::Role(it.role.clone()),
            Self::ChangeSettings(_) => return StreamName::Settings,
            Self::AcceptLoss(_) | Self::RotateSigningKey(_) if matches!(caller, Caller::Operator(_)) => {
                return StreamName::Ledger;
            }
            Self::CreateServiceAccount(it) => return StreamName::ServiceAccount(it.service_account),
            Self::RevokeServiceAccount(it) => return StreamName::ServiceAccount(it.service_account),
            _ => {}
        }
        match (self.target(state, caller), self, caller) {
            (Some(target), ..) => StreamName::Administrator(target.id),
            (None, Self::LogIn(_), _) | (None, _, Caller::Anonymous) => StreamName::Strangers,
            (None, _, Caller::Session { administrator, .. }) => StreamName::Administrator(*administrator),
            (None, _, Caller::ServiceAccount(id)) => StreamName::ServiceAccount(*id),
            _ => StreamName::Directory,
        }
    }
}
