//! Reports a request that looks like an attack, filed or not.

use std::collections::BTreeSet;

use mfa_ledger_schemas::bodies::SuspiciousRequestReported;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RedFlag, RefusalCode, ResetRequestId};

use super::known::{live_request, target_of_request};
use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct ReportSuspiciousRequest {
    pub administrator: Option<AdministratorId>,
    pub reset_request: Option<ResetRequestId>,
    pub red_flags: BTreeSet<RedFlag>,
    pub description: Option<String>,
}

impl UseCase for ReportSuspiciousRequest {
    type Ending = SuspiciousRequestReported;

    fn name(&self) -> CommandName {
        CommandName::ReportSuspiciousRequest
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        let requested = self.reset_request.and_then(|id| target_of_request(case, id));
        requested.or(self.administrator)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.description.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<SuspiciousRequestReported, No> {
        case.require(Permission::ManageMfa)?;
        let request = self.reset_request.map(|id| live_request(case, id)).transpose()?;
        let target = request.map(|request| request.target).or(self.administrator);
        let target = case.administrator(target.ok_or(RefusalCode::AdministratorNotFound)?)?;
        let hours = i64::from(case.settings().suspicion_hours);
        Ok(SuspiciousRequestReported {
            administrator: target.id,
            reset_request: request.map(|request| request.id),
            red_flags: self.red_flags.iter().copied().collect(),
            words: case.annex(),
            suspected_until: (hours > 0).then(|| case.now.plus_hours(hours)),
        })
    }
}
