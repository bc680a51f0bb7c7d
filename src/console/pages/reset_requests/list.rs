//! `/console/reset-requests`: the requests, newest first.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use mfa_ledger_api::reset_requests::{RequestStage, ResetRequestBody};
use serde::Deserialize;

use mfa_ledger_api::page::Page as Found;

use crate::{Console, Frame, Inside, Trouble, page, with_query, words};

words! { title intro stage any apply administrator filed_by filed_at reason empty older caption }

const PATH: &str = "/console/reset-requests";
/// Rows of a page.
const ROWS: &str = "50";

#[derive(Template)]
#[template(path = "pages/reset_requests/list.html")]
struct Page {
    frame: Frame,
    stage: Option<RequestStage>,
    found: Found<ResetRequestBody>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    stage: String,
    after: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show))
}

async fn show(Inside(visit): Inside, Query(wanted): Query<Wanted>) -> Result<Response, Trouble> {
    let stage = RequestStage::ALL.into_iter().find(|stage| stage.name() == wanted.stage);
    let query = [("stage", stage.map_or("", RequestStage::name)), ("after", &wanted.after), ("limit", ROWS)];
    let found = visit.api.get::<Found<ResetRequestBody>>(&with_query("/v1/reset-requests", &query)).await?;
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, stage, found }))
}

impl Page {
    fn older(&self) -> Option<String> {
        let next = self.found.next.as_deref()?;
        Some(with_query(PATH, &[("stage", self.stage.map_or("", RequestStage::name)), ("after", next)]))
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |stage, data, next| {
        let page = Page { frame: Frame::sample(lang), stage, found: Found { data, has_more: false, next } };
        page.render().expect("it renders")
    };
    let all = RequestStage::ALL.into_iter().map(crate::samples::request).collect();
    vec![draw(None, all, Some("9".to_owned())), draw(Some(RequestStage::Open), Vec::new(), None)]
}
