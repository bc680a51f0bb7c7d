//! `/console/alerts/{id}`: why an alert was raised, and what people make of it.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::future::try_join;
use mfa_ledger_api::activity::{ActivityPage, Entry};
use mfa_ledger_api::alerts::{AlertBody, AlertShown, Stage};
use mfa_ledger_api::rules::RuleBody;
use mfa_ledger_schemas::{AlertId, Position};
use serde::Deserialize;
use serde_json::json;

use crate::pages::silences::silencing;
use crate::{Command, Console, Form, Frame, Id, Inside, Trouble, Visit, Wrong, given, page, words};

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
    wrong: Wrong,
    typed: Typed,
}

/// What somebody does with an alert.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    #[serde(deserialize_with = "given")]
    note: Option<String>,
    false_positive: Option<String>,
    hours: Option<String>,
    only_group: Option<String>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/alerts/{id}", get(show))
        .route("/console/alerts/{id}/acknowledge", post(acknowledge))
        .route("/console/alerts/{id}/resolve", post(resolve))
        .route("/console/alerts/{id}/silence", post(silence))
}

async fn drawn(visit: Visit, id: AlertId, wrong: Wrong, typed: Typed) -> Result<Response, Trouble> {
    let (found, events) = try_join(found(&visit, id), events(&visit, id)).await?;
    let (it, rule) = (found.alert, found.rule_in_force);
    Ok(page(wrong.status(), &Page { frame: visit.frame, it, rule, events, wrong, typed }))
}

async fn found(visit: &Visit, id: AlertId) -> Result<AlertShown, Trouble> {
    visit.api.get(&format!("/v1/alerts/{id}")).await
}

async fn events(visit: &Visit, id: AlertId) -> Result<Option<Vec<Entry>>, Trouble> {
    if !visit.frame.offers_activity() {
        return Ok(None);
    }
    let found = visit.api.find::<ActivityPage>(&format!("/v1/alerts/{id}/events")).await?;
    Ok(Some(found.into_iter().flat_map(|found| found.data).take(SHOWN).collect()))
}

async fn show(Inside(visit): Inside, Id(id): Id<AlertId>) -> Result<Response, Trouble> {
    drawn(visit, id, Wrong::default(), Typed::default()).await
}

async fn acknowledge(
    Inside(visit): Inside,
    Id(id): Id<AlertId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let path = format!("/v1/alerts/{id}/acknowledge");
    let command = Command::new(Method::POST, path, &typed.key, &json!({ "note": typed.note }))?;
    sent(visit, id, typed, command, "alert_acknowledged").await
}

async fn resolve(
    Inside(visit): Inside,
    Id(id): Id<AlertId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let body = json!({ "note": typed.note, "false_positive": typed.false_positive.is_some() });
    let command = Command::new(Method::POST, format!("/v1/alerts/{id}/resolve"), &typed.key, &body)?;
    sent(visit, id, typed, command, "alert_resolved").await
}

async fn silence(
    Inside(visit): Inside,
    Id(id): Id<AlertId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let it = found(&visit, id).await?.alert;
    let group = typed.only_group.is_some().then_some(it.group.as_str());
    let command = silencing(
        &typed.key,
        it.rule.as_str(),
        group,
        typed.hours.as_deref().unwrap_or_default(),
        typed.note.as_deref(),
    )?;
    sent(visit, id, typed, command, "rule_silenced").await
}

/// The page again, with what was done or what is wrong.
async fn sent(
    visit: Visit,
    id: AlertId,
    typed: Typed,
    command: Command,
    done: &str,
) -> Result<Response, Trouble> {
    let here = format!("/console/alerts/{id}");
    visit.send_form(command, (&here, done), |visit, wrong| drawn(visit, id, wrong, typed)).await
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
        let page = Page { frame: Frame::sample(lang), it, rule, events, wrong, typed };
        page.render().expect("it renders")
    };
    vec![
        draw(Stage::Open, Some(vec![crate::samples::entry(2), crate::samples::entry(3)]), Wrong::default()),
        draw(Stage::Acknowledged, None, crate::samples::wrong("alert-closed")),
        draw(Stage::Resolved, Some(Vec::new()), Wrong::default()),
    ]
}
