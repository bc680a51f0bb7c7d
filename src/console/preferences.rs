//! `POST /console/preferences`: language and time zone, kept in the browser.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;

use super::flash::local;
use super::form::Form;
use super::html::see_other;
use super::texts::{self, Lang};
use super::zone::{self, Zone};
use super::{Console, HOME};

/// How long a choice is kept, in seconds: a year.
const KEPT_SECONDS: u32 = 365 * 24 * 60 * 60;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    lang: Option<String>,
    zone: Option<String>,
    next: String,
}

pub(super) fn router() -> Router<Console> {
    Router::new().route("/console/preferences", post(choose))
}

async fn choose(Form(choice): Form<Choice>) -> Response {
    let mut response = see_other(local(&choice.next).unwrap_or(HOME));
    let lang =
        choice.lang.as_deref().and_then(Lang::named).map(|lang| (texts::COOKIE, lang.code().to_owned()));
    let zone =
        choice.zone.as_deref().and_then(Zone::named).map(|zone| (zone::COOKIE, zone.name().to_owned()));
    for (name, value) in lang.into_iter().chain(zone) {
        let cookie = format!("{name}={value}; Path={HOME}; SameSite=Lax; Max-Age={KEPT_SECONDS}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}
