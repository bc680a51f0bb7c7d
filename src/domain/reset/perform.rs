//! Resets somebody else's MFA: every rule in the order of the manual (`manual::resetting`), each with its own code.

use mfa_ledger_projections::{Administrator, ResetRequest, ResetRequestStage, Suspicion};
use mfa_ledger_schemas::bodies::{MfaReset, ResetStory, SettingsBody};
use mfa_ledger_schemas::{
    AdministratorId, ApprovalPolicy, CommandName, Instant, MfaStatus, Permission, RefusalCode,
    ResetRequestId, StreamName,
};

use super::Documented;
use super::known::{is_free_of, require_independent, resettable};
use crate::{Asks, Caller, Case, No, Question, ToSeal, UseCase};

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

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
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

    /// Words that are given beside a request are compared with those that were approved, others with the person's names.
    fn question(&self, case: &Case<'_>) -> Question<'_> {
        let directory = &case.state().directory;
        let request = self.documented.reset_request.and_then(|id| directory.reset_request(id));
        match request
            .filter(|request| approver(case, request).is_some())
            .and_then(|it| it.story.words.as_ref())
        {
            Some(_) if self.documented.words.is_empty() => Question::Nothing,
            Some(annex) => Question::Words { annex: annex.id, given: &self.documented.words },
            None => self.documented.question(directory.administrator(self.administrator)),
        }
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
        let named = named(case, target, self.documented.reset_request)?;
        let story = self.bound(case, &named, target)?;
        let repeated = self.confirmation.as_deref().unwrap_or_default();
        if !repeated.eq_ignore_ascii_case(&target.user_name) {
            return Err(RefusalCode::ConfirmationRequired.into());
        }
        let performer_verified_at = case.step_up()?;
        check_rates(case, target, settings)?;
        let approved = approval(case, target, &named, settings)?;
        case.role(&target.role);
        Ok(MfaReset {
            administrator: target.id,
            story,
            approved_by: approved.map(|(by, _)| by),
            approved_at: approved.map(|(_, at)| at),
            under_suspicion: suspicion(case, target)?.is_some(),
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

impl ResetMfa {
    /// The story of an approved request is that of the reset; otherwise it is told here.
    fn bound(&self, case: &Case<'_>, named: &Named<'_>, target: &Administrator) -> Result<ResetStory, No> {
        let request = match named {
            Named::Approved { request, .. } => request,
            // A bare request id relies on an approval that does not exist yet.
            Named::Open if self.documented.is_bare() => return Err(RefusalCode::ApprovalRequired.into()),
            Named::No | Named::Open => {
                self.documented.check(case, target)?;
                return Ok(self.documented.story(case));
            }
        };
        if !self.documented.agrees_with(&request.story, case.evidence())? {
            return Err(RefusalCode::ApprovedStoryDiffers.into());
        }
        Ok(ResetStory { reset_request: Some(request.id), ..request.story.clone() })
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

/// The request that a reset carries out.
enum Named<'a> {
    /// None.
    No,
    /// One that nobody has approved, or only the performer.
    Open,
    /// An approved one: its details are those of the reset.
    Approved { request: &'a ResetRequest, by: AdministratorId, at: Instant },
}

/// The request is about this account, and can still be used.
fn named<'a>(case: &Case<'a>, target: &Administrator, id: Option<ResetRequestId>) -> Result<Named<'a>, No> {
    let Some(id) = id else { return Ok(Named::No) };
    let request = case.state().directory.reset_request(id).filter(|request| request.target == target.id);
    let request = request.ok_or(RefusalCode::ResetRequestNotFound)?;
    if request.expires <= case.now {
        return Err(RefusalCode::ResetRequestClosed.into());
    }
    if let Some((by, at)) = approver(case, request) {
        return Ok(Named::Approved { request, by, at });
    }
    match request.stage {
        ResetRequestStage::Approved { .. } | ResetRequestStage::Open => Ok(Named::Open),
        ResetRequestStage::Declined | ResetRequestStage::Suspicious | ResetRequestStage::Used(_) => {
            Err(RefusalCode::ResetRequestClosed.into())
        }
    }
}

/// Who approved a request, and when. Two people: the approver is neither the requester (checked then) nor the performer.
fn approver(case: &Case<'_>, request: &ResetRequest) -> Option<(AdministratorId, Instant)> {
    request.approval().filter(|(by, _)| !case.is_self(*by))
}

/// Who approved, and when; none where nobody need have.
fn approval(
    case: &Case<'_>,
    target: &Administrator,
    named: &Named<'_>,
    settings: &SettingsBody,
) -> Result<Option<(AdministratorId, Instant)>, No> {
    let wanted = match settings.approval {
        ApprovalPolicy::Off => false,
        ApprovalPolicy::SuperAdmins => target.super_administrator,
        ApprovalPolicy::All | ApprovalPolicy::Unknown(_) => true,
    };
    let suspicion = suspicion(case, target)?;
    let is_operator = matches!(case.caller(), Caller::Operator(_));
    match named {
        Named::Approved { by, at, .. } => {
            stands(case, *by, *at, target)?;
            // Who approved before the report did not know of it.
            if suspicion.is_some_and(|suspicion| *at <= suspicion.at) && !is_operator {
                return Err(RefusalCode::UnderSuspicion.into());
            }
            Ok(Some((*by, *at)))
        }
        Named::No | Named::Open if is_operator => Ok(None),
        Named::No | Named::Open if wanted => Err(RefusalCode::ApprovalRequired.into()),
        Named::No | Named::Open if suspicion.is_some() => Err(RefusalCode::UnderSuspicion.into()),
        Named::No | Named::Open => Ok(None),
    }
}

/// The suspicion that the performer cannot overcome alone: one that nobody cleared, or that was cleared by themselves or by
/// somebody who is not independent of them.
fn suspicion<'a>(case: &Case<'a>, target: &'a Administrator) -> Result<Option<&'a Suspicion>, No> {
    let Some(suspicion) = target.suspicion_until(case.now) else { return Ok(None) };
    let (Some(by), Some(own)) = (suspicion.cleared_by, case.own()) else {
        return Ok(Some(suspicion).filter(|it| it.cleared_by.is_none()));
    };
    let is_free = is_free_of(case, case.administrator(by)?, case.administrator(own)?);
    Ok(Some(suspicion).filter(|_| !is_free))
}

/// An approval stands while the approver could give it, without a break since they did, about the authenticator that there
/// was, and is not that of somebody who depends on the performer.
fn stands(
    case: &Case<'_>,
    approver: AdministratorId,
    approved_at: Instant,
    target: &Administrator,
) -> Result<(), No> {
    let approver = case.administrator(approver)?;
    let could_still = approver.manages_mfa_since.is_some_and(|since| since <= approved_at)
        && approver.mfa.enrolled.is_some()
        && case.outranks(approver, target);
    // What was approved is that this authenticator goes, not the next one.
    let same = target.mfa.enrolled.as_ref().is_some_and(|enrolled| enrolled.at <= approved_at);
    if !could_still || !same {
        return Err(RefusalCode::ApprovalVoid.into());
    }
    match case.own() {
        Some(performer) => require_independent(case, approver, case.administrator(performer)?),
        None => Ok(()),
    }
}
