//! `/console/silences`: which alerts are passed on to nobody for a while.

pub(in crate::console) mod list;

use axum::Router;

use crate::console::Console;

pub(super) fn routes() -> Router<Console> {
    list::routes()
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("silences/list", list::samples(lang))]
}
