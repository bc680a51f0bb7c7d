//! `/console/resets`: what was reset.

pub(in crate::console) mod overview;
pub(in crate::console) mod show;

use axum::Router;

use crate::console::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(overview::routes()).merge(show::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("resets/overview", overview::samples(lang)), ("resets/show", show::samples(lang))]
}
