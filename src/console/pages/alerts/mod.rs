//! `/console/alerts`: what detection has raised.

pub(crate) mod list;
pub(crate) mod show;

use axum::Router;

use crate::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(list::routes()).merge(show::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("alerts/list", list::samples(lang)), ("alerts/show", show::samples(lang))]
}
