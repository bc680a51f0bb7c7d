//! Ends a silence before its time.

use mfa_ledger_schemas::bodies::SilenceEnded;
use mfa_ledger_schemas::{CommandName, Permission, RefusalCode, SilenceId, StreamName};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct EndSilence {
    pub silence: SilenceId,
}

impl UseCase for EndSilence {
    type Ending = SilenceEnded;

    fn name(&self) -> CommandName {
        CommandName::EndSilence
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        case.state().alerts.silence(self.silence).map(|silence| StreamName::Rule(silence.rule.clone()))
    }

    fn decide(&self, case: &Case<'_>) -> Result<SilenceEnded, No> {
        case.require(Permission::ManageAlerts)?;
        let silence = case.state().alerts.silence(self.silence).ok_or(RefusalCode::SilenceNotFound)?;
        case.note(StreamName::Rule(silence.rule.clone()));
        if !silence.is_in_force(case.now) {
            return Err(RefusalCode::SilenceNotFound.into());
        }
        Ok(SilenceEnded { silence: silence.id, rule: silence.rule.clone() })
    }
}
