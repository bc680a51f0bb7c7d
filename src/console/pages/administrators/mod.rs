//! `/console/administrators`: the accounts, and what is done to their MFA.

pub(crate) mod list;
pub(crate) mod reset;
pub(crate) mod show;
pub(crate) mod suspicious;

use axum::Router;

use crate::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .merge(list::routes())
        .merge(show::routes())
        .merge(reset::routes())
        .merge(suspicious::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("administrators/list", list::samples(lang)),
        ("administrators/show", show::samples(lang)),
        ("administrators/reset", reset::samples(lang)),
        ("administrators/suspicious", suspicious::samples(lang)),
    ]
}
