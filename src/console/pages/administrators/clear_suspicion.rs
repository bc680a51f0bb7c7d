//! `/console/administrators/{id}/clear-suspicion`: somebody looked into a suspicious request, and says what came of it.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_schemas::AdministratorId;
use serde::Deserialize;
use serde_json::json;

use super::managed;
use crate::{Command, Console, Form, Frame, Id, Inside, Trouble, Visit, Wrong, given, page, words};

words! {
    title intro note note_hint submit
}

#[derive(Template)]
#[template(path = "pages/administrators/clear_suspicion.html")]
struct Page {
    frame: Frame,
    it: AdministratorBody,
    wrong: Wrong,
    typed: Cleared,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Cleared {
    key: String,
    #[serde(deserialize_with = "given")]
    note: Option<String>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/administrators/{id}/clear-suspicion", get(show).post(clear))
}

async fn drawn(visit: Visit, id: AdministratorId, wrong: Wrong, typed: Cleared) -> Result<Response, Trouble> {
    let it = managed(&visit, id).await?;
    Ok(page(wrong.status(), &Page { frame: visit.frame, it, wrong, typed }))
}

async fn show(Inside(visit): Inside, Id(id): Id<AdministratorId>) -> Result<Response, Trouble> {
    drawn(visit, id, Wrong::default(), Cleared::default()).await
}

async fn clear(
    Inside(visit): Inside,
    Id(id): Id<AdministratorId>,
    Form(typed): Form<Cleared>,
) -> Result<Response, Trouble> {
    let path = format!("/v1/administrators/{id}/suspicion/clear");
    let command = Command::new(Method::POST, path, &typed.key, &json!({ "note": typed.note }))?;
    let account = format!("/console/administrators/{id}");
    visit
        .send_form(command, (&account, "suspicion_cleared"), |visit, wrong| drawn(visit, id, wrong, typed))
        .await
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |wrong, note: &str| {
        let typed = Cleared { note: Some(note.to_owned()), ..Cleared::default() };
        let page = Page { frame: Frame::sample(lang), it: crate::samples::account(1), wrong, typed };
        page.render().expect("it renders")
    };
    vec![
        draw(Wrong::default(), ""),
        draw(crate::samples::wrong("note-required"), ""),
        draw(crate::samples::wrong("invalid-request"), "</textarea><script>"),
    ]
}
