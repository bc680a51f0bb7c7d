//! `/console/silences`: the silences, and a new one.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::Query;
use mfa_ledger_api::rules::{RuleBody, RuleList};
use mfa_ledger_api::silences::SilenceBody;
use mfa_ledger_schemas::RuleId;
use mfa_ledger_schemas::SilenceId;
use serde::{Deserialize, Serialize};

use crate::Console;

use crate::api::{Trouble, with_query};
use crate::flash::told;
use crate::form::{Form, Wrong, given};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{Inside, Visit};
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::problem::Problem;
use mfa_ledger_api::receipt::Receipt;

words! {
    title back intro rule group every_group author begun until state in_force over note end empty older caption
    new hours submit
}

const PATH: &str = "/console/silences";
/// Rows of a page.
const ROWS: &str = "50";

#[derive(Template)]
#[template(path = "pages/silences/list.html")]
struct Page {
    frame: Frame,
    found: Found<SilenceBody>,
    rules: Vec<RuleBody>,
    wrong: Wrong,
    typed: Typed,
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    after: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Typed {
    #[serde(default)]
    key: String,
    #[serde(default)]
    rule: String,
    #[serde(default, deserialize_with = "given")]
    group: Option<String>,
    #[serde(default)]
    hours: String,
    #[serde(default, deserialize_with = "given")]
    note: Option<String>,
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    key: String,
}

/// What the API is told.
#[derive(Serialize)]
struct NewSilence<'a> {
    rule: &'a str,
    group: Option<&'a str>,
    hours: u64,
    note: &'a str,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(begin)).route("/console/silences/{id}/end", post(end))
}

async fn drawn(visit: Visit, after: &str, wrong: Wrong, typed: Typed) -> Result<Response, Trouble> {
    let path = with_query("/v1/silences", &[("after", after), ("limit", ROWS)]);
    let found = visit.api.get::<Found<SilenceBody>>(&path).await?;
    let rules = visit.api.get::<RuleList>("/v1/rules").await?.data;
    let status = wrong.0.as_ref().map_or(StatusCode::OK, Problem::status);
    Ok(page(status, &Page { frame: visit.frame, found, rules, wrong, typed }))
}

async fn show(Inside(visit): Inside, Query(wanted): Query<Wanted>) -> Result<Response, Trouble> {
    drawn(visit, &wanted.after, Wrong::default(), Typed::default()).await
}

async fn begin(Inside(visit): Inside, Form(typed): Form<Typed>) -> Result<Response, Trouble> {
    let silence = NewSilence {
        rule: &typed.rule,
        group: typed.group.as_deref(),
        // What is no number is none that the API takes.
        hours: typed.hours.trim().parse().unwrap_or(0),
        note: typed.note.as_deref().unwrap_or_default(),
    };
    let done = visit.api.command::<Receipt>(Method::POST, "/v1/silences", &typed.key, &silence).await;
    match done.map_err(Trouble::for_form) {
        Ok(answer) => Ok(see_other(&told(PATH, "rule_silenced", answer.body.position))),
        Err(Ok(problem)) => drawn(visit, "", Wrong(Some(problem)), typed).await,
        Err(Err(trouble)) => Err(trouble),
    }
}

async fn end(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(form): Form<Key>,
) -> Result<Response, Trouble> {
    let id: SilenceId = id.parse().map_err(|_| Trouble::missing())?;
    let path = format!("/v1/silences/{id}");
    let done = visit.api.command::<Receipt>(Method::DELETE, &path, &form.key, &serde_json::json!({})).await;
    match done.map_err(Trouble::for_form) {
        Ok(answer) => Ok(see_other(&told(PATH, "silence_ended", answer.body.position))),
        Err(Ok(problem)) => drawn(visit, "", Wrong(Some(problem)), Typed::default()).await,
        Err(Err(trouble)) => Err(trouble),
    }
}

impl Page {
    fn older(&self) -> Option<String> {
        self.found.next.as_deref().map(|next| with_query(PATH, &[("after", next)]))
    }

    /// Whether a rule is still in force.
    fn has(&self, rule: &RuleId) -> bool {
        self.rules.iter().any(|it| it.id == *rule)
    }

    fn hours(&self) -> &str {
        if self.typed.hours.is_empty() { "8" } else { &self.typed.hours }
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |data, next: Option<&str>, wrong| {
        let found = Found { data, has_more: next.is_some(), next: next.map(str::to_owned) };
        let typed = Typed { group: Some("\"><script>".to_owned()), ..Typed::default() };
        let page =
            Page { frame: Frame::sample(lang), found, rules: vec![crate::samples::rule()], wrong, typed };
        page.render().expect("it renders")
    };
    let over = SilenceBody {
        rule: "gone".parse().expect("a rule id"),
        in_force: false,
        group: None,
        note: None,
        ..crate::samples::silence()
    };
    let refused = Problem::new("invalid-request", StatusCode::BAD_REQUEST);
    vec![
        draw(vec![crate::samples::silence(), over], Some("3"), Wrong::default()),
        draw(Vec::new(), None, Wrong(Some(refused))),
    ]
}
