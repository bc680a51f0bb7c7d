//! `/console/resets`: what was reset.

pub(crate) mod overview;
pub(crate) mod show;

use axum::Router;

use crate::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(overview::routes()).merge(show::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("resets/overview", overview::samples(lang)), ("resets/show", show::samples(lang))]
}
