//! `/v1/roles` and `/v1/permissions`: what roles allow.

mod list;
mod permissions;
mod put;
mod show;

use mfa_ledger_api::roles::RoleBody;
use mfa_ledger_projections::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show, put::put))
        .routes(routes!(permissions::permissions))
}

fn role_body(role: &Role) -> RoleBody {
    RoleBody {
        id: role.id.clone(),
        name: role.name.clone(),
        permissions: role.permissions.clone(),
        mfa_required: role.mfa_required,
    }
}
