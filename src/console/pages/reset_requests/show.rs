//! `/console/reset-requests/{id}`: one request, and what a second person makes of it.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use mfa_ledger_api::reset_requests::{RequestStage, ResetRequestBody};
use mfa_ledger_schemas::{RedFlag, ResetRequestId};
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
    title of administrator filed_by filed_at expires reason verification requester requested_at ticket approved_at
    decide decide_hint note approve decline own carry_out reset suspicious suspicious_hint flags report
}

#[derive(Template)]
#[template(path = "pages/reset_requests/show.html")]
struct Page {
    frame: Frame,
    it: ResetRequestBody,
    wrong: Wrong,
    typed: Decision,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Decision {
    #[serde(default)]
    key: String,
    #[serde(default, deserialize_with = "given")]
    note: Option<String>,
    #[serde(default)]
    red_flags: Vec<RedFlag>,
}

/// What the API is told.
#[derive(Serialize)]
struct Note<'a> {
    note: Option<&'a str>,
}

/// What the API is told of something odd.
#[derive(Serialize)]
struct Report<'a> {
    red_flags: &'a [RedFlag],
    description: Option<&'a str>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/reset-requests/{id}", get(show))
        .route("/console/reset-requests/{id}/approve", post(approve))
        .route("/console/reset-requests/{id}/decline", post(decline))
        .route("/console/reset-requests/{id}/report-suspicious", post(report))
}

async fn request(visit: &Visit, id: &str) -> Result<ResetRequestBody, Trouble> {
    let id: ResetRequestId = id.parse().map_err(|_| Trouble::missing())?;
    visit.api.get::<ResetRequestBody>(&format!("/v1/reset-requests/{id}")).await
}

async fn show(Inside(visit): Inside, Path(id): Path<String>) -> Result<Response, Trouble> {
    let it = request(&visit, &id).await?;
    let (wrong, typed) = (Wrong::default(), Decision::default());
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, it, wrong, typed }))
}

async fn approve(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Decision>,
) -> Result<Response, Trouble> {
    let body = serde_json::to_value(Note { note: typed.note.as_deref() }).map_err(Trouble::broken)?;
    decide(visit, &id, typed, "approve", "request_approved", body).await
}

async fn decline(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Decision>,
) -> Result<Response, Trouble> {
    let body = serde_json::to_value(Note { note: typed.note.as_deref() }).map_err(Trouble::broken)?;
    decide(visit, &id, typed, "decline", "request_declined", body).await
}

async fn report(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Decision>,
) -> Result<Response, Trouble> {
    let report = Report { red_flags: &typed.red_flags, description: typed.note.as_deref() };
    let body = serde_json::to_value(report).map_err(Trouble::broken)?;
    decide(visit, &id, typed, "report-suspicious", "reported", body).await
}

async fn decide(
    visit: Visit,
    id: &str,
    typed: Decision,
    way: &str,
    done: &str,
    body: serde_json::Value,
) -> Result<Response, Trouble> {
    let it = request(&visit, id).await?;
    let path = format!("/v1/reset-requests/{}/{way}", it.id);
    match visit
        .api
        .command::<Receipt>(Method::POST, &path, &typed.key, &body)
        .await
        .map_err(Trouble::for_form)
    {
        Ok(answer) => {
            Ok(see_other(&told(&format!("/console/reset-requests/{}", it.id), done, answer.body.position)))
        }
        Err(Ok(problem)) => {
            let (status, wrong) = (problem.status(), Wrong(Some(problem)));
            Ok(page(status, &Page { frame: visit.frame, it, wrong, typed }))
        }
        Err(Err(trouble)) => Err(trouble),
    }
}

impl Page {
    fn is_open(&self) -> bool {
        self.it.stage == RequestStage::Open
    }

    fn is_own(&self) -> bool {
        self.it.filed_by.administrator.is_some_and(|id| self.frame.is_me(&id))
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_api::problem::Problem;
    let draw = |stage, own: bool, wrong| {
        let mut it = crate::samples::request(stage);
        if own {
            it.filed_by.administrator = Some(mfa_ledger_schemas::AdministratorId::from_bytes([1; 16]));
        }
        let page = Page { frame: Frame::sample(lang), it, wrong, typed: Decision::default() };
        page.render().expect("it renders")
    };
    let refused = Problem::new("own-request", StatusCode::FORBIDDEN);
    let mut all: Vec<_> =
        RequestStage::ALL.into_iter().map(|stage| draw(stage, false, Wrong::default())).collect();
    all.push(draw(RequestStage::Open, true, Wrong(Some(refused))));
    all
}
