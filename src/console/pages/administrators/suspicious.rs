//! `/console/administrators/{id}/suspicious`: report a request that looks like an attack; as near as the reset.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_schemas::{AdministratorId, RedFlag};
use serde::Deserialize;
use serde_json::json;

use super::managed;
use crate::{Command, Console, Form, Frame, Id, Inside, Trouble, Visit, Wrong, given, page, words};

words! {
    title intro flags description description_hint submit next dont contact document team
}

#[derive(Template)]
#[template(path = "pages/administrators/suspicious.html")]
struct Page {
    frame: Frame,
    it: AdministratorBody,
    wrong: Wrong,
    typed: Suspicion,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Suspicion {
    key: String,
    red_flags: Vec<RedFlag>,
    #[serde(deserialize_with = "given")]
    description: Option<String>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/administrators/{id}/suspicious", get(show).post(report))
}

async fn drawn(
    visit: Visit,
    id: AdministratorId,
    wrong: Wrong,
    typed: Suspicion,
) -> Result<Response, Trouble> {
    let it = managed(&visit, id).await?;
    Ok(page(wrong.status(), &Page { frame: visit.frame, it, wrong, typed }))
}

async fn show(Inside(visit): Inside, Id(id): Id<AdministratorId>) -> Result<Response, Trouble> {
    drawn(visit, id, Wrong::default(), Suspicion::default()).await
}

async fn report(
    Inside(visit): Inside,
    Id(id): Id<AdministratorId>,
    Form(typed): Form<Suspicion>,
) -> Result<Response, Trouble> {
    let body = json!({ "red_flags": typed.red_flags, "description": typed.description });
    let path = format!("/v1/administrators/{id}/mfa/report-suspicious");
    let command = Command::new(Method::POST, path, &typed.key, &body)?;
    let here = format!("/console/administrators/{id}/suspicious");
    visit.send_form(command, (&here, "reported"), |visit, wrong| drawn(visit, id, wrong, typed)).await
}

impl Page {
    /// Whether the report has just been made.
    fn is_reported(&self) -> bool {
        self.frame.flash.as_ref().is_some_and(|flash| flash.done == "reported")
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use crate::flash::Flash;
    let draw = |done: &str, wrong, typed| {
        let mut frame = Frame::sample(lang);
        frame.flash = Some(Flash { done: done.to_owned(), at: None });
        Page { frame, it: crate::samples::account(1), wrong, typed }.render().expect("it renders")
    };
    let typed = Suspicion {
        red_flags: vec![RedFlag::UnusualChannel],
        description: Some("</textarea><script>".to_owned()),
        ..Suspicion::default()
    };
    vec![
        draw("", Wrong::default(), Suspicion::default()),
        draw("", crate::samples::wrong("invalid-request"), typed),
        draw("reported", Wrong::default(), Suspicion::default()),
    ]
}
