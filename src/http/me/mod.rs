//! `/v1/me`: one's own profile, password, MFA and activity.

mod activity;
mod mfa;
mod password;
mod show;

use mfa_ledger_ledger::service::Caller;
use mfa_ledger_schemas::{AdministratorId, RefusalCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::problem::Problem;

pub(crate) use show::own_profile;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show::show))
        .routes(routes!(activity::list))
        .routes(routes!(password::change))
        .merge(mfa::routes())
}

/// Who the caller is; programs have no profile.
fn own(caller: &Caller) -> Result<AdministratorId, Problem> {
    match caller {
        Caller::Session { administrator, .. } => Ok(*administrator),
        _ => Err(Problem::code_of(RefusalCode::PermissionDenied)),
    }
}
