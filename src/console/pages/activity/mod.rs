//! `/console/activity`: the activity log.

pub(crate) mod export;
pub(crate) mod list;
mod search;
pub(crate) mod show;

use axum::Router;

use crate::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(list::routes()).merge(export::routes()).merge(show::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("activity/list", list::samples(lang)), ("activity/show", show::samples(lang))]
}
