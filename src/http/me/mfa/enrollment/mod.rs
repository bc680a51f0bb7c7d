//! `/v1/me/mfa/enrollment`: begin, confirm, give up.

mod begin;
mod cancel;
mod confirm;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(begin::begin, cancel::cancel)).routes(routes!(confirm::confirm))
}
