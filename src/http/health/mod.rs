//! For supervisors, load balancers and monitoring; open, since these carry no tokens.

mod anchors;
mod checks;
mod live;
mod metrics;
mod ready;
mod storage;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) use anchors::anchors;
pub(super) use ready::{readiness, reopening};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(live::live))
        .routes(routes!(ready::ready))
        .routes(routes!(metrics::metrics))
}
