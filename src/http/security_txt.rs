//! `GET /.well-known/security.txt` (RFC 9116): where to report a vulnerability.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::problem::Problem;

/// How long a copy may be believed; RFC 9116 wants less than a year.
const VALID_HOURS: i64 = 90 * 24;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Where to report a vulnerability; not there when the operator gave no contact.
#[utoipa::path(
    get, path = "/.well-known/security.txt", tag = "health", security(()),
    responses((status = 200, description = "The contact", body = String, content_type = "text/plain")),
)]
async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let contact = app.options.security_contact.as_ref().ok_or_else(|| Problem::new("not-found"))?;
    let expires = app.service.now().plus_hours(VALID_HOURS);
    let text = format!("Contact: {contact}\nExpires: {expires}\n");
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
