//! Acknowledges an alert.

use mfa_ledger_projections::AlertStage;
use mfa_ledger_schemas::bodies::AlertAcknowledged;
use mfa_ledger_schemas::{AlertId, CommandName, Permission, RefusalCode, StreamName};

use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct AcknowledgeAlert {
    pub alert: AlertId,
    pub note: Option<String>,
}

impl UseCase for AcknowledgeAlert {
    type Ending = AlertAcknowledged;

    fn name(&self) -> CommandName {
        CommandName::AcknowledgeAlert
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case, self.alert)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<AlertAcknowledged, No> {
        case.require(Permission::ManageAlerts)?;
        let alert = super::known(case, self.alert)?;
        if alert.stage != AlertStage::Open {
            return Err(RefusalCode::AlertClosed.into());
        }
        Ok(AlertAcknowledged { alert: alert.id, note: case.annex() })
    }
}
