//! `/v1/activity`: who did what to whom. Reading it is recorded, once per caller and minute.

pub(super) mod again;
mod entry;
mod export;
mod filter;
pub(super) mod form;
pub(super) mod kept;
mod leaf;
mod list;
pub(super) mod noted;
mod page;
mod proof;
mod show;
mod stats;
mod stream;
mod tally;
mod with_proof;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(stream::stream))
        .routes(routes!(stats::stats))
        .routes(routes!(show::show))
        .routes(routes!(leaf::leaf))
        .routes(routes!(proof::proof))
        .routes(routes!(with_proof::with_proof))
}
