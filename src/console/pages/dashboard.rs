//! `/console`: where the day begins, and what needs attention, as far as the viewer may know of it.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::me::Profile;
use mfa_ledger_api::reset_requests::ResetRequestBody;
use mfa_ledger_api::resets::ResetInBrief;
use mfa_ledger_schemas::MfaStatus;
use serde_json::Value;

use crate::api::{Asking, Trouble};
use crate::frame::Frame;
use crate::html::page;
use crate::texts::words;
use crate::visit::Inside;
use crate::{Console, HOME};
use mfa_ledger_api::page::Page as Found;

words! {
    title attention all_well required_missing requests danger alerts resets when performer target reason state
    resets_none open closed repudiated profile enable recommend guide step_verify step_find step_reset step_tell
    step_report
}

/// What is looked through for what needs attention: more than that is said to be more.
const LOOKED: usize = 100;
/// Resets that are shown.
const SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "pages/dashboard.html")]
struct Page {
    frame: Frame,
    tiles: Vec<Tile>,
    /// Not there for those who may not see them.
    resets: Option<Vec<ResetInBrief>>,
    /// Whether the viewer is without MFA, and could have it.
    unenrolled: bool,
}

/// A number that somebody should look after.
struct Tile {
    number: String,
    some: bool,
    title: &'static str,
    href: &'static str,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(HOME, get(show))
}

async fn show(Inside(visit): Inside) -> Result<Response, Trouble> {
    let (api, frame) = (visit.api, visit.frame);
    let resets = list::<ResetInBrief>(&api, "/v1/resets", "").await?;
    let tiles = tiles(&api, &frame, resets.as_ref()).await?;
    let me = api.get::<Profile>("/v1/me").await?;
    let unenrolled = me.mfa.available && me.mfa.status != MfaStatus::Enabled;
    let resets = resets.map(|found| found.data.into_iter().take(SHOWN).collect());
    Ok(page(StatusCode::OK, &Page { frame, tiles, resets, unenrolled }))
}

/// The beginning of a list, where the viewer may see it.
async fn list<T: serde::de::DeserializeOwned>(
    api: &Asking,
    path: &str,
    more: &str,
) -> Result<Option<Found<T>>, Trouble> {
    api.find(&format!("{path}?limit={LOOKED}{more}")).await
}

async fn tiles(
    api: &Asking,
    frame: &Frame,
    resets: Option<&Found<ResetInBrief>>,
) -> Result<Vec<Tile>, Trouble> {
    let t = &frame.t.dashboard;
    let mut tiles = Vec::new();
    let mut tile = |count: usize, more: bool, title, href| {
        let number = if more { format!("{count}+") } else { count.to_string() };
        // What was not looked through may need it, too.
        tiles.push(Tile { number, some: count > 0 || more, title, href });
    };
    if frame.may_manage_mfa() {
        if let Some(found) = list::<AdministratorBody>(api, "/v1/administrators", "&mfa=not_enabled").await? {
            let lacking =
                |it: &&AdministratorBody| it.active && it.mfa.as_ref().is_some_and(|mfa| mfa.required);
            let count = found.data.iter().filter(lacking).count();
            tile(count, found.next.is_some(), &t.required_missing, "/console/administrators?sort=status");
        }
        if let Some(found) = list::<ResetRequestBody>(api, "/v1/reset-requests", "&stage=open").await? {
            tile(found.data.len(), found.next.is_some(), &t.requests, "/console/reset-requests");
        }
    }
    if let Some(found) = resets {
        let count = found.data.iter().filter(|reset| reset.danger_window.open).count();
        tile(count, found.next.is_some(), &t.danger, "#resets");
    }
    if frame.offers("/console/alerts")
        && let Some(found) = list::<Value>(api, "/v1/alerts", "&stage=open").await?
    {
        tile(found.data.len(), found.next.is_some(), &t.alerts, "/console/alerts");
    }
    Ok(tiles)
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |tiles, resets, unenrolled| {
        let page = Page { frame: Frame::sample(lang), tiles, resets, unenrolled };
        page.render().expect("it renders")
    };
    let tile = |number: &str, some| Tile {
        number: number.to_owned(),
        some,
        title: &lang.texts().dashboard.alerts,
        href: "/console/alerts",
    };
    vec![
        draw(vec![tile("0", false), tile("1000+", true)], Some(vec![crate::samples::reset()]), false),
        draw(vec![tile("0", false)], Some(Vec::new()), false),
        draw(Vec::new(), None, true),
    ]
}
