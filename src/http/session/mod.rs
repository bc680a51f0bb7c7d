//! `/v1/session`: log in, second factor, look, log out.

mod end;
mod second_factor;
mod show;
mod start;
mod viewer;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start::start, show::show, end::end))
        .routes(routes!(second_factor::verify))
        .routes(routes!(viewer::viewer))
}
