//! `/this-was-not-me/{token}`: the page behind the link in the notice of a reset. For people with a browser
//! and no session; no part of the API's document.

mod confirm;
mod page;
mod show;

use axum::Router;
use axum::routing::get;

use super::App;

pub(super) fn router() -> Router<App> {
    Router::new().route("/this-was-not-me/{token}", get(show::show).post(confirm::confirm))
}
