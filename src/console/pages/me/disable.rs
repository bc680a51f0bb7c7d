//! `/console/me/disable`: switch one's own MFA off, where it is not required.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;

use crate::{
    Code, Command, Console, Frame, Inside, Keyed, MY_PROFILE, SecretForm, Trouble, Visit, Wrong, page, words,
};

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

fn drawn(frame: Frame, wrong: Wrong) -> Response {
    page(wrong.status(), &Page { frame, wrong })
}

async fn show(Inside(visit): Inside) -> Response {
    drawn(visit.frame, Wrong::default())
}

async fn disable(
    Inside(visit): Inside,
    SecretForm { form, mut secrets }: SecretForm<Keyed>,
) -> Result<Response, Trouble> {
    let command = Command::new(Method::DELETE, "/v1/me/mfa", &form.key, &Code::of(&mut secrets))?;
    let again = async |visit: Visit, wrong| Ok(drawn(visit.frame, wrong));
    visit.send_form(command, (MY_PROFILE, "mfa_disabled"), again).await
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |wrong| Page { frame: Frame::sample(lang), wrong }.render().expect("it renders");
    vec![draw(Wrong::default()), draw(crate::samples::wrong("mfa-required"))]
}
