//! `/console/silences`: which alerts are passed on to nobody for a while.

pub(crate) mod list;

use axum::Router;

use crate::Console;

pub(crate) use list::silencing;

pub(super) fn routes() -> Router<Console> {
    list::routes()
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![("silences/list", list::samples(lang))]
}
