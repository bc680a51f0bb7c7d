//! `/console/administrators/{id}/reset`: verify who asks, document it, confirm it; the guide's steps 1 to 5.

pub(crate) mod confirm;
pub(crate) mod form;
mod story;

use axum::Router;
use axum::extract::Path;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use mfa_ledger_api::administrators::{AdministratorBody, Security};
use mfa_ledger_api::session::Verified;
use mfa_ledger_api::settings::Settings;
use mfa_ledger_base::wiped::{JsonSecret, SecretText};
use mfa_ledger_schemas::{AdministratorId, ResetRequestId};
use serde::{Deserialize, Serialize};

use crate::Console;

use crate::api::resets::Explanation;

use crate::api::{Trouble, with_query};
use crate::flash::told;
use crate::form::{Form, SecretForm, Wrong};
use crate::html::see_other;
use crate::visit::{Inside, Visit};
use mfa_ledger_api::problem::Problem;
use mfa_ledger_api::receipt::Receipt;
use story::{Documented, Story};

/// The code is asked for again a little before the API would, in seconds: forms take their time.
const STEP_UP_EARLY_SECONDS: u64 = 120;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/administrators/{id}/reset", get(ask).post(reset))
        .route("/console/administrators/{id}/reset/edit", post(edit))
        .route("/console/administrators/{id}/reset/confirm", post(confirm))
        .route("/console/administrators/{id}/reset/request", post(request))
}

/// Whose MFA, and whether the viewer could reset it now.
#[derive(Clone, Debug)]
struct Case {
    it: AdministratorBody,
    explanation: Explanation,
    /// Whether a fresh code of the viewer's own is asked for.
    step_up: bool,
}

impl Case {
    /// Only for those who see the section that the button stands in.
    async fn of(visit: &Visit, id: &str) -> Result<Self, Trouble> {
        let id: AdministratorId = id.parse().map_err(|_| Trouble::missing())?;
        visit.api.get::<Security>(&format!("/v1/administrators/{id}/security")).await?;
        let it = visit.api.get::<AdministratorBody>(&format!("/v1/administrators/{id}")).await?;
        let viewer = visit.frame.viewer.as_ref().ok_or_else(Trouble::missing)?;
        let question = [("actor", viewer.id.to_string()), ("target", id.to_string())];
        let question: Vec<_> = question.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let explanation = visit.api.get::<Explanation>(&with_query("/v1/explain/reset", &question)).await?;
        let settings = visit.api.get::<Settings>("/v1/settings").await?;
        let lasts = u64::from(settings.step_up_minutes) * 60;
        let ago = viewer.verified_at.map(|at| explanation.at.seconds_since(at));
        let step_up = ago.is_none_or(|ago| ago + STEP_UP_EARLY_SECONDS >= lasts);
        Ok(Self { it, explanation, step_up })
    }
}

async fn ask(Inside(visit): Inside, Path(id): Path<String>) -> Result<Response, Trouble> {
    let case = Case::of(&visit, &id).await?;
    let story = Story::fresh(&case, &visit.frame.zone);
    Ok(form::shown(visit.frame, case, story, Wrong::default()))
}

/// Back from the confirmation, with everything that was typed.
async fn edit(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(story): Form<Story>,
) -> Result<Response, Trouble> {
    let case = Case::of(&visit, &id).await?;
    Ok(form::shown(visit.frame, case, story, Wrong::default()))
}

async fn confirm(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(story): Form<Story>,
) -> Result<Response, Trouble> {
    let case = Case::of(&visit, &id).await?;
    Ok(confirm::shown(visit.frame, case, story, Wrong::default()))
}

/// What the API is told.
#[derive(Serialize)]
struct Reset<'a> {
    #[serde(flatten)]
    documented: Documented<'a>,
    confirmation: Option<&'a str>,
    #[serde(rename = "reset_request")]
    approved: Option<ResetRequestId>,
}

#[derive(Serialize)]
struct FreshCode {
    code: JsonSecret,
}

async fn reset(
    Inside(visit): Inside,
    Path(id): Path<String>,
    SecretForm { form: story, mut secrets }: SecretForm<Story>,
) -> Result<Response, Trouble> {
    let case = Case::of(&visit, &id).await?;
    match carry_out(&visit, &case, &story, secrets.take_code("code")).await.map_err(Trouble::for_form) {
        Ok(done) => {
            Ok(see_other(&told(&format!("/console/resets/{}", done.position), "reset", done.position)))
        }
        Err(Ok(problem)) if is_about_confirming(&problem) => {
            let step_up = case.step_up || problem.is("step-up-required");
            Ok(confirm::shown(visit.frame, Case { step_up, ..case }, story, Wrong(Some(problem))))
        }
        Err(Ok(problem)) => Ok(form::shown(visit.frame, case, story, Wrong(Some(problem)))),
        Err(Err(trouble)) => Err(trouble),
    }
}

/// `code` is a fresh one of the viewer's own, or empty.
async fn carry_out(visit: &Visit, case: &Case, story: &Story, code: SecretText) -> Result<Receipt, Trouble> {
    if !code.expose().is_empty() {
        let (path, code) = ("/v1/session/second-factor", FreshCode { code: JsonSecret(code) });
        visit.api.command::<Verified>(Method::POST, path, "", &code).await?;
    }
    let body = Reset {
        documented: story.documented(&visit.frame.zone),
        confirmation: story.confirmation(),
        approved: story.reset_request(),
    };
    let path = format!("/v1/administrators/{}/mfa/reset", case.it.id);
    Ok(visit.api.command::<Receipt>(Method::POST, &path, story.key(), &body).await?.body)
}

/// Whether the last page can put it right; what was documented is the first page's.
fn is_about_confirming(problem: &Problem) -> bool {
    matches!(
        problem.code.as_str(),
        "confirmation-required"
            | "step-up-required"
            | "code-not-accepted"
            | "second-factor-failed"
            | "second-factor-blocked"
            | "too-many-attempts"
            | "invalid-request"
            | "busy"
            | "read-only"
            | "log-unavailable"
            | "vault-unavailable"
            | "reopening"
            | "outcome-unknown"
    )
}

/// What the API is told of a request that waits for a second person.
#[derive(Serialize)]
struct Filing<'a> {
    administrator: AdministratorId,
    #[serde(flatten)]
    documented: Documented<'a>,
}

#[derive(Deserialize)]
struct Filed {
    reset_request: ResetRequestId,
    #[serde(flatten)]
    receipt: Receipt,
}

async fn request(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(story): Form<Story>,
) -> Result<Response, Trouble> {
    let case = Case::of(&visit, &id).await?;
    let body = Filing { administrator: case.it.id, documented: story.documented(&visit.frame.zone) };
    let asked = visit.api.command::<Filed>(Method::POST, "/v1/reset-requests", story.key(), &body).await;
    match asked.map_err(Trouble::for_form) {
        Ok(answer) => {
            let path = format!("/console/reset-requests/{}", answer.body.reset_request);
            Ok(see_other(&told(&path, "request_filed", answer.body.receipt.position)))
        }
        Err(Ok(problem)) => Ok(form::shown(visit.frame, case, story, Wrong(Some(problem)))),
        Err(Err(trouble)) => Err(trouble),
    }
}

#[cfg(test)]
impl Case {
    fn sample(code: Option<&str>) -> Self {
        let explanation = Explanation {
            allowed: code.is_none(),
            code: code.map(str::to_owned),
            retry_at: Some(mfa_ledger_schemas::Instant::default()),
            at: mfa_ledger_schemas::Instant::default(),
            reset_request: None,
        };
        Self { it: crate::samples::account(2), explanation, step_up: true }
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let mut all = form::samples(lang);
    all.extend(confirm::samples(lang));
    all
}
