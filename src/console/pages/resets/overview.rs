//! `/console/resets`: when resets happen, by whom, why, and who reset whom; each picture with its numbers.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use futures_util::future::try_join;
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::resets::ResetInBrief;
use mfa_ledger_api::resets::graph::{Edge, Link, ResetGraph};
use mfa_ledger_schemas::Instant;
use serde::Deserialize;

use crate::chart::{Arrow, Bar, Week};
use crate::{Asking, Console, Frame, Html, Inside, Trouble, Zone, chart, fill, page, with_query, words};

words! {
    title intro range days submit total_one total_many none cut weekly week heat hour numbers by_performer
    by_reason performer reason count no_reason open_title open_intro open_none who since graph graph_intro
    graph_cut whom latest entries chains chains_intro chains_none pairs pairs_none and mon tue wed thu fri sat
    sun
}

const PATH: &str = "/console/resets";
/// Resets that are asked for at once.
const PAGE: usize = 1_000;
/// Most resets that are counted.
pub(super) const MOST: usize = 5_000;
/// Ranges to choose from, in days.
const RANGES: [u16; 4] = [7, 30, 90, 365];
/// The range when none is chosen, in days.
const RANGE: u16 = 90;
/// Rows of a table, and lines of the graph.
const ROWS: usize = 25;

#[derive(Template)]
#[template(path = "pages/resets/overview.html")]
struct Page {
    frame: Frame,
    days: u16,
    counted: Counted,
    /// Whether there are more than are counted.
    cut: bool,
    graph: ResetGraph,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    days: Option<u16>,
}

/// What is shown of the resets of a range.
#[derive(Debug, Default)]
struct Counted {
    total: usize,
    week: Week,
    /// By the Mondays of the range, oldest first.
    weeks: Vec<Bar>,
    performers: Vec<Bar>,
    /// By the names of reasons.
    reasons: Vec<Bar>,
    /// The newest reset of each person who has not enrolled again.
    open: Vec<ResetInBrief>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show))
}

async fn show(Inside(visit): Inside, Query(wanted): Query<Wanted>) -> Result<Response, Trouble> {
    let (api, frame) = (visit.api, visit.frame);
    let days = wanted.days.filter(|days| RANGES.contains(days)).unwrap_or(RANGE);
    let since = frame.now.plus_hours(-24 * i64::from(days));
    let graph = with_query("/v1/resets/graph", &[("since", &since.to_string())]);
    let ((resets, cut), graph) = try_join(resets(&api, since), api.get(&graph)).await?;
    let counted = Counted::of(resets, &frame.zone, since, frame.now);
    Ok(page(StatusCode::OK, &Page { frame, days, counted, cut, graph }))
}

/// The resets since a moment, newest first, and whether there are more than are looked at.
async fn resets(api: &Asking, since: Instant) -> Result<(Vec<ResetInBrief>, bool), Trouble> {
    let (mut all, mut after) = (Vec::new(), String::new());
    let limit = PAGE.to_string();
    loop {
        let path = with_query("/v1/resets", &[("limit", &limit), ("after", &after)]);
        let found = api.get::<Found<ResetInBrief>>(&path).await?;
        let before = all.len() + found.data.len();
        all.extend(found.data.into_iter().filter(|reset| reset.at >= since));
        match found.next {
            Some(_) if all.len() < before => return Ok((all, false)),
            Some(_) if all.len() >= MOST => return Ok((all, true)),
            Some(next) => after = next,
            None => return Ok((all, false)),
        }
    }
}

impl Counted {
    fn of(resets: Vec<ResetInBrief>, zone: &Zone, since: Instant, now: Instant) -> Self {
        let mut counted = Self { total: resets.len(), ..Self::default() };
        let mut weeks = mondays(zone, since, now);
        let (mut performers, mut reasons) = (BTreeMap::new(), BTreeMap::new());
        let mut seen = BTreeSet::new();
        for reset in resets {
            if let Some((weekday, hour)) = zone.weekday_and_hour(reset.at) {
                counted.week[weekday][hour] += 1;
            }
            if let Some(monday) = zone.monday(reset.at) {
                *weeks.entry(monday.to_string()).or_default() += 1;
            }
            *performers.entry(reset.performer.name.clone()).or_default() += 1;
            *reasons.entry(reset.reason.map_or("", |reason| reason.name()).to_owned()).or_default() += 1;
            // The newest comes first.
            if seen.insert(reset.administrator) && reset.danger_window.open {
                counted.open.push(reset);
            }
        }
        let bars = |counts: BTreeMap<String, u64>| -> Vec<Bar> {
            counts.into_iter().map(|(name, count)| Bar { name, count }).collect()
        };
        let most_first = |mut bars: Vec<Bar>| {
            bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
            bars
        };
        counted.weeks = bars(weeks);
        counted.performers = most_first(bars(performers));
        counted.reasons = most_first(bars(reasons));
        counted
    }
}

/// Every week of a range, with nothing counted yet.
fn mondays(zone: &Zone, since: Instant, now: Instant) -> BTreeMap<String, u64> {
    let (mut weeks, mut at) = (BTreeMap::new(), since);
    while at <= now {
        weeks.extend(zone.monday(at).map(|monday| (monday.to_string(), 0)));
        at = at.plus_hours(24);
    }
    weeks
}

impl Page {
    fn ranges() -> [u16; 4] {
        RANGES
    }

    fn days_of_week(&self) -> [&'static str; 7] {
        let t = &self.frame.t.resets;
        [&t.mon, &t.tue, &t.wed, &t.thu, &t.fri, &t.sat, &t.sun]
    }

    fn weekly(&self) -> Html {
        chart::bars(&self.frame.t.resets.weekly, &self.counted.weeks)
    }

    fn heat_map(&self) -> Html {
        chart::heat_map(&self.frame.t.resets.heat, &self.days_of_week(), &self.counted.week)
    }

    fn arrows(&self) -> Html {
        let chained = |edge: &Edge| {
            let links = self.graph.chains.iter().flatten();
            links.into_iter().any(|link| link.performer == edge.performer && link.target == edge.target)
        };
        let arrows = self.edges().map(|edge| Arrow {
            from: edge.performer.clone(),
            to: edge.target.clone(),
            count: edge.resets.len(),
            chained: chained(edge),
        });
        chart::arrows(&self.frame.t.resets.graph, &arrows.collect::<Vec<_>>())
    }

    fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.graph.edges.iter().take(ROWS)
    }

    /// The latest chains, newest first.
    fn chains(&self) -> impl Iterator<Item = &Vec<Link>> {
        self.graph.chains.iter().rev().take(ROWS)
    }

    fn performers(&self) -> impl Iterator<Item = &Bar> {
        self.counted.performers.iter().take(ROWS)
    }

    fn open(&self) -> impl Iterator<Item = &ResetInBrief> {
        self.counted.open.iter().take(ROWS)
    }

    fn reason_name(&self, name: &str) -> &'static str {
        let t = self.frame.t;
        t.names.reason.get(name).map_or(&t.resets.no_reason, |word| word)
    }

    /// The entries behind a number.
    fn activity(&self, more: &[(&str, &str)]) -> String {
        let since = format!("{}d", self.days);
        with_query(
            "/console/activity",
            &[&[("action", "mfa.reset"), ("since", since.as_str())], more].concat(),
        )
    }

    fn activity_of_week(monday: &str) -> String {
        let end = monday.parse::<jiff::civil::Date>().ok();
        let end = end.and_then(|day| day.checked_add(jiff::Span::new().days(7)).ok());
        let end = end.map(|day| day.to_string()).unwrap_or_default();
        let query = [("action", "mfa.reset"), ("since", monday), ("until", end.as_str())];
        with_query("/console/activity", &query)
    }

    fn total(&self) -> String {
        let t = &self.frame.t.resets;
        self.frame.count(&self.counted.total, &t.total_one, &t.total_many)
    }

    fn told_cut(&self) -> String {
        fill(&self.frame.t.resets.cut, &[("n", &MOST)])
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_schemas::Position;

    use mfa_ledger_api::resets::graph::Pair;
    let draw = |resets: Vec<ResetInBrief>, cut, graph| {
        let frame = Frame::sample(lang);
        let counted = Counted::of(resets, &frame.zone, frame.now.plus_hours(-24 * 90), frame.now);
        Page { frame, days: 90, counted, cut, graph }.render().expect("it renders")
    };
    let at = Frame::sample(lang).now.plus_hours(-30);
    let resets =
        (0..30).map(|number| ResetInBrief { at: at.plus_hours(-7 * number), ..crate::samples::reset() });
    let link = |position| Link {
        position: Position(position),
        at,
        performer: "<b>nils</b>".to_owned(),
        target: "dana".to_owned(),
        danger_window_hours: None,
    };
    let graph = ResetGraph {
        people: Vec::new(),
        edges: vec![Edge {
            performer: "<b>nils</b>".to_owned(),
            target: "dana".to_owned(),
            resets: vec![Position(3), Position(4)],
            first: at,
            last: at,
        }],
        chains: vec![vec![link(3), link(4)]],
        pairs: vec![Pair {
            first: "<i>a</i>".to_owned(),
            second: "b".to_owned(),
            resets: vec![Position(3), Position(4)],
        }],
        truncated: true,
    };
    vec![draw(resets.collect(), true, graph), draw(Vec::new(), false, ResetGraph::default())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reset_is_counted_once_in_each_picture() {
        let zone = Zone::utc();
        let now: Instant = "2026-05-04T09:00:00Z".parse().expect("a moment");
        let reset = |hours: i64, number: u8| ResetInBrief {
            at: now.plus_hours(-hours),
            administrator: mfa_ledger_schemas::AdministratorId::from_bytes([number; 16]),
            ..crate::samples::reset()
        };
        let counted =
            Counted::of(vec![reset(1, 1), reset(24, 2), reset(25, 1)], &zone, now.plus_hours(-24 * 30), now);
        assert_eq!(counted.total, 3);
        assert_eq!(counted.week.iter().flatten().sum::<u64>(), 3);
        assert_eq!((counted.week[0][8], counted.week[6][9], counted.week[6][8]), (1, 1, 1));
        let weeks: Vec<_> = counted.weeks.iter().map(|bar| (bar.name.as_str(), bar.count)).collect();
        let expected = [
            ("2026-03-30", 0),
            ("2026-04-06", 0),
            ("2026-04-13", 0),
            ("2026-04-20", 0),
            ("2026-04-27", 2),
            ("2026-05-04", 1),
        ];
        assert_eq!(weeks, expected);
        assert_eq!((counted.performers[0].count, counted.reasons[0].count), (3, 3));
        assert_eq!(counted.open.len(), 2, "a person counts once");
    }
}
