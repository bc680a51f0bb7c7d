//! What a command is called, whom it acts upon, and which stream its record moves.

use mfa_ledger_projections::{Administrator, State};
use mfa_ledger_schemas::{AdministratorId, CommandName, ResetRequestId, StreamName};

use super::{
    AcknowledgeAlert, ChangeWebhook, Command, DisableWebhook, RemoveWebhook, ResendDelivery, ResolveAlert,
    RotateWebhookSecret, Story, TestWebhook,
};
use crate::Caller;

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
            Self::ReadActivity(_) | Self::LookBack(_) => CommandName::ReadActivity,
            Self::ExportActivity(_) => CommandName::ExportActivity,
            Self::AcceptLoss(_) => CommandName::AcceptLoss,
            Self::AcceptVaultLoss(_) => CommandName::AcceptVaultLoss,
            Self::RotateSigningKey(_) => CommandName::RotateSigningKey,
            Self::RaiseAlert(_) => CommandName::RaiseAlert,
            Self::AcknowledgeAlert(_) => CommandName::AcknowledgeAlert,
            Self::ResolveAlert(_) => CommandName::ResolveAlert,
            Self::SilenceRule(_) => CommandName::SilenceRule,
            Self::EndSilence(_) => CommandName::EndSilence,
            Self::RecordNotification(_) => CommandName::RecordNotification,
            Self::CreateWebhook(_) => CommandName::CreateWebhook,
            Self::ChangeWebhook(_) => CommandName::ChangeWebhook,
            Self::RotateWebhookSecret(_) => CommandName::RotateWebhookSecret,
            Self::RemoveWebhook(_) => CommandName::RemoveWebhook,
            Self::DisableWebhook(_) => CommandName::DisableWebhook,
            Self::TestWebhook(_) => CommandName::TestWebhook,
            Self::ResendDelivery(_) => CommandName::ResendDelivery,
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
            Self::RecordNotification(it) => Some(it.administrator),
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
            | Self::LookBack(_)
            | Self::ExportActivity(_)
            | Self::AcceptLoss(_)
            | Self::AcceptVaultLoss(_)
            | Self::RotateSigningKey(_)
            | Self::RaiseAlert(_)
            | Self::AcknowledgeAlert(_)
            | Self::ResolveAlert(_)
            | Self::SilenceRule(_)
            | Self::EndSilence(_)
            | Self::CreateWebhook(_)
            | Self::ChangeWebhook(_)
            | Self::RotateWebhookSecret(_)
            | Self::RemoveWebhook(_)
            | Self::DisableWebhook(_)
            | Self::TestWebhook(_)
            | Self::ResendDelivery(_) => None,
        }
    }

    /// The stream that the record moves.
    pub fn stream(&self, state: &State, caller: &Caller) -> StreamName {
        match self {
            Self::RegisterAdministrator(_) => return StreamName::Directory,
            Self::ChangeAdministrator(it) if it.user_name.is_some() => return StreamName::Directory,
            Self::DefineRole(it) => return StreamName::Role(it.role.clone()),
            Self::ChangeSettings(_) => return StreamName::Settings,
            Self::AcceptLoss(_) | Self::AcceptVaultLoss(_) | Self::RotateSigningKey(_)
                if matches!(caller, Caller::Operator(_)) =>
            {
                return StreamName::Ledger;
            }
            Self::CreateServiceAccount(it) => return StreamName::ServiceAccount(it.service_account),
            Self::RevokeServiceAccount(it) => return StreamName::ServiceAccount(it.service_account),
            Self::RaiseAlert(it) if matches!(caller, Caller::System(_)) => {
                return StreamName::Alert(it.alert);
            }
            Self::AcknowledgeAlert(AcknowledgeAlert { alert, .. })
            | Self::ResolveAlert(ResolveAlert { alert, .. })
                if state.alerts.get(*alert).is_some() =>
            {
                return StreamName::Alert(*alert);
            }
            Self::SilenceRule(it) => return StreamName::Rule(it.rule.clone()),
            Self::EndSilence(it) => {
                if let Some(silence) = state.alerts.silence(it.silence) {
                    return StreamName::Rule(silence.rule.clone());
                }
            }
            Self::CreateWebhook(it) => return StreamName::Webhook(it.webhook),
            Self::ChangeWebhook(ChangeWebhook { webhook, .. })
            | Self::RotateWebhookSecret(RotateWebhookSecret { webhook, .. })
            | Self::RemoveWebhook(RemoveWebhook { webhook })
            | Self::DisableWebhook(DisableWebhook { webhook, .. })
            | Self::TestWebhook(TestWebhook { webhook })
            | Self::ResendDelivery(ResendDelivery { webhook, .. })
                if state.webhooks.get(*webhook).is_some() =>
            {
                return StreamName::Webhook(*webhook);
            }
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
