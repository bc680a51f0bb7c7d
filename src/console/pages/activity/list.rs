//! `/console/activity`: who did what to whom, newest first.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use mfa_ledger_schemas::{Instant, Outcome, Permission};
use serde::Deserialize;

use super::search::{Fault, Search, actions};
use crate::api::pairs;
use crate::{Console, Frame, Inside, Trouble, Wrong, Zone, fill, page, with_query, words};
use mfa_ledger_api::activity::Entry;
use mfa_ledger_api::page::Page as Found;

words! {
    title intro search search_hint action actor target outcome since until any submit clear caption when what
    who whom result from empty empty_hint older newest reload live live_on live_off void export_csv
    export_ndjson unknown no_value wrong_value twice known
}

pub(super) const PATH: &str = "/console/activity";
/// Rows of a page.
const ROWS: &str = "50";

#[derive(Template)]
#[template(path = "pages/activity/list.html")]
struct Page {
    frame: Frame,
    wanted: Wanted,
    wrong: Wrong,
    faults: Vec<Fault>,
    found: Found<Entry>,
    /// Where entries come in as they are recorded; not there where no new one can fit.
    stream: Option<String>,
}

/// What is looked for, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    pub q: String,
    pub action: String,
    pub actor: String,
    pub target: String,
    pub outcome: String,
    pub since: String,
    pub until: String,
    pub after: String,
}

impl Wanted {
    /// As the API takes it.
    pub fn search(&self, zone: &Zone, now: Instant) -> Search {
        let mut search = Search::of(&self.q, zone, now);
        for (name, value) in [
            ("action", &self.action),
            ("actor", &self.actor),
            ("target", &self.target),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("until", &self.until),
        ] {
            search.field(name, value, zone, now);
        }
        search
    }

    /// The same search elsewhere.
    fn link(&self, path: &str, more: &[(&str, &str)]) -> String {
        let own = [
            ("q", &*self.q),
            ("action", &*self.action),
            ("actor", &*self.actor),
            ("target", &*self.target),
            ("outcome", &*self.outcome),
            ("since", &*self.since),
            ("until", &*self.until),
        ];
        with_query(path, &[&own, more].concat())
    }
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show))
}

async fn show(Inside(visit): Inside, Query(wanted): Query<Wanted>) -> Result<Response, Trouble> {
    let (api, frame) = (visit.api, visit.frame);
    let search = wanted.search(&frame.zone, frame.now);
    let nothing = || Found { data: Vec::new(), has_more: false, next: None };
    if !search.faults.is_empty() {
        let (wrong, faults, found) = (Wrong::default(), search.faults, nothing());
        return Ok(page(
            StatusCode::BAD_REQUEST,
            &Page { frame, wanted, wrong, faults, found, stream: None },
        ));
    }
    let mut query = pairs(&search.parameters);
    let is_live = wanted.after.is_empty() && search.values("until").is_empty();
    let stream = is_live.then(|| with_query("/v1/activity/stream", &query));
    query.extend([("after", wanted.after.as_str()), ("limit", ROWS)]);
    let found = api.get::<Found<Entry>>(&with_query("/v1/activity", &query)).await;
    let faults = Vec::new();
    match found.map_err(Trouble::for_query) {
        Ok(found) => {
            let wrong = Wrong::default();
            Ok(page(StatusCode::OK, &Page { frame, wanted, wrong, faults, found, stream }))
        }
        Err(Ok(problem)) => {
            let (status, wrong, found) = (problem.status(), Wrong(Some(problem)), nothing());
            Ok(page(status, &Page { frame, wanted, wrong, faults, found, stream: None }))
        }
        Err(Err(trouble)) => Err(trouble),
    }
}

impl Page {
    fn actions() -> Vec<&'static str> {
        actions().collect()
    }

    fn outcomes() -> &'static [Outcome] {
        Outcome::ALL
    }

    fn older(&self) -> Option<String> {
        let next = self.found.next.as_deref()?;
        Some(self.wanted.link(PATH, &[("after", next)]))
    }

    /// The first page, where this is another.
    fn newest(&self) -> Option<String> {
        (!self.wanted.after.is_empty()).then(|| self.wanted.link(PATH, &[]))
    }

    fn reload(&self) -> String {
        self.wanted.link(PATH, &[])
    }

    fn export(&self, form: &str) -> String {
        self.wanted.link("/console/activity/export", &[("form", form)])
    }

    fn may_export(&self) -> bool {
        self.frame.may(Permission::ExportActivity) && self.faults.is_empty() && self.wrong.0.is_none()
    }

    fn is_narrowed(&self) -> bool {
        self.wanted.link(PATH, &[]) != PATH
    }

    fn told(&self, fault: &Fault) -> String {
        let t = &self.frame.t.activity;
        match fault {
            Fault::Unknown { name } => fill(&t.unknown, &[("name", name)]),
            Fault::Empty { name } => fill(&t.no_value, &[("name", name)]),
            Fault::Wrong { name, value } => fill(&t.wrong_value, &[("name", name), ("value", value)]),
            Fault::Twice { name } => fill(&t.twice, &[("name", name)]),
        }
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |wanted: Wanted, data: Vec<Entry>, next: Option<&str>, wrong| {
        let frame = Frame::sample(lang);
        let faults = wanted.search(&frame.zone, frame.now).faults;
        let found = Found { data, has_more: next.is_some(), next: next.map(str::to_owned) };
        let stream = wanted.after.is_empty().then(|| "/v1/activity/stream?q=a%26b".to_owned());
        Page { frame, wanted, wrong, faults, found, stream }.render().expect("it renders")
    };
    let typed =
        |q: &str, after: &str| Wanted { q: q.to_owned(), after: after.to_owned(), ..Wanted::default() };
    let all = || (1..8).map(crate::samples::entry).collect();
    vec![
        draw(Wanted::default(), all(), Some("9"), Wrong::default()),
        draw(typed("\"><script> actor:\"<b>\"", "7"), all(), None, Wrong::default()),
        draw(typed("<b>x</b> who:<i> actor: outcome:<u> since:<s>", ""), Vec::new(), None, Wrong::default()),
        draw(typed("nothing", ""), Vec::new(), None, Wrong::default()),
        draw(typed("since:1d until:2d", ""), Vec::new(), None, crate::samples::wrong("invalid-request")),
    ]
}
