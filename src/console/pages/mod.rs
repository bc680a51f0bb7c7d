//! The pages. A folder is a part of the console; a file is a page with its forms, or a part or step of one. A page's file
//! begins with its path: `list` and `overview` are at that of the folder, `show` is one of the list. `me` and `settings`
//! have no list: there `show` is at the path of the folder.

pub(super) mod activity;
pub(super) mod administrators;
pub(super) mod alerts;
pub(super) mod dashboard;
pub(super) mod failed;
pub(super) mod integrity;
pub(super) mod log_in;
pub(super) mod log_out;
pub(super) mod me;
pub(super) mod past;
pub(super) mod reset_requests;
pub(super) mod resets;
pub(super) mod rules;
pub(super) mod second_factor;
pub(super) mod settings;
pub(super) mod silences;

use axum::Router;

use super::Console;

pub(super) fn router() -> Router<Console> {
    Router::new()
        .merge(activity::routes())
        .merge(administrators::routes())
        .merge(alerts::routes())
        .merge(dashboard::routes())
        .merge(integrity::routes())
        .merge(log_in::routes())
        .merge(log_out::routes())
        .merge(me::routes())
        .merge(past::routes())
        .merge(reset_requests::routes())
        .merge(resets::routes())
        .merge(rules::routes())
        .merge(second_factor::routes())
        .merge(settings::routes())
        .merge(silences::routes())
}

/// Every page in every state, as its samples draw it.
#[cfg(test)]
pub(super) fn samples(lang: super::texts::Lang) -> Vec<(&'static str, String)> {
    let mut pages = vec![
        ("dashboard", dashboard::samples(lang)),
        ("failed", failed::samples(lang)),
        ("integrity", integrity::samples(lang)),
        ("log_in", log_in::samples(lang)),
        ("past", past::samples(lang)),
        ("second_factor", second_factor::samples(lang)),
    ];
    pages.extend(me::samples(lang));
    pages.extend(administrators::samples(lang));
    pages.extend(reset_requests::samples(lang));
    pages.extend(resets::samples(lang));
    pages.extend(activity::samples(lang));
    pages.extend(alerts::samples(lang));
    pages.extend(rules::samples(lang));
    pages.extend(settings::samples(lang));
    pages.extend(silences::samples(lang));
    pages.into_iter().flat_map(|(name, drawn)| drawn.into_iter().map(move |html| (name, html))).collect()
}
