//! Around a reset: requests and approvals, suspicious ones, follow-ups, repudiation.

use mfa_ledger_projections::{Reset, ResetRequest, ResetRequestStage};
use mfa_ledger_schemas::v1::{
    FollowUpRecorded, MfaResetApproved, MfaResetDeclined, MfaResetRequested, ResetRepudiated,
    SuspiciousRequestReported,
};
use mfa_ledger_schemas::{Event, Permission, Position, RefusalCode, ResetRequestId, Scope, StreamName};

use super::Caller;
use super::case::{Case, No};
use super::command::{
    ApproveMfaReset, DeclineMfaReset, RecordFollowUp, ReportSuspiciousRequest, RepudiateReset,
    RequestMfaReset,
};
use super::reset::{check_story, resettable};

pub(super) fn request(case: &Case<'_>, command: &RequestMfaReset) -> Result<Event, No> {
    let settings = case.settings();
    if !settings.mfa_available {
        return Err(RefusalCode::MfaNotAvailable.into());
    }
    case.require_or_scope(Permission::ManageMfa, Scope::RequestReset)?;
    let target = match case.caller() {
        // A ticket system has no rank: the people who approve and perform have.
        Caller::ServiceAccount(_) => case.administrator(command.administrator)?,
        _ => resettable(case, command.administrator)?,
    };
    if !target.active {
        return Err(RefusalCode::AdministratorInactive.into());
    }
    if target.mfa.enrolled.is_none() {
        return Err(RefusalCode::MfaNotEnabled.into());
    }
    check_story(&command.story)?;
    Ok(MfaResetRequested {
        reset_request: command.reset_request,
        administrator: target.id,
        story: command.story.to_event(),
        expires: case.now.plus_hours(settings.reset_request_hours.into()),
    }
    .into())
}

pub(super) fn approve(case: &Case<'_>, command: &ApproveMfaReset) -> Result<Event, No> {
    case.require(Permission::ManageMfa)?;
    let request = open_request(case, command.reset_request)?;
    let target = resettable(case, request.target)?;
    let acting = case.acting()?;
    if request.requester.administrator == Some(acting.administrator.id) {
        return Err(RefusalCode::OwnRequest.into());
    }
    let note = command.note.clone();
    Ok(MfaResetApproved { reset_request: request.id, administrator: target.id, note }.into())
}

pub(super) fn decline(case: &Case<'_>, command: &DeclineMfaReset) -> Result<Event, No> {
    case.require(Permission::ManageMfa)?;
    let request = live_request(case, command.reset_request)?;
    let note = command.note.clone();
    Ok(MfaResetDeclined { reset_request: request.id, administrator: request.target, note }.into())
}

pub(super) fn report(case: &Case<'_>, command: &ReportSuspiciousRequest) -> Result<Event, No> {
    case.require(Permission::ManageMfa)?;
    let request = command.reset_request.map(|id| live_request(case, id)).transpose()?;
    let target = request.map(|request| request.target).or(command.administrator);
    let target = case.administrator(target.ok_or(RefusalCode::AdministratorNotFound)?)?;
    Ok(SuspiciousRequestReported {
        administrator: target.id,
        reset_request: request.map(|request| request.id),
        red_flags: command.red_flags.iter().copied().collect(),
        words: command.words.clone(),
    }
    .into())
}

pub(super) fn follow_up(case: &Case<'_>, command: &RecordFollowUp) -> Result<Event, No> {
    case.require(Permission::ManageMfa)?;
    let reset = known_reset(case, command.reset)?;
    Ok(FollowUpRecorded {
        reset: reset.position,
        administrator: reset.target.administrator,
        notified: command.notified,
        note: command.note.clone(),
    }
    .into())
}

pub(super) fn repudiate(case: &Case<'_>, command: &RepudiateReset) -> Result<Event, No> {
    let reset = case.state().resets.at(command.reset);
    let held = matches!(case.caller(), Caller::NoticeLink(position) if *position == command.reset);
    let own = held || reset.is_some_and(|reset| case.is_self(reset.target.administrator));
    // Somebody who calls the help desk has no session: whoever may reset may also record the denial.
    if held {
        // The link was sent to the person's own addresses, and is good for this reset alone.
    } else if own {
        case.acting_at(&[mfa_ledger_schemas::SessionStage::Done, mfa_ledger_schemas::SessionStage::Enroll])?;
    } else {
        case.require(Permission::ManageMfa)?;
    }
    let reset = known_reset(case, command.reset)?;
    if reset.repudiated.is_some() {
        return Err(RefusalCode::AlreadyRepudiated.into());
    }
    let target = case.administrator(reset.target.administrator)?;
    if !own {
        // It freezes an account: not a weapon against those above.
        case.require_rank(target)?;
    }
    Ok(ResetRepudiated {
        reset: reset.position,
        administrator: target.id,
        frozen: !case.is_last_super_administrator(target),
        sessions_ended: case.count_sessions(target, None),
        note: command.note.clone(),
    }
    .into())
}

/// A request that waits for an approval.
fn open_request<'a>(case: &Case<'a>, id: ResetRequestId) -> Result<&'a ResetRequest, No> {
    let request = live_request(case, id)?;
    if request.stage == ResetRequestStage::Open {
        Ok(request)
    } else {
        Err(RefusalCode::ResetRequestClosed.into())
    }
}

/// A request that can still lead to a reset, and so can still be stopped: approved ones too.
fn live_request<'a>(case: &Case<'a>, id: ResetRequestId) -> Result<&'a ResetRequest, No> {
    let request = case.state().directory.reset_request(id).ok_or(RefusalCode::ResetRequestNotFound)?;
    case.note(StreamName::Administrator(request.target));
    let stoppable = matches!(request.stage, ResetRequestStage::Open | ResetRequestStage::Approved { .. });
    if stoppable && request.expires > case.now {
        Ok(request)
    } else {
        Err(RefusalCode::ResetRequestClosed.into())
    }
}

fn known_reset<'a>(case: &Case<'a>, position: Position) -> Result<&'a Reset, No> {
    let reset = case.state().resets.at(position).ok_or(RefusalCode::ResetNotFound)?;
    case.note(StreamName::Administrator(reset.target.administrator));
    Ok(reset)
}
