//! Raises an alert.

use mfa_ledger_schemas::bodies::AlertRaised;
use mfa_ledger_schemas::{CommandName, RefusalCode, StreamName};

use crate::{Asks, Caller, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct RaiseAlert(pub AlertRaised);

impl UseCase for RaiseAlert {
    type Ending = AlertRaised;

    fn name(&self) -> CommandName {
        CommandName::RaiseAlert
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        matches!(case.caller(), Caller::System(_)).then_some(StreamName::Alert(self.0.alert))
    }

    fn decide(&self, case: &Case<'_>) -> Result<AlertRaised, No> {
        case.require_system()?;
        case.note(StreamName::Alert(self.0.alert));
        // Its id comes from rule, group and position: the same match is the same alert.
        if case.state().alerts.get(self.0.alert).is_some() {
            return Err(RefusalCode::AlertExists.into());
        }
        Ok(self.0.clone())
    }
}
