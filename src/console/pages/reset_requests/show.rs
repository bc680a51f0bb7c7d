//! `/console/reset-requests/{id}`: one request, and what a second person makes of it.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use mfa_ledger_api::reset_requests::{RequestStage, ResetRequestBody};
use mfa_ledger_schemas::{RedFlag, ResetRequestId};
use serde::Deserialize;
use serde_json::json;

use crate::{Command, Console, Form, Frame, Id, Inside, Trouble, Visit, Wrong, given, page, words};

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
#[serde(default)]
struct Decision {
    key: String,
    #[serde(deserialize_with = "given")]
    note: Option<String>,
    red_flags: Vec<RedFlag>,
}

pub(super) fn routes() -> Router<Console> {
    let decided = |way, done| post(move |visit, id, form| decide(visit, id, form, way, done));
    Router::new()
        .route("/console/reset-requests/{id}", get(show))
        .route("/console/reset-requests/{id}/approve", decided("approve", "request_approved"))
        .route("/console/reset-requests/{id}/decline", decided("decline", "request_declined"))
        .route("/console/reset-requests/{id}/report-suspicious", decided("report-suspicious", "reported"))
}

async fn drawn(visit: Visit, id: ResetRequestId, wrong: Wrong, typed: Decision) -> Result<Response, Trouble> {
    let it = visit.api.get(&format!("/v1/reset-requests/{id}")).await?;
    Ok(page(wrong.status(), &Page { frame: visit.frame, it, wrong, typed }))
}

async fn show(Inside(visit): Inside, Id(id): Id<ResetRequestId>) -> Result<Response, Trouble> {
    drawn(visit, id, Wrong::default(), Decision::default()).await
}

async fn decide(
    Inside(visit): Inside,
    Id(id): Id<ResetRequestId>,
    Form(typed): Form<Decision>,
    way: &'static str,
    done: &'static str,
) -> Result<Response, Trouble> {
    let body = if way == "report-suspicious" {
        json!({ "red_flags": typed.red_flags, "description": typed.note })
    } else {
        json!({ "note": typed.note })
    };
    let command = Command::new(Method::POST, format!("/v1/reset-requests/{id}/{way}"), &typed.key, &body)?;
    let here = format!("/console/reset-requests/{id}");
    visit.send_form(command, (&here, done), |visit, wrong| drawn(visit, id, wrong, typed)).await
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
    let draw = |stage, own: bool, wrong| {
        let mut it = crate::samples::request(stage);
        if own {
            it.filed_by.administrator = Some(mfa_ledger_schemas::AdministratorId::from_bytes([1; 16]));
        }
        let page = Page { frame: Frame::sample(lang), it, wrong, typed: Decision::default() };
        page.render().expect("it renders")
    };
    let mut all: Vec<_> =
        RequestStage::ALL.into_iter().map(|stage| draw(stage, false, Wrong::default())).collect();
    all.push(draw(RequestStage::Open, true, crate::samples::wrong("own-request")));
    all
}
