//! `/console/rules`: what raises alerts.

pub(in crate::console) mod list;
pub(in crate::console) mod show;

use axum::Router;

use crate::console::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(list::routes()).merge(show::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("rules/list", list::samples(lang)), ("rules/show", show::samples(lang))]
}
