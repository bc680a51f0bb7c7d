//! Lets a service account work again that was suspended when the log was restored.

use mfa_ledger_schemas::bodies::ServiceAccountResumed;
use mfa_ledger_schemas::{CommandName, Permission, RefusalCode, ServiceAccountId, StreamName};

use super::behind;
use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct ResumeServiceAccount {
    pub service_account: ServiceAccountId,
}

impl UseCase for ResumeServiceAccount {
    type Ending = ServiceAccountResumed;

    fn name(&self) -> CommandName {
        CommandName::ResumeServiceAccount
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, _: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::ServiceAccount(self.service_account))
    }

    fn decide(&self, case: &Case<'_>) -> Result<ServiceAccountResumed, No> {
        case.require(Permission::ManageSettings)?;
        let account = super::unrevoked(case, self.service_account)?;
        case.require_own(account.scopes.iter().filter_map(|scope| behind(*scope)))?;
        if !account.suspended {
            return Err(RefusalCode::NotSuspended.into());
        }
        Ok(ServiceAccountResumed { service_account: account.id, name: account.name.clone() })
    }
}
