//! `/console/rules`: the rules in force.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::rules::RuleList;

use crate::{Console, Frame, Inside, Trouble, fill, page, words};

words! {
    title back intro rule severity kind origin pack site empty caption filters alerts
}

#[derive(Template)]
#[template(path = "pages/rules/list.html")]
struct Page {
    frame: Frame,
    rules: RuleList,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/rules", get(show))
}

async fn show(Inside(visit): Inside) -> Result<Response, Trouble> {
    let rules = visit.api.get::<RuleList>("/v1/rules").await?;
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, rules }))
}

impl Page {
    fn filters(&self) -> String {
        fill(&self.frame.t.rules.filters, &[("n", &self.rules.filters)])
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let site = mfa_ledger_api::rules::RuleBody { origin: "site".into(), ..crate::samples::rule() };
    let draw = |data, filters| {
        let page = Page { frame: Frame::sample(lang), rules: RuleList { data, filters } };
        page.render().expect("it renders")
    };
    vec![draw(vec![crate::samples::rule(), site], 2), draw(Vec::new(), 0)]
}
