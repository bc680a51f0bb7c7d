//! `/console/rules/{id}`: one rule, and what it would have raised in a range of the past.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use mfa_ledger_api::rules::{BacktestReport, RuleShown, WouldRaise};
use mfa_ledger_schemas::{Instant, RuleId};
use serde::Deserialize;
use serde_json::json;

use crate::api::Answer;
use crate::chart::Bar;
use crate::{Command, Console, Frame, Html, Id, Inside, Trouble, Wrong, Zone, chart, fill, page, words};

words! {
    title about kind window event origin pack site sha256 tags false_positives file alerts test test_intro since
    until run not_allowed wrong_moment result would_one would_many over touched timeline numbers week count none
    at group events cut entry
}

/// Alerts of a back-test that are listed.
const ROWS: usize = 100;
/// How far back a back-test goes when nobody says, in days.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "pages/rules/show.html")]
struct Page {
    frame: Frame,
    it: RuleShown,
    wanted: Wanted,
    wrong: Wrong,
    /// Whether one of the moments is none.
    wrong_moment: bool,
    report: Option<BacktestReport>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    since: String,
    until: String,
    /// Not there before somebody asks for a back-test.
    run: Option<String>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/rules/{id}", get(show))
}

async fn show(
    Inside(visit): Inside,
    Id(id): Id<RuleId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let (api, frame) = (visit.api, visit.frame);
    let it = api.get::<RuleShown>(&format!("/v1/rules/{id}")).await?;
    let mut drawn = Page::of(frame, it, wanted);
    if drawn.wanted.run.is_none() {
        drawn.wanted.since = drawn.frame.zone.input(drawn.frame.now.plus_hours(-24 * DAYS));
        return Ok(page(StatusCode::OK, &drawn));
    }
    let Some((since, until)) = drawn.range() else {
        drawn.wrong_moment = true;
        return Ok(page(StatusCode::BAD_REQUEST, &drawn));
    };
    // A reading: it is asked with a body, and changes nothing.
    let tried = json!({ "rule": id, "since": since, "until": until });
    let command = Command::new(Method::POST, "/v1/rules/backtest", "", &tried)?;
    match api.send_form::<BacktestReport>(command).await? {
        Ok(Answer { body: report, .. }) => drawn.report = Some(report),
        Err(wrong) => drawn.wrong = wrong,
    }
    Ok(page(drawn.wrong.status(), &drawn))
}

impl Wanted {
    /// The moments that were typed; an empty field is none.
    fn range(&self, zone: &Zone, now: Instant) -> Option<(Option<Instant>, Option<Instant>)> {
        let moment = |text: &str| match text.trim() {
            "" => Some(None),
            text => zone.said(text, now).map(Some),
        };
        Some((moment(&self.since)?, moment(&self.until)?))
    }
}

/// The alerts of each week, those without any among them; weeks are those of UTC, as the API counts.
fn weeks(
    report: &BacktestReport,
    range: Option<(Option<Instant>, Option<Instant>)>,
    now: Instant,
) -> Vec<Bar> {
    let utc = Zone::utc();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (week, count) in report.weeks.values().flatten() {
        *counts.entry(week.clone()).or_default() += count;
    }
    let first = counts.keys().next().and_then(|week| utc.typed(week));
    if let Some(from) = range.and_then(|(since, _)| since).or(first) {
        let until = range.and_then(|(_, until)| until).unwrap_or(now).min(now);
        let mut at = from.max(now.plus_hours(-24 * 7 * MOST_WEEKS));
        while at <= until {
            if let Some(monday) = utc.monday(at) {
                counts.entry(monday.to_string()).or_default();
            }
            at = at.plus_hours(24);
        }
    }
    counts.into_iter().map(|(name, count)| Bar { name, count }).collect()
}

/// Weeks without alerts that a timeline shows, back from now: two years.
const MOST_WEEKS: i64 = 104;

impl Page {
    /// Before a back-test.
    fn of(frame: Frame, it: RuleShown, wanted: Wanted) -> Self {
        Self { frame, it, wanted, wrong: Wrong::default(), wrong_moment: false, report: None }
    }

    fn range(&self) -> Option<(Option<Instant>, Option<Instant>)> {
        self.wanted.range(&self.frame.zone, self.frame.now)
    }

    fn window(&self) -> String {
        let t = &self.frame.t.rule;
        match self.it.rule.window_seconds {
            0 => t.event.clone(),
            seconds if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
            seconds if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
            seconds => format!("{seconds} s"),
        }
    }

    fn weeks(&self) -> Vec<Bar> {
        self.report.as_ref().map(|report| weeks(report, self.range(), self.frame.now)).unwrap_or_default()
    }

    fn timeline(&self) -> Html {
        chart::bars(&self.frame.t.rule.timeline, &self.weeks())
    }

    fn would(&self, report: &BacktestReport) -> String {
        let t = &self.frame.t.rule;
        if report.alerts == 1 { t.would_one.clone() } else { fill(&t.would_many, &[("n", &report.alerts)]) }
    }

    fn over(&self, report: &BacktestReport) -> String {
        let t = &self.frame.t.rule;
        let over = fill(&t.over, &[("records", &report.records), ("resets", &report.resets)]);
        format!("{over} {}", fill(&t.touched, &[("n", &report.resets_touched)]))
    }

    fn rows(report: &BacktestReport) -> &[WouldRaise] {
        &report.would_raise[..report.would_raise.len().min(ROWS)]
    }

    fn is_cut(report: &BacktestReport) -> bool {
        report.cut || report.would_raise.len() > ROWS
    }

    fn told_cut(&self) -> String {
        fill(&self.frame.t.rule.cut, &[("n", &ROWS)])
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_schemas::{AlertId, Position};

    let draw = |wanted: Wanted, wrong, report| {
        let (frame, rule) = (Frame::sample(lang), crate::samples::rule());
        let it = RuleShown { rule, text: "title: <Many>\nid: x\n".to_owned() };
        let page = Page { wrong, report, ..Page::of(frame, it, wanted) };
        Page { wrong_moment: page.range().is_none(), ..page }.render().expect("it renders")
    };
    let now = Frame::sample(lang).now;
    let report = |alerts: u64| BacktestReport {
        records: 9,
        resets: 3,
        resets_touched: 1,
        share_of_resets: 0.33,
        alerts,
        weeks: [("mass-resets".to_owned(), [("2026-04-20".to_owned(), alerts)].into())].into(),
        would_raise: (0..alerts)
            .map(|_| WouldRaise {
                alert: AlertId::from_bytes([5; 16]),
                rule: "mass-resets".parse().expect("a rule id"),
                title: "Many <resets>".to_owned(),
                at: now.plus_hours(-300),
                group: "=cmd()".to_owned(),
                user_name: (alerts > 1).then(|| "<b>nils</b>".to_owned()),
                position: Position(4),
                positions: vec![Position(3), Position(4)],
            })
            .collect(),
        cut: alerts > 1,
    };
    let range =
        |since: &str| Wanted { since: since.to_owned(), run: Some("1".to_owned()), ..Wanted::default() };
    vec![
        draw(Wanted::default(), Wrong::default(), None),
        draw(range("90d"), Wrong::default(), Some(report(120))),
        draw(range(""), Wrong::default(), Some(report(1))),
        draw(range("30d"), Wrong::default(), Some(report(0))),
        draw(range("\"><script>"), Wrong::default(), None),
        draw(range("1d"), crate::samples::wrong("empty-range"), None),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_without_alerts_are_in_the_timeline() {
        let now: Instant = "2026-05-04T09:00:00Z".parse().expect("a moment");
        let report = BacktestReport {
            records: 1,
            resets: 0,
            resets_touched: 0,
            share_of_resets: 0.0,
            alerts: 5,
            weeks: [
                ("a".to_owned(), [("2026-04-13".to_owned(), 2)].into()),
                ("b".to_owned(), [("2026-04-13".to_owned(), 3)].into()),
            ]
            .into(),
            would_raise: Vec::new(),
            cut: false,
        };
        let of = |range| -> Vec<(String, u64)> {
            weeks(&report, range, now).into_iter().map(|bar| (bar.name, bar.count)).collect()
        };
        let expected = [("2026-04-13", 5), ("2026-04-20", 0), ("2026-04-27", 0), ("2026-05-04", 0)];
        assert_eq!(of(Some((None, None))), expected.map(|(week, count)| (week.to_owned(), count)));
        assert_eq!(of(Some((Some(now.plus_hours(-24 * 28)), None))).len(), 5);
        let long_ago = Some(Instant::from_unix_ms(0));
        assert!(of(Some((long_ago, None))).len() <= 106, "no end of weeks");
    }
}
