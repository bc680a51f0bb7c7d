//! `/console/reset-requests`: what waits for a second person.

pub(crate) mod list;
pub(crate) mod show;

use axum::Router;

use crate::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(list::routes()).merge(show::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("reset_requests/list", list::samples(lang)), ("reset_requests/show", show::samples(lang))]
}
