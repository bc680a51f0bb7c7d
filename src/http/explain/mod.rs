//! `/v1/explain`: why an answer is, or would have been, as it is.

mod reset;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reset::reset))
}
