//! `/console`: where the day begins, and what needs attention, as far as the viewer may know of it.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::me::Profile;
use mfa_ledger_api::overview::Overview;
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::resets::ResetInBrief;
use mfa_ledger_schemas::MfaStatus;

use crate::{Console, Frame, HOME, Inside, Trouble, page, words};

words! {
    title attention all_well required_missing requests danger alerts resets when performer target reason state
    resets_none open closed repudiated profile enable recommend guide step_verify step_find step_reset step_tell
    step_report
}

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
    let seen = visit.api.get::<Overview>("/v1/overview").await?;
    let (resets, t) = (seen.resets, &visit.frame.t.dashboard);
    let lacks = |it: &AdministratorBody| it.active && it.mfa.as_ref().is_some_and(|mfa| mfa.required);
    let by_status = "/console/administrators?sort=status";
    let tiles = [
        seen.administrators_without_mfa.map(|it| Tile::of(&it, lacks, &t.required_missing, by_status)),
        seen.open_reset_requests.map(|it| Tile::of(&it, |_| true, &t.requests, "/console/reset-requests")),
        resets.as_ref().map(|it| Tile::of(it, |it| it.danger_window.open, &t.danger, "#resets")),
        seen.open_alerts.map(|it| Tile::of(&it, |_| true, &t.alerts, "/console/alerts")),
    ];
    let tiles = tiles.into_iter().flatten().collect();
    let lacks_mfa = |me: &Profile| me.mfa.available && me.mfa.status != MfaStatus::Enabled;
    let unenrolled = visit.me.as_ref().is_some_and(lacks_mfa);
    let resets = resets.map(|found| found.data.into_iter().take(SHOWN).collect());
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, tiles, resets, unenrolled }))
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
