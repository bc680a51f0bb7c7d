//! `/console/activity`: the activity log.

pub(in crate::console) mod export;
pub(in crate::console) mod list;
mod search;
pub(in crate::console) mod show;

use axum::Router;

use crate::console::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new().merge(list::routes()).merge(export::routes()).merge(show::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("activity/list", list::samples(lang)), ("activity/show", show::samples(lang))]
}
