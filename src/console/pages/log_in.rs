//! `/console/log-in`: user name and password.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use mfa_ledger_api::session::SessionBody;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::SessionStage;
use serde::{Deserialize, Serialize};

use crate::form::Next;
use crate::visit::{LOG_IN, SECOND_FACTOR};
use crate::{
    Command, Console, Frame, MY_PROFILE, SecretForm, Trouble, Visit, Wrong, page, see_other, with_query,
    words,
};

words! { title user_name password submit lost }

#[derive(Template)]
#[template(path = "pages/log_in.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
    user_name: String,
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LogIn {
    user_name: String,
    next: String,
}

/// What the API is told.
#[derive(Serialize)]
struct Credentials<'a> {
    user_name: &'a str,
    password: JsonSecret,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(LOG_IN, get(show).post(log_in))
}

fn drawn(frame: Frame, wrong: Wrong, user_name: &str, next: &Next) -> Response {
    let (user_name, next) = (user_name.to_owned(), next.local().to_owned());
    page(wrong.status(), &Page { frame, wrong, user_name, next })
}

async fn show(visit: Visit, Query(next): Query<Next>) -> Response {
    drawn(visit.frame, Wrong::default(), "", &next)
}

async fn log_in(
    visit: Visit,
    SecretForm { form: LogIn { user_name, next }, mut secrets }: SecretForm<LogIn>,
) -> Result<Response, Trouble> {
    let next = Next { next };
    let (user_name, password) = (user_name.trim(), JsonSecret(secrets.take("password")));
    let command = Command::new(Method::POST, "/v1/session", "", &Credentials { user_name, password })?;
    let answer = match visit.api.send_form::<SessionBody>(command).await? {
        Ok(answer) => answer,
        Err(wrong) => return Ok(drawn(visit.frame, wrong, user_name, &next)),
    };
    let response = match answer.body.next {
        SessionStage::Verify => see_other(&with_query(SECOND_FACTOR, &[("next", next.local())])),
        SessionStage::Enroll => see_other(MY_PROFILE),
        _ => see_other(next.or_home()),
    };
    Ok(answer.with_cookies(response))
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |wrong| {
        let frame = Frame::sample_outside(lang);
        let page = Page { frame, wrong, user_name: "<script>".to_owned(), next: "/console/me".to_owned() };
        page.render().expect("it renders")
    };
    vec![draw(Wrong::default()), draw(crate::samples::wrong("log-in-failed"))]
}
