//! Approves a request.

use mfa_ledger_projections::ResetRequestStage;
use mfa_ledger_schemas::v1::MfaResetApproved;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode, ResetRequestId};

use super::known::{live_request, resettable, target_of_request};
use crate::{Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct ApproveMfaReset {
    pub reset_request: ResetRequestId,
    pub note: Option<String>,
}

impl UseCase for ApproveMfaReset {
    type Ending = MfaResetApproved;

    fn name(&self) -> CommandName {
        CommandName::ApproveMfaReset
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
        if request.requester.administrator == Some(acting.administrator.id) {
            return Err(RefusalCode::OwnRequest.into());
        }
        Ok(MfaResetApproved { reset_request: request.id, administrator: target.id, note: case.annex() })
    }
}
