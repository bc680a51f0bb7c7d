//! `/console/me/password`: choose one's own password.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_base::wiped::JsonSecret;
use serde::Serialize;

use crate::{
    Command, Console, Frame, Inside, Keyed, MY_PROFILE, SecretForm, Trouble, Visit, Wrong, page, words,
};

words! { title intro current new rule again submit differ }

#[derive(Template)]
#[template(path = "pages/me/password.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
    /// Whether the two new ones are not the same.
    differ: bool,
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

fn drawn(frame: Frame, wrong: Wrong) -> Response {
    page(wrong.status(), &Page { frame, wrong, differ: false })
}

async fn show(Inside(visit): Inside) -> Response {
    drawn(visit.frame, Wrong::default())
}

async fn change(
    Inside(visit): Inside,
    SecretForm { form, mut secrets }: SecretForm<Keyed>,
) -> Result<Response, Trouble> {
    let [current, new, again] = ["current", "new", "again"].map(|name| secrets.take(name));
    if new.expose() != again.expose() {
        let again = Page { frame: visit.frame, wrong: Wrong::default(), differ: true };
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &again));
    }
    let change = Change { current_password: JsonSecret(current), new_password: JsonSecret(new) };
    let command = Command::new(Method::PUT, "/v1/me/password", &form.key, &change)?;
    let again = async |visit: Visit, wrong| Ok(drawn(visit.frame, wrong));
    visit.send_form(command, (MY_PROFILE, "password_changed"), again).await
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw =
        |wrong, differ| Page { frame: Frame::sample(lang), wrong, differ }.render().expect("it renders");
    vec![
        draw(Wrong::default(), false),
        draw(Wrong::default(), true),
        draw(crate::samples::wrong("wrong-password"), false),
    ]
}
