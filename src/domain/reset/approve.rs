//! Approves a request.

use mfa_ledger_projections::{Administrator, ResetRequestStage};
use mfa_ledger_schemas::bodies::MfaResetApproved;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode, ResetRequestId};

use super::known::{live_request, require_independent, resettable, target_of_request};
use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct ApproveMfaReset {
    pub reset_request: ResetRequestId,
    pub note: Option<String>,
}

/// A permission granted a moment ago may have been granted for this approval.
fn require_held(case: &Case<'_>, approver: &Administrator) -> Result<(), No> {
    let hours = i64::from(case.settings().approver_hours);
    let since = approver.manages_mfa_since.ok_or(RefusalCode::PermissionDenied)?;
    let from = since.plus_hours(hours);
    if from <= case.now { Ok(()) } else { Err(No::Refused(RefusalCode::ApproverTooNew, Some(from))) }
}

impl UseCase for ApproveMfaReset {
    type Ending = MfaResetApproved;

    fn name(&self) -> CommandName {
        CommandName::ApproveMfaReset
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        target_of_request(case, self.reset_request)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaResetApproved, No> {
        case.require(Permission::ManageMfa)?;
        let request = live_request(case, self.reset_request)?;
        if request.stage != ResetRequestStage::Open {
            return Err(RefusalCode::ResetRequestClosed.into());
        }
        let target = resettable(case, request.target)?;
        let acting = case.acting()?;
        let approver = acting.administrator;
        if request.requester.administrator == Some(approver.id) {
            return Err(RefusalCode::OwnRequest.into());
        }
        if let Some(requester) = request.requester.administrator {
            require_independent(case, approver, case.administrator(requester)?)?;
        }
        require_held(case, approver)?;
        Ok(MfaResetApproved { reset_request: request.id, administrator: target.id, note: case.annex() })
    }
}
