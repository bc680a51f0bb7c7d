//! `/console/administrators`: the accounts, and what is done to their MFA.

pub(in crate::console) mod list;
pub(in crate::console) mod reset;
pub(in crate::console) mod show;
pub(in crate::console) mod suspicious;

use axum::Router;

use crate::console::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .merge(list::routes())
        .merge(show::routes())
        .merge(reset::routes())
        .merge(suspicious::routes())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("administrators/list", list::samples(lang)),
        ("administrators/show", show::samples(lang)),
        ("administrators/reset", reset::samples(lang)),
        ("administrators/suspicious", suspicious::samples(lang)),
    ]
}
