//! Ends a service account.

use mfa_ledger_schemas::bodies::ServiceAccountRevoked;
use mfa_ledger_schemas::{CommandName, Permission, ServiceAccountId, StreamName};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct RevokeServiceAccount {
    pub service_account: ServiceAccountId,
}

impl UseCase for RevokeServiceAccount {
    type Ending = ServiceAccountRevoked;

    fn name(&self) -> CommandName {
        CommandName::RevokeServiceAccount
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, _: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::ServiceAccount(self.service_account))
    }

    fn decide(&self, case: &Case<'_>) -> Result<ServiceAccountRevoked, No> {
        case.require(Permission::ManageSettings)?;
        let account = super::unrevoked(case, self.service_account)?;
        Ok(ServiceAccountRevoked { service_account: account.id, name: account.name.clone() })
    }
}
