//! `/console/alerts/{id}`: why an alert was raised, and what people make of it.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use mfa_ledger_api::alerts::{AlertBody, Stage};
use mfa_ledger_api::rules::RuleBody;
use mfa_ledger_schemas::{AlertId, Position};
use serde::{Deserialize, Serialize};

use crate::Console;
use crate::api::activity::Entry;
use crate::api::administrators::names;

use crate::api::Trouble;
use crate::flash::told;
use crate::form::{Form, Wrong, given};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{Inside, Visit};
use mfa_ledger_api::problem::Problem;
use mfa_ledger_api::receipt::Receipt;

words! {
    title why rule group at silenced events events_intro events_hidden more when what who whom taken
    acknowledged resolved false_positive nothing_yet note acknowledge resolve is_false_positive silence
    silence_intro hours silence_note only_group submit_silence record entry
}

/// Events that are shown whole; the others are links.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "pages/alerts/show.html")]
struct Page {
    frame: Frame,
    it: AlertBody,
    /// Not there where the rule is not in force any more.
    rule: Option<RuleBody>,
    /// The events behind it; not there for those who may not read the activity log.
    events: Option<Vec<Entry>>,
    /// The name of whom it is about, where that is an administrator.
    about: Option<String>,
    wrong: Wrong,
    typed: Typed,
}

/// What somebody does with an alert.
#[derive(Clone, Debug, Default, Deserialize)]
struct Typed {
    #[serde(default)]
    key: String,
    #[serde(default, deserialize_with = "given")]
    note: Option<String>,
    #[serde(default)]
    false_positive: Option<String>,
    #[serde(default)]
    hours: Option<String>,
    #[serde(default)]
    only_group: Option<String>,
}

/// What the API is told.
#[derive(Serialize)]
struct Step<'a> {
    note: Option<&'a str>,
    false_positive: Option<bool>,
}

#[derive(Serialize)]
struct Silence<'a> {
    rule: &'a str,
    group: Option<&'a str>,
    hours: u64,
    note: &'a str,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/alerts/{id}", get(show))
        .route("/console/alerts/{id}/acknowledge", post(acknowledge))
        .route("/console/alerts/{id}/resolve", post(resolve))
        .route("/console/alerts/{id}/silence", post(silence))
}

async fn drawn(visit: Visit, it: AlertBody, wrong: Wrong, typed: Typed) -> Result<Response, Trouble> {
    let rule = visit.api.find::<RuleBody>(&format!("/v1/rules/{}", it.rule)).await?;
    let events = events(&visit, &it.positions).await?;
    let about = names(&visit.api, [it.group.as_str()].into_iter()).await?.into_values().next();
    let status = wrong.0.as_ref().map_or(StatusCode::OK, Problem::status);
    Ok(page(status, &Page { frame: visit.frame, it, rule, events, about, wrong, typed }))
}

async fn events(visit: &Visit, positions: &[Position]) -> Result<Option<Vec<Entry>>, Trouble> {
    if !visit.frame.offers_activity() {
        return Ok(None);
    }
    let mut events = Vec::new();
    for position in positions.iter().rev().take(SHOWN) {
        events.extend(visit.api.find::<Entry>(&format!("/v1/activity/{position}")).await?);
    }
    Ok(Some(events))
}

async fn found(visit: &Visit, id: &str) -> Result<AlertBody, Trouble> {
    let id: AlertId = id.parse().map_err(|_| Trouble::missing())?;
    visit.api.get::<AlertBody>(&format!("/v1/alerts/{id}")).await
}

async fn show(Inside(visit): Inside, Path(id): Path<String>) -> Result<Response, Trouble> {
    let it = found(&visit, &id).await?;
    drawn(visit, it, Wrong::default(), Typed::default()).await
}

async fn acknowledge(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let it = found(&visit, &id).await?;
    let path = format!("/v1/alerts/{}/acknowledge", it.id);
    let step = Step { note: typed.note.as_deref(), false_positive: None };
    let done = visit.api.command::<Receipt>(Method::POST, &path, &typed.key, &step).await;
    after(visit, it, typed, done.map(|answer| answer.body), "alert_acknowledged").await
}

async fn resolve(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let it = found(&visit, &id).await?;
    let path = format!("/v1/alerts/{}/resolve", it.id);
    let step = Step { note: typed.note.as_deref(), false_positive: Some(typed.false_positive.is_some()) };
    let done = visit.api.command::<Receipt>(Method::POST, &path, &typed.key, &step).await;
    after(visit, it, typed, done.map(|answer| answer.body), "alert_resolved").await
}

async fn silence(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let it = found(&visit, &id).await?;
    let silence = Silence {
        rule: it.rule.as_str(),
        group: typed.only_group.is_some().then_some(it.group.as_str()),
        // What is no number is none that the API takes.
        hours: typed.hours.as_deref().and_then(|hours| hours.trim().parse().ok()).unwrap_or(0),
        note: typed.note.as_deref().unwrap_or_default(),
    };
    let done = visit.api.command::<Receipt>(Method::POST, "/v1/silences", &typed.key, &silence).await;
    let done = done.map(|answer| answer.body);
    after(visit, it, typed, done, "rule_silenced").await
}

/// The page again, with what was done or what is wrong.
async fn after(
    visit: Visit,
    it: AlertBody,
    typed: Typed,
    done: Result<Receipt, Trouble>,
    word: &str,
) -> Result<Response, Trouble> {
    match done.map_err(Trouble::for_form) {
        Ok(receipt) => Ok(see_other(&told(&format!("/console/alerts/{}", it.id), word, receipt.position))),
        Err(Ok(problem)) => drawn(visit, it, Wrong(Some(problem)), typed).await,
        Err(Err(trouble)) => Err(trouble),
    }
}

impl Page {
    /// The events that are links only.
    fn others(&self) -> Vec<Position> {
        let shown = if self.events.is_some() { SHOWN } else { 0 };
        self.it.positions.iter().rev().skip(shown).copied().collect()
    }

    fn is_open(&self) -> bool {
        self.it.stage == Stage::Open
    }

    fn is_settled(&self) -> bool {
        self.it.stage == Stage::Resolved
    }

    fn about(&self) -> &str {
        self.about.as_deref().unwrap_or(&self.it.group)
    }

    fn note(&self) -> &str {
        self.typed.note.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |stage, events, wrong| {
        let it = crate::samples::alert(stage);
        let rule = (stage != Stage::Resolved).then(crate::samples::rule);
        let typed = Typed { note: Some("\"><script>".to_owned()), ..Typed::default() };
        let about = (stage == Stage::Open).then(|| "<b>dana</b>".to_owned());
        Page { frame: Frame::sample(lang), it, rule, events, about, wrong, typed }
            .render()
            .expect("it renders")
    };
    let refused = Problem::new("alert-closed", StatusCode::CONFLICT);
    vec![
        draw(Stage::Open, Some(vec![Entry::sample(2), Entry::sample(3)]), Wrong::default()),
        draw(Stage::Acknowledged, None, Wrong(Some(refused))),
        draw(Stage::Resolved, Some(Vec::new()), Wrong::default()),
    ]
}
