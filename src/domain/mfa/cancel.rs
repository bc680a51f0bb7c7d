//! Cancels an enrollment.

use mfa_ledger_schemas::bodies::MfaEnrollmentCancelled;
use mfa_ledger_schemas::{AdministratorId, CommandName, RefusalCode, SessionStage};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Copy, Debug)]
pub struct CancelMfaEnrollment;

impl UseCase for CancelMfaEnrollment {
    type Ending = MfaEnrollmentCancelled;

    fn name(&self) -> CommandName {
        CommandName::CancelMfaEnrollment
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaEnrollmentCancelled, No> {
        let own = case.acting_at(&[SessionStage::Done, SessionStage::Enroll])?.administrator;
        let pending = own.mfa.pending.as_ref().ok_or(RefusalCode::NoPendingEnrollment)?;
        Ok(MfaEnrollmentCancelled { administrator: own.id, credential: pending.credential })
    }
}
