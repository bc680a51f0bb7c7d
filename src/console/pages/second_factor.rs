//! `/console/second-factor`: a code of the authenticator app, or a backup code; to finish a log-in, or to
//! prove presence once more.

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use mfa_ledger_api::session::Verified;
use mfa_ledger_base::wiped::{JsonSecret, SecretText};
use mfa_ledger_schemas::SessionStage;
use serde::Serialize;

use crate::form::Next;
use crate::visit::SECOND_FACTOR;
use crate::{Command, Console, Frame, SecretForm, Trouble, Visit, Wrong, page, see_other, words};

words! { title intro again code submit instead backup_code backup_submit lost }

#[derive(Template)]
#[template(path = "pages/second_factor.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
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

async fn drawn(mut visit: Visit, wrong: Wrong, next: &Next) -> Result<Response, Trouble> {
    visit.look().await?;
    Ok(page(wrong.status(), &Page { frame: visit.frame, wrong, next: next.local().to_owned() }))
}

async fn show(visit: Visit, Query(next): Query<Next>) -> Result<Response, Trouble> {
    drawn(visit, Wrong::default(), &next).await
}

async fn verify(
    visit: Visit,
    SecretForm { form: next, mut secrets }: SecretForm<Next>,
) -> Result<Response, Trouble> {
    // A field that was left empty is not there.
    let typed = |code: SecretText| Some(code).filter(|code| !code.expose().is_empty()).map(JsonSecret);
    let shown = Shown {
        code: typed(secrets.take_code("code")),
        backup_code: typed(secrets.take_code("backup_code")),
    };
    let command = Command::new(Method::POST, "/v1/session/second-factor", "", &shown)?;
    match visit.api.send_form::<Verified>(command).await? {
        Ok(answer) if next.local().is_empty() && answer.body.backup_codes_low => {
            Ok(see_other("/console/me?done=backup_codes_low"))
        }
        Ok(_) => Ok(see_other(next.or_home())),
        Err(wrong) => drawn(visit, wrong, &next).await,
    }
}

impl Page {
    /// Whether a log-in waits for it, or a command.
    fn is_log_in(&self) -> bool {
        self.frame.viewer.as_ref().is_none_or(|viewer| viewer.stage == SessionStage::Verify)
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |stage, wrong| {
        let mut frame = Frame::sample(lang);
        if let Some(viewer) = &mut frame.viewer {
            viewer.stage = stage;
        }
        Page { frame, wrong, next: String::new() }.render().expect("it renders")
    };
    vec![
        draw(SessionStage::Verify, Wrong::default()),
        draw(SessionStage::Verify, crate::samples::wrong("second-factor-failed")),
        draw(SessionStage::Done, Wrong::default()),
    ]
}
