//! Ends one's own session.

use mfa_ledger_schemas::bodies::SessionEnded;
use mfa_ledger_schemas::{AdministratorId, CommandName, SessionStage};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Copy, Debug)]
pub struct LogOut;

impl UseCase for LogOut {
    type Ending = SessionEnded;

    fn name(&self) -> CommandName {
        CommandName::LogOut
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn decide(&self, case: &Case<'_>) -> Result<SessionEnded, No> {
        let acting = case.acting_at(&[SessionStage::Done, SessionStage::Verify, SessionStage::Enroll])?;
        Ok(SessionEnded { administrator: acting.administrator.id, session: acting.session.id })
    }
}
