//! `/v1/session`: log in, second factor, look, log out.

mod end;
mod second_factor;
mod show;
mod start;

use mfa_ledger_schemas::{AdministratorId, Instant, SessionId, SessionStage};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start::start, show::show, end::end))
        .routes(routes!(second_factor::verify))
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionBody {
    pub session: SessionId,
    pub administrator: AdministratorId,
    pub user_name: String,
    /// What it can do next: `done`, `verify` a second factor, or `enroll`.
    pub next: SessionStage,
    pub expires: Instant,
    /// When a second factor was last proved in it.
    pub verified_at: Option<Instant>,
    /// The password was generated and is to be changed before it runs out.
    pub password_change_due: bool,
}
