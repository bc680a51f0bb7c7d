//! `/console/second-factor`: a code of the authenticator app, or a backup code; to finish a log-in, or to
//! prove presence once more.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::session::Verified;
use mfa_ledger_base::wiped::{JsonSecret, SecretText};
use mfa_ledger_schemas::SessionStage;
use serde::{Deserialize, Serialize};

use crate::api::Trouble;

use crate::flash::local;
use crate::form::{SecretForm, Wrong};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{SECOND_FACTOR, Visit};
use crate::{Console, HOME};

words! { title intro again code submit instead backup_code backup_submit lost }

#[derive(Template)]
#[template(path = "pages/second_factor.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
    next: String,
}

#[derive(Default, Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Factor {
    #[serde(default)]
    next: String,
}

/// What the API is told.
#[derive(Serialize)]
struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<JsonSecret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_code: Option<JsonSecret>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(SECOND_FACTOR, get(show).post(verify))
}

async fn show(
    mut visit: Visit,
    axum_extra::extract::Query(query): axum_extra::extract::Query<Next>,
) -> Result<Response, Trouble> {
    visit.look().await?;
    let next = local(&query.next).unwrap_or_default().to_owned();
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, wrong: Wrong::default(), next }))
}

async fn verify(
    mut visit: Visit,
    SecretForm { form, mut secrets }: SecretForm<Factor>,
) -> Result<Response, Trouble> {
    // A field that was left empty is not there.
    let typed = |code: SecretText| Some(code).filter(|code| !code.expose().is_empty()).map(JsonSecret);
    let shown = Shown {
        code: typed(secrets.take_code("code")),
        backup_code: typed(secrets.take_code("backup_code")),
    };
    let next = local(&form.next).unwrap_or_default().to_owned();
    let asked = visit.api.command::<Verified>(Method::POST, "/v1/session/second-factor", "", &shown).await;
    let verified = match asked.map_err(Trouble::for_form) {
        Ok(answer) => answer.body,
        Err(Ok(problem)) => {
            visit.look().await?;
            let status = problem.status();
            return Ok(page(status, &Page { frame: visit.frame, wrong: Wrong(Some(problem)), next }));
        }
        Err(Err(trouble)) => return Err(trouble),
    };
    if next.is_empty() && verified.backup_codes_low {
        return Ok(see_other("/console/me?done=backup_codes_low"));
    }
    Ok(see_other(Some(next.as_str()).filter(|next| !next.is_empty()).unwrap_or(HOME)))
}

impl Page {
    /// Whether a log-in waits for it, or a command.
    fn is_log_in(&self) -> bool {
        self.frame.viewer.as_ref().is_none_or(|viewer| viewer.stage == SessionStage::Verify)
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_api::problem::Problem;
    let draw = |stage, wrong| {
        let mut frame = Frame::sample(lang);
        if let Some(viewer) = &mut frame.viewer {
            viewer.stage = stage;
        }
        Page { frame, wrong, next: String::new() }.render().expect("it renders")
    };
    let refused = Problem::new("second-factor-failed", StatusCode::UNAUTHORIZED);
    vec![
        draw(SessionStage::Verify, Wrong::default()),
        draw(SessionStage::Verify, Wrong(Some(refused))),
        draw(SessionStage::Done, Wrong::default()),
    ]
}
