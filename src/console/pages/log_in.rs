//! `/console/log-in`: user name and password.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mfa_ledger_api::session::SessionBody;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::SessionStage;
use serde::{Deserialize, Serialize};

use crate::api::{Trouble, with_query};
use crate::flash::local;
use crate::form::{SecretForm, Wrong};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{LOG_IN, MY_PROFILE, SECOND_FACTOR, Visit};
use crate::{Console, HOME};

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
struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct LogIn {
    #[serde(default)]
    user_name: String,
    #[serde(default)]
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

async fn show(State(_): State<Console>, visit: Visit, next: axum_extra::extract::Query<Next>) -> Response {
    let next = local(&next.next).unwrap_or_default().to_owned();
    page(
        StatusCode::OK,
        &Page { frame: visit.frame, wrong: Wrong::default(), user_name: String::new(), next },
    )
}

async fn log_in(
    visit: Visit,
    SecretForm { form, mut secrets }: SecretForm<LogIn>,
) -> Result<Response, Trouble> {
    let password = JsonSecret(secrets.take("password"));
    let credentials = Credentials { user_name: form.user_name.trim(), password };
    let next = local(&form.next).unwrap_or_default();
    let answer = match visit.api.command::<SessionBody>(Method::POST, "/v1/session", "", &credentials).await {
        Ok(answer) => answer,
        Err(Trouble::Refused(problem)) => {
            let status = problem.status();
            let user_name = form.user_name.trim().to_owned();
            let (wrong, next) = (Wrong(Some(*problem)), next.to_owned());
            return Ok(page(status, &Page { frame: visit.frame, wrong, user_name, next }));
        }
        Err(broken) => return Err(broken),
    };
    let mut response = match answer.body.next {
        SessionStage::Verify => see_other(&with_query(SECOND_FACTOR, &[("next", next)])),
        SessionStage::Enroll => see_other(MY_PROFILE),
        _ => see_other(Some(next).filter(|next| !next.is_empty()).unwrap_or(HOME)),
    };
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(response.into_response())
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_api::problem::Problem;
    let draw = |wrong| {
        let frame = Frame::sample_outside(lang);
        let page = Page { frame, wrong, user_name: "<script>".to_owned(), next: "/console/me".to_owned() };
        page.render().expect("it renders")
    };
    let refused = Problem::new("log-in-failed", StatusCode::UNAUTHORIZED);
    vec![draw(Wrong::default()), draw(Wrong(Some(refused)))]
}
