//! `/v1/administrators/{id}/mfa`: what is done to somebody else's MFA.

mod report_suspicious;
pub(crate) mod reset;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reset::reset)).routes(routes!(report_suspicious::report))
}
