//! `/console`: where the day begins, and what needs attention, as far as the viewer may know of it.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use futures_util::future::try_join4;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::alerts::AlertBody;
use mfa_ledger_api::me::Profile;
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::reset_requests::ResetRequestBody;
use mfa_ledger_api::resets::ResetInBrief;
use mfa_ledger_schemas::MfaStatus;
use serde::de::DeserializeOwned;

use crate::{Asking, Console, Frame, HOME, Inside, Trouble, page, words};

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
    let (api, frame) = (&visit.api, &visit.frame);
    let (manages, watches) = (frame.may_manage_mfa(), frame.offers("/console/alerts"));
    let (resets, lacking, requests, alerts) = try_join4(
        list::<ResetInBrief>(api, true, "/v1/resets", ""),
        list::<AdministratorBody>(api, manages, "/v1/administrators", "&mfa=not_enabled"),
        list::<ResetRequestBody>(api, manages, "/v1/reset-requests", "&stage=open"),
        list::<AlertBody>(api, watches, "/v1/alerts", "&stage=open"),
    )
    .await?;
    let t = &frame.t.dashboard;
    let lacks = |it: &AdministratorBody| it.active && it.mfa.as_ref().is_some_and(|mfa| mfa.required);
    let by_status = "/console/administrators?sort=status";
    let tiles = [
        lacking.as_ref().map(|found| Tile::of(found, lacks, &t.required_missing, by_status)),
        requests.as_ref().map(|found| Tile::of(found, |_| true, &t.requests, "/console/reset-requests")),
        resets.as_ref().map(|found| Tile::of(found, |it| it.danger_window.open, &t.danger, "#resets")),
        alerts.as_ref().map(|found| Tile::of(found, |_| true, &t.alerts, "/console/alerts")),
    ];
    let tiles = tiles.into_iter().flatten().collect();
    let lacks_mfa = |me: &Profile| me.mfa.available && me.mfa.status != MfaStatus::Enabled;
    let unenrolled = visit.me.as_ref().is_some_and(lacks_mfa);
    let resets = resets.map(|found| found.data.into_iter().take(SHOWN).collect());
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, tiles, resets, unenrolled }))
}

/// The beginning of a list, where it is wanted and the viewer may see it.
async fn list<T: DeserializeOwned>(
    api: &Asking,
    wanted: bool,
    path: &str,
    more: &str,
) -> Result<Option<Found<T>>, Trouble> {
    if wanted { api.find(&format!("{path}?limit={LOOKED}{more}")).await } else { Ok(None) }
}

impl Tile {
    /// How many of what was found need it.
    fn of<T>(found: &Found<T>, needs: impl Fn(&T) -> bool, title: &'static str, href: &'static str) -> Self {
        let (count, more) = (found.data.iter().filter(|it| needs(it)).count(), found.next.is_some());
        let number = if more { format!("{count}+") } else { count.to_string() };
        // What was not looked through may need it, too.
        Self { number, some: count > 0 || more, title, href }
    }
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
