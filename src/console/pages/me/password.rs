//! `/console/me/password`: choose one's own password.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_base::wiped::JsonSecret;
use serde::{Deserialize, Serialize};

use crate::Console;
use crate::api::Trouble;
use crate::flash::told;
use crate::form::{SecretForm, Wrong};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{Inside, MY_PROFILE};
use mfa_ledger_api::problem::Problem;
use mfa_ledger_api::receipt::Receipt;

words! { title intro current new rule again submit differ }

#[derive(Template)]
#[template(path = "pages/me/password.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
    /// Whether the two new ones are not the same.
    differ: bool,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    key: String,
}

/// What the API is told.
#[derive(Serialize)]
struct Change {
    current_password: JsonSecret,
    new_password: JsonSecret,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/me/password", get(show).post(change))
}

async fn show(Inside(visit): Inside) -> Response {
    page(StatusCode::OK, &Page { frame: visit.frame, wrong: Wrong::default(), differ: false })
}

async fn change(
    Inside(visit): Inside,
    SecretForm { form: typed, mut secrets }: SecretForm<Typed>,
) -> Result<Response, Trouble> {
    let [current, new, again] = ["current", "new", "again"].map(|name| secrets.take(name));
    if new.expose() != again.expose() {
        let again = Page { frame: visit.frame, wrong: Wrong::default(), differ: true };
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &again));
    }
    let change = Change { current_password: JsonSecret(current), new_password: JsonSecret(new) };
    let asked = visit.api.command::<Receipt>(Method::PUT, "/v1/me/password", &typed.key, &change).await;
    match asked.map_err(Trouble::for_form) {
        Ok(answer) => Ok(see_other(&told(MY_PROFILE, "password_changed", answer.body.position))),
        Err(Ok(problem)) => Ok(refused(visit.frame, problem)),
        Err(Err(trouble)) => Err(trouble),
    }
}

fn refused(frame: Frame, problem: Problem) -> Response {
    page(problem.status(), &Page { frame, wrong: Wrong(Some(problem)), differ: false })
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw =
        |wrong, differ| Page { frame: Frame::sample(lang), wrong, differ }.render().expect("it renders");
    let refused = Problem::new("wrong-password", StatusCode::UNPROCESSABLE_ENTITY);
    vec![draw(Wrong::default(), false), draw(Wrong::default(), true), draw(Wrong(Some(refused)), false)]
}
