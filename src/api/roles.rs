//! Roles and permissions.

use std::borrow::Cow;
use std::collections::BTreeSet;

use mfa_ledger_schemas::{Permission, RoleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::text::Name;

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleBody {
    pub id: RoleId,
    pub name: String,
    pub permissions: BTreeSet<Permission>,
    /// Whether its holders must use MFA.
    pub mfa_required: bool,
}

/// A permission.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PermissionBody {
    pub name: Permission,
    /// What people read.
    pub display_name: Cow<'static, str>,
    /// The group it is listed under.
    pub category: Cow<'static, str>,
}

/// All of a role.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleDefinition {
    pub name: Name,
    pub permissions: BTreeSet<Permission>,
    pub mfa_required: bool,
}

/// The role as it is now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RoleDefined)]
pub struct Defined {
    #[serde(flatten)]
    pub role: RoleBody,
    #[serde(flatten)]
    pub receipt: Receipt,
}

impl RoleBody {
    /// Whether it allows something.
    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}
