//! Declines a request.

use mfa_ledger_schemas::bodies::MfaResetDeclined;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, ResetRequestId};

use super::known::{live_request, target_of_request};
use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct DeclineMfaReset {
    pub reset_request: ResetRequestId,
    pub note: Option<String>,
}

impl UseCase for DeclineMfaReset {
    type Ending = MfaResetDeclined;

    fn name(&self) -> CommandName {
        CommandName::DeclineMfaReset
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        target_of_request(case, self.reset_request)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaResetDeclined, No> {
        case.require(Permission::ManageMfa)?;
        let request = live_request(case, self.reset_request)?;
        Ok(MfaResetDeclined { reset_request: request.id, administrator: request.target, note: case.annex() })
    }
}
