//! Keeps alerts of a rule from being passed on for a while.

use mfa_ledger_schemas::bodies::RuleSilenced;
use mfa_ledger_schemas::{CommandName, Permission, RuleId, SilenceId, StreamName};

use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct SilenceRule {
    pub rule: RuleId,
    pub group: Option<String>,
    pub hours: u16,
    pub note: Option<String>,
}

impl UseCase for SilenceRule {
    type Ending = RuleSilenced;

    fn name(&self) -> CommandName {
        CommandName::SilenceRule
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, _: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::Rule(self.rule.clone()))
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<RuleSilenced, No> {
        case.require(Permission::ManageAlerts)?;
        Ok(RuleSilenced {
            silence: case.fresh(SilenceId::from_bytes),
            rule: self.rule.clone(),
            group: self.group.clone(),
            until: case.now.plus_hours(self.hours.into()),
            note: case.annex(),
        })
    }
}
