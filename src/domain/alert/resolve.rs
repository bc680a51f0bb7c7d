//! Resolves an alert.

use mfa_ledger_projections::AlertStage;
use mfa_ledger_schemas::bodies::AlertResolved;
use mfa_ledger_schemas::{AlertId, CommandName, Permission, RefusalCode, StreamName};

use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct ResolveAlert {
    pub alert: AlertId,
    pub false_positive: bool,
    pub note: Option<String>,
}

impl UseCase for ResolveAlert {
    type Ending = AlertResolved;

    fn name(&self) -> CommandName {
        CommandName::ResolveAlert
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

    fn decide(&self, case: &Case<'_>) -> Result<AlertResolved, No> {
        case.require(Permission::ManageAlerts)?;
        let alert = super::known(case, self.alert)?;
        if alert.stage == AlertStage::Resolved {
            return Err(RefusalCode::AlertClosed.into());
        }
        Ok(AlertResolved { alert: alert.id, false_positive: self.false_positive, note: case.annex() })
    }
}
