//! `/console/silences`: the silences, and a new one.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::Query;
use futures_util::future::try_join;
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::rules::{RuleBody, RuleList};
use mfa_ledger_api::silences::SilenceBody;
use mfa_ledger_schemas::{RuleId, SilenceId};
use serde::Deserialize;
use serde_json::json;

use crate::form::After;
use crate::{
    Command, Console, Form, Frame, Id, Inside, Keyed, Trouble, Visit, Wrong, given, page, with_query, words,
};

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

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    rule: String,
    #[serde(deserialize_with = "given")]
    group: Option<String>,
    hours: String,
    #[serde(deserialize_with = "given")]
    note: Option<String>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(begin)).route("/console/silences/{id}/end", post(end))
}

async fn drawn(visit: Visit, after: &str, wrong: Wrong, typed: Typed) -> Result<Response, Trouble> {
    let path = with_query("/v1/silences", &[("after", after), ("limit", ROWS)]);
    let (found, rules) = try_join(visit.api.get(&path), visit.api.get::<RuleList>("/v1/rules")).await?;
    Ok(page(wrong.status(), &Page { frame: visit.frame, found, rules: rules.data, wrong, typed }))
}

async fn show(Inside(visit): Inside, Query(wanted): Query<After>) -> Result<Response, Trouble> {
    drawn(visit, &wanted.after, Wrong::default(), Typed::default()).await
}

async fn begin(Inside(visit): Inside, Form(typed): Form<Typed>) -> Result<Response, Trouble> {
    let group = typed.group.as_deref();
    let command = silencing(&typed.key, &typed.rule, group, &typed.hours, typed.note.as_deref())?;
    visit.send_form(command, (PATH, "rule_silenced"), |visit, wrong| drawn(visit, "", wrong, typed)).await
}

/// Silences a rule, for all or for one group.
pub(crate) fn silencing(
    key: &str,
    rule: &str,
    group: Option<&str>,
    hours: &str,
    note: Option<&str>,
) -> Result<Command, Trouble> {
    // What is no number is none that the API takes.
    let hours = hours.trim().parse::<u64>().unwrap_or(0);
    let body = json!({ "rule": rule, "group": group, "hours": hours, "note": note.unwrap_or_default() });
    Command::new(Method::POST, "/v1/silences", key, &body)
}

async fn end(
    Inside(visit): Inside,
    Id(id): Id<SilenceId>,
    Form(form): Form<Keyed>,
) -> Result<Response, Trouble> {
    let command = Command::new(Method::DELETE, format!("/v1/silences/{id}"), &form.key, &json!({}))?;
    let again = |visit, wrong| drawn(visit, "", wrong, Typed::default());
    visit.send_form(command, (PATH, "silence_ended"), again).await
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
    vec![
        draw(vec![crate::samples::silence(), over], Some("3"), Wrong::default()),
        draw(Vec::new(), None, crate::samples::wrong("invalid-request")),
    ]
}
