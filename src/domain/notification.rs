//! Records what became of a notice.

use mfa_ledger_schemas::bodies::NotificationRecorded;
use mfa_ledger_schemas::{AdministratorId, CommandName};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct RecordNotification(pub NotificationRecorded);

impl UseCase for RecordNotification {
    type Ending = NotificationRecorded;

    fn name(&self) -> CommandName {
        CommandName::RecordNotification
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.0.administrator)
    }

    fn decide(&self, case: &Case<'_>) -> Result<NotificationRecorded, No> {
        case.require_system()?;
        case.administrator(self.0.administrator)?;
        Ok(self.0.clone())
    }
}
