//! `/console/administrators/{id}/suspicious`: report a request that looks like an attack; as near as the reset.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::administrators::{AdministratorBody, Security};
use mfa_ledger_schemas::{AdministratorId, RedFlag};
use serde::{Deserialize, Serialize};

use crate::Console;

use crate::api::Trouble;
use crate::flash::told;
use crate::form::{Form, Wrong, given};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{Inside, Visit};
use mfa_ledger_api::receipt::Receipt;

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
struct Suspicion {
    #[serde(default)]
    key: String,
    #[serde(default)]
    red_flags: Vec<RedFlag>,
    #[serde(default, deserialize_with = "given")]
    description: Option<String>,
}

/// What the API is told.
#[derive(Serialize)]
struct Report<'a> {
    red_flags: &'a [RedFlag],
    description: Option<&'a str>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/administrators/{id}/suspicious", get(show).post(report))
}

/// Only for those who see the section that the button stands in.
async fn account(visit: &Visit, id: &str) -> Result<AdministratorBody, Trouble> {
    let id: AdministratorId = id.parse().map_err(|_| Trouble::missing())?;
    visit.api.get::<Security>(&format!("/v1/administrators/{id}/security")).await?;
    visit.api.get::<AdministratorBody>(&format!("/v1/administrators/{id}")).await
}

async fn show(Inside(visit): Inside, Path(id): Path<String>) -> Result<Response, Trouble> {
    let it = account(&visit, &id).await?;
    let (wrong, typed) = (Wrong::default(), Suspicion::default());
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, it, wrong, typed }))
}

async fn report(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Suspicion>,
) -> Result<Response, Trouble> {
    let it = account(&visit, &id).await?;
    let body = Report { red_flags: &typed.red_flags, description: typed.description.as_deref() };
    let path = format!("/v1/administrators/{}/mfa/report-suspicious", it.id);
    match visit
        .api
        .command::<Receipt>(Method::POST, &path, &typed.key, &body)
        .await
        .map_err(Trouble::for_form)
    {
        Ok(answer) => {
            let path = format!("/console/administrators/{}/suspicious", it.id);
            Ok(see_other(&told(&path, "reported", answer.body.position)))
        }
        Err(Ok(problem)) => {
            let (status, wrong) = (problem.status(), Wrong(Some(problem)));
            Ok(page(status, &Page { frame: visit.frame, it, wrong, typed }))
        }
        Err(Err(trouble)) => Err(trouble),
    }
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
    use mfa_ledger_api::problem::Problem;
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
    let refused = Problem::new("invalid-request", StatusCode::BAD_REQUEST);
    vec![
        draw("", Wrong::default(), Suspicion::default()),
        draw("", Wrong(Some(refused)), typed),
        draw("reported", Wrong::default(), Suspicion::default()),
    ]
}
