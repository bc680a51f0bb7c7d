//! `/console/alerts`: the alerts, newest first.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use futures_util::future::try_join;
use mfa_ledger_api::alerts::{AlertBody, Stage};
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::rules::{RuleBody, RuleList};
use mfa_ledger_schemas::Severity;
use serde::Deserialize;

use crate::{Console, Frame, Inside, Trouble, chosen, page, with_query, words};

words! {
    title intro stage severity rule any submit alert group at events silenced false_positive empty empty_hint
    older caption rules silences
}

const PATH: &str = "/console/alerts";
/// Rows of a page.
const ROWS: &str = "50";

#[derive(Template)]
#[template(path = "pages/alerts/list.html")]
struct Page {
    frame: Frame,
    wanted: Wanted,
    rules: Vec<RuleBody>,
    found: Found<AlertBody>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    stage: String,
    #[serde(deserialize_with = "chosen")]
    severity: Option<Severity>,
    rule: String,
    after: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show))
}

async fn show(Inside(visit): Inside, Query(mut wanted): Query<Wanted>) -> Result<Response, Trouble> {
    // A stage that there is not is none.
    stage(&wanted.stage).map_or("", Stage::name).clone_into(&mut wanted.stage);
    let severity = wanted.severity.map_or("", |severity| severity.name());
    let query = [
        ("stage", wanted.stage.as_str()),
        ("severity", severity),
        ("rule", &wanted.rule),
        ("after", &wanted.after),
        ("limit", ROWS),
    ];
    let path = with_query("/v1/alerts", &query);
    let (found, rules): (Found<AlertBody>, RuleList) =
        try_join(visit.api.get(&path), visit.api.get("/v1/rules")).await?;
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, wanted, rules: rules.data, found }))
}

fn stage(name: &str) -> Option<Stage> {
    Stage::ALL.into_iter().find(|stage| stage.name() == name)
}

impl Page {
    fn stages() -> [Stage; 3] {
        Stage::ALL
    }

    fn severities() -> &'static [Severity] {
        Severity::ALL
    }

    fn older(&self) -> Option<String> {
        let next = self.found.next.as_deref()?;
        let wanted = &self.wanted;
        let severity = wanted.severity.map_or("", |severity| severity.name());
        let query = [
            ("stage", wanted.stage.as_str()),
            ("severity", severity),
            ("rule", &wanted.rule),
            ("after", next),
        ];
        Some(with_query(PATH, &query))
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |wanted, data, next: Option<&str>| {
        let found = Found { data, has_more: next.is_some(), next: next.map(str::to_owned) };
        let (frame, rules) = (Frame::sample(lang), vec![crate::samples::rule()]);
        Page { frame, wanted, rules, found }.render().expect("it renders")
    };
    let narrowed = Wanted {
        stage: "open".to_owned(),
        severity: Some(Severity::Low),
        rule: "mass-resets".to_owned(),
        after: String::new(),
    };
    let all = Stage::ALL.into_iter().map(crate::samples::alert).collect();
    vec![draw(narrowed, all, Some("3")), draw(Wanted::default(), Vec::new(), None)]
}
