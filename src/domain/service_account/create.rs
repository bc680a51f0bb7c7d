//! Creates a service account.

use std::collections::BTreeSet;

use mfa_ledger_schemas::bodies::ServiceAccountCreated;
use mfa_ledger_schemas::{CommandName, Instant, Permission, Scope, ServiceAccountId, StreamName};

use super::behind;
use crate::{Asks, Case, No, Shows, UseCase};

#[derive(Clone, Debug)]
pub struct CreateServiceAccount {
    pub name: String,
    pub scopes: BTreeSet<Scope>,
    pub expires: Option<Instant>,
}

impl UseCase for CreateServiceAccount {
    type Ending = ServiceAccountCreated;

    fn name(&self) -> CommandName {
        CommandName::CreateServiceAccount
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::ServiceAccount(case.fresh(ServiceAccountId::from_bytes)))
    }

    fn shows(ending: &ServiceAccountCreated) -> Shows {
        Shows::ServiceAccountToken(ending.service_account)
    }

    fn decide(&self, case: &Case<'_>) -> Result<ServiceAccountCreated, No> {
        case.require(Permission::ManageSettings)?;
        // The caller is shown the token: a scope is handed out like a permission.
        case.require_own(self.scopes.iter().filter_map(|scope| behind(*scope)))?;
        Ok(ServiceAccountCreated {
            service_account: case.fresh(ServiceAccountId::from_bytes),
            name: self.name.clone(),
            scopes: self.scopes.iter().copied().collect(),
            expires: self.expires,
        })
    }
}
