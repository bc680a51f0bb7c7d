//! `GET /docs`: the OpenAPI document to look at and try out, without any other host.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::App;

/// What the pages need: scripts of this host only, and the styles that they write into elements.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);
const POLICY_NAME: HeaderName = header::CONTENT_SECURITY_POLICY;

pub(super) fn router() -> Router<App> {
    let pages = SwaggerUi::new("/docs").config(Config::from("/openapi.json"));
    Router::from(pages).layer(SetResponseHeaderLayer::overriding(POLICY_NAME, POLICY))
}
