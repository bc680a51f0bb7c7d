//! `/console`: where the day begins, and what needs attention.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::console::frame::Frame;
use crate::console::html::page;
use crate::console::texts::words;
use crate::console::visit::Inside;
use crate::console::{Console, HOME};

words! { title }

#[derive(Template)]
#[template(path = "pages/dashboard.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(HOME, get(show))
}

async fn show(Inside(visit): Inside) -> Response {
    page(StatusCode::OK, &Page { frame: visit.frame })
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<String> {
    vec![Page { frame: Frame::sample(lang) }.render().expect("it renders")]
}
