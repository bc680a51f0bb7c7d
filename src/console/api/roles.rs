//! `/v1/roles`.

use std::collections::BTreeSet;

use mfa_ledger_schemas::{Permission, RoleId};
use serde::{Deserialize, Serialize};

/// A role.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Role {
    pub id: RoleId,
    pub name: String,
    pub permissions: BTreeSet<Permission>,
    pub mfa_required: bool,
}

/// All of a role but its id, as it is to be.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Definition<'a> {
    pub name: &'a str,
    pub permissions: &'a [Permission],
    pub mfa_required: bool,
}

impl Role {
    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

#[cfg(test)]
impl Role {
    pub fn sample() -> Self {
        Self {
            id: "help-desk".parse().expect("a role id"),
            name: "<b>Help Desk</b>".to_owned(),
            permissions: [Permission::ManageMfa].into(),
            mfa_required: true,
        }
    }
}
