//! `/console/settings`: what holds system-wide, and what roles allow.

pub(crate) mod roles;
pub(crate) mod show;

use axum::Router;

use crate::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(show::routes()).merge(roles::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("settings/show", show::samples(lang)), ("settings/roles", roles::samples(lang))]
}
