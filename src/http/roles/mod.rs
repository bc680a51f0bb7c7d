//! `/v1/roles` and `/v1/permissions`: what roles allow.

mod list;
mod permissions;
mod put;
mod show;

use std::collections::BTreeSet;

use mfa_ledger_projections::Role;
use mfa_ledger_schemas::{Permission, RoleId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show, put::put))
        .routes(routes!(permissions::permissions))
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub(super) struct RoleBody {
    id: RoleId,
    name: String,
    permissions: BTreeSet<Permission>,
    /// Whether its holders must use MFA.
    mfa_required: bool,
}

impl RoleBody {
    fn of(role: &Role) -> Self {
        Self {
            id: role.id.clone(),
            name: role.name.clone(),
            permissions: role.permissions.clone(),
            mfa_required: role.mfa_required,
        }
    }
}
