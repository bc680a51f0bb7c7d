//! Resets somebody else's MFA: every rule in the order of the manual (`manual::resetting`), each with its own code.

use mfa_ledger_projections::{Administrator, ResetRequestStage};
use mfa_ledger_schemas::v1::{MfaReset, ResetStory, SettingsBody};
use mfa_ledger_schemas::{
    AdministratorId, ApprovalPolicy, CommandName, Instant, MfaStatus, Permission, RefusalCode, StreamName,
};

use super::Documented;
use super::known::resettable;
use crate::{Caller, Case, No, ToSeal, UseCase};

/// Sessions named in a reset.
const NAMED_SESSIONS: usize = 50;

#[derive(Clone, Debug)]
pub struct ResetMfa {
    pub administrator: AdministratorId,
    pub documented: Documented,
    /// The target's user name, repeated.
    pub confirmation: Option<String>,
}

impl UseCase for ResetMfa {
    type Ending = MfaReset;

    fn name(&self) -> CommandName {
        CommandName::ResetMfa
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    /// The limit per performer counts over the streams of many targets.
    fn turn(&self, case: &Case<'_>) -> Option<String> {
        let limited = |settings: &SettingsBody| settings.resets_per_actor_per_hour > 0;
        let actor = case.own().filter(|_| case.state().directory.settings().is_none_or(limited));
        actor.map(|actor| StreamName::Administrator(actor).to_string())
    }

    fn to_seal(&self) -> ToSeal {
        self.documented.to_seal()
    }

    fn story(&self, case: &Case<'_>) -> Option<ResetStory> {
        Some(self.documented.story(case))
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaReset, No> {
        let settings = case.settings();
        if !settings.mfa_available {
            return Err(RefusalCode::MfaNotAvailable.into());
        }
        case.require(Permission::ManageMfa)?;
        let target = resettable(case, self.administrator)?;
        let enrolled = target.mfa.enrolled.as_ref().ok_or(RefusalCode::MfaNotEnabled)?;
        self.documented.check()?;
        let repeated = self.confirmation.as_deref().unwrap_or_default();
        if !repeated.eq_ignore_ascii_case(&target.user_name) {
            return Err(RefusalCode::ConfirmationRequired.into());
        }
        let performer_verified_at = step_up(case, settings)?;
        check_rates(case, target, settings)?;
        let approved_by = approval(case, target, &self.documented, settings)?;
        case.role(&target.role);
        Ok(MfaReset {
            administrator: target.id,
            story: self.documented.story(case),
            approved_by,
            approval_policy: settings.approval,
            performer_verified_at,
            break_glass: matches!(case.caller(), Caller::Operator(_)),
            credential: enrolled.credential,
            enrolled_at: enrolled.at,
            backup_codes: enrolled.backup_codes,
            backup_codes_left: u8::try_from(enrolled.unused.len()).unwrap_or(u8::MAX),
            status_before: MfaStatus::Enabled,
            status_after: MfaStatus::NotEnabled,
            // A session list longer than this would not fit into a record; all of them end all the same.
            sessions_ended: case.live_sessions(target).into_iter().take(NAMED_SESSIONS).collect(),
            totp_failures: target.throttles.totp.consecutive,
            backup_code_failures: target.throttles.backup_code.consecutive,
            epoch: target.epoch.saturating_add(1),
            must_enroll: case.state().directory.mfa_required(target),
        })
    }
}

fn step_up(case: &Case<'_>, settings: &SettingsBody) -> Result<Option<Instant>, No> {
    if matches!(case.caller(), Caller::Operator(_)) {
        return Ok(None);
    }
    let acting = case.acting()?;
    if acting.administrator.mfa.enrolled.is_none() {
        return Err(RefusalCode::ActorMfaRequired.into());
    }
    match acting.session.verified_at {
        Some(at) if at.plus_minutes(settings.step_up_minutes.into()) > case.now => Ok(Some(at)),
        Some(_) | None => Err(RefusalCode::StepUpRequired.into()),
    }
}

fn check_rates(case: &Case<'_>, target: &Administrator, settings: &SettingsBody) -> Result<(), No> {
    let day_ago = case.now.plus_hours(-24);
    let of_target: Vec<_> = target.recent_resets.iter().filter(|at| **at > day_ago).collect();
    limit(&of_target, settings.resets_per_target_per_day, 24)?;
    if let Caller::Session { administrator, .. } = case.caller() {
        let hour_ago = case.now.plus_hours(-1);
        let actor = case.administrator(*administrator)?;
        let by_actor: Vec<_> = actor.recent_resets_of_others.iter().filter(|at| **at > hour_ago).collect();
        limit(&by_actor, settings.resets_per_actor_per_hour, 1)?;
    }
    Ok(())
}

fn limit(moments: &[&Instant], most: u16, hours: i64) -> Result<(), No> {
    if most == 0 || moments.len() < most.into() {
        return Ok(());
    }
    // A place is free again when the oldest of the newest `most` has left the window.
    let retry_at = moments.get(moments.len() - usize::from(most)).map(|at| at.plus_hours(hours));
    Err(No::Refused(RefusalCode::ResetRateLimited, retry_at))
}

fn approval(
    case: &Case<'_>,
    target: &Administrator,
    documented: &Documented,
    settings: &SettingsBody,
) -> Result<Option<AdministratorId>, No> {
    let wanted = match settings.approval {
        ApprovalPolicy::Off => false,
        ApprovalPolicy::SuperAdmins => target.super_administrator,
        ApprovalPolicy::All | ApprovalPolicy::Unknown(_) => true,
    };
    let required = wanted && !matches!(case.caller(), Caller::Operator(_));
    let Some(id) = documented.reset_request else {
        return if required { Err(RefusalCode::ApprovalRequired.into()) } else { Ok(None) };
    };
    let request = case.state().directory.reset_request(id).filter(|request| request.target == target.id);
    let request = request.ok_or(RefusalCode::ResetRequestNotFound)?;
    let closed = || Err(RefusalCode::ResetRequestClosed.into());
    if request.expires <= case.now {
        return closed();
    }
    match request.stage {
        // Two people: the approver is neither the requester (checked then) nor the performer.
        ResetRequestStage::Approved { by, .. } if !case.is_self(by) => Ok(Some(by)),
        ResetRequestStage::Approved { .. } | ResetRequestStage::Open => {
            if required {
                Err(RefusalCode::ApprovalRequired.into())
            } else {
                Ok(None)
            }
        }
        ResetRequestStage::Declined | ResetRequestStage::Suspicious | ResetRequestStage::Used(_) => closed(),
    }
}
