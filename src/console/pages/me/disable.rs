//! `/console/me/disable`: switch one's own MFA off, where it is not required.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;

use super::{Code, CodeForm};
use crate::Console;
use crate::api::Trouble;
use crate::flash::told;
use crate::form::{SecretForm, Wrong};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{Inside, MY_PROFILE};
use mfa_ledger_api::receipt::Receipt;

words! { title intro code submit }

#[derive(Template)]
#[template(path = "pages/me/disable.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/me/disable", get(show).post(disable))
}

async fn show(Inside(visit): Inside) -> Response {
    page(StatusCode::OK, &Page { frame: visit.frame, wrong: Wrong::default() })
}

async fn disable(
    Inside(visit): Inside,
    SecretForm { form, mut secrets }: SecretForm<CodeForm>,
) -> Result<Response, Trouble> {
    let code = Code::of(&mut secrets);
    let asked = visit.api.command::<Receipt>(Method::DELETE, "/v1/me/mfa", &form.key, &code).await;
    match asked.map_err(Trouble::for_form) {
        Ok(answer) => Ok(see_other(&told(MY_PROFILE, "mfa_disabled", answer.body.position))),
        Err(Ok(problem)) => {
            Ok(page(problem.status(), &Page { frame: visit.frame, wrong: Wrong(Some(problem)) }))
        }
        Err(Err(trouble)) => Err(trouble),
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_api::problem::Problem;
    let draw = |wrong| Page { frame: Frame::sample(lang), wrong }.render().expect("it renders");
    let refused = Problem::new("mfa-required", StatusCode::UNPROCESSABLE_ENTITY);
    vec![draw(Wrong::default()), draw(Wrong(Some(refused)))]
}
