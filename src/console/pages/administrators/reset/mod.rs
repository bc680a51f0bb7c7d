//! `/console/administrators/{id}/reset`: verify who asks, document it, confirm it; the guide's steps 1 to 5.

pub(crate) mod confirm;
pub(crate) mod form;
mod story;

use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::explain::Explanation;
use mfa_ledger_api::problem::Problem;
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_api::reset_requests::RequestFiled;
use mfa_ledger_api::session::Verified;
use mfa_ledger_base::wiped::{JsonSecret, SecretText};
use mfa_ledger_schemas::AdministratorId;
use serde_json::json;

use super::managed;
use crate::api::Answer;
use crate::flash::told;
use crate::{
    Code, Command, Console, Form, Id, Inside, SecretForm, Trouble, Visit, Wrong, see_other, with_query,
};
use story::Story;

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
    async fn of(visit: &Visit, id: AdministratorId) -> Result<Self, Trouble> {
        let it = managed(visit, id).await?;
        let viewer = visit.frame.viewer.as_ref().ok_or_else(Trouble::missing)?;
        let (actor, target) = (viewer.id.to_string(), id.to_string());
        let question = with_query("/v1/explain/reset", &[("actor", &actor), ("target", &target)]);
        let explanation = visit.api.get::<Explanation>(&question).await?;
        let minutes = visit.settings.as_ref().map_or(0, |settings| settings.step_up_minutes);
        let ago = viewer.verified_at.map(|at| explanation.at.seconds_since(at));
        let step_up = ago.is_none_or(|ago| ago + STEP_UP_EARLY_SECONDS >= u64::from(minutes) * 60);
        Ok(Self { it, explanation, step_up })
    }
}

async fn ask(Inside(visit): Inside, Id(id): Id<AdministratorId>) -> Result<Response, Trouble> {
    let case = Case::of(&visit, id).await?;
    let story = Story::fresh(&case, &visit.frame.zone);
    Ok(form::shown(visit.frame, case, story, Wrong::default()))
}

/// Back from the confirmation, with everything that was typed.
async fn edit(
    Inside(visit): Inside,
    Id(id): Id<AdministratorId>,
    Form(story): Form<Story>,
) -> Result<Response, Trouble> {
    let case = Case::of(&visit, id).await?;
    Ok(form::shown(visit.frame, case, story, Wrong::default()))
}

async fn confirm(
    Inside(visit): Inside,
    Id(id): Id<AdministratorId>,
    Form(story): Form<Story>,
) -> Result<Response, Trouble> {
    let case = Case::of(&visit, id).await?;
    Ok(confirm::shown(visit.frame, case, story, Wrong::default()))
}

async fn reset(
    Inside(visit): Inside,
    Id(id): Id<AdministratorId>,
    SecretForm { form: story, mut secrets }: SecretForm<Story>,
) -> Result<Response, Trouble> {
    let wrong = match carry_out(&visit, id, &story, secrets.take_code("code")).await? {
        Ok(Receipt { position, .. }) => {
            return Ok(see_other(&told(&format!("/console/resets/{position}"), "reset", position)));
        }
        Err(wrong) => wrong,
    };
    let mut case = Case::of(&visit, id).await?;
    if wrong.0.as_ref().is_some_and(is_about_confirming) {
        case.step_up |= wrong.is("step-up-required");
        return Ok(confirm::shown(visit.frame, case, story, wrong));
    }
    Ok(form::shown(visit.frame, case, story, wrong))
}

/// `code` is a fresh one of the viewer's own, or empty.
async fn carry_out(
    visit: &Visit,
    id: AdministratorId,
    story: &Story,
    code: SecretText,
) -> Result<Result<Receipt, Wrong>, Trouble> {
    if !code.expose().is_empty() {
        let code = Code { code: JsonSecret(code) };
        let command = Command::new(Method::POST, "/v1/session/second-factor", "", &code)?;
        if let Err(wrong) = visit.api.send_form::<Verified>(command).await? {
            return Ok(Err(wrong));
        }
    }
    let mut body = story.documented(&visit.frame.zone);
    body["confirmation"] = json!(story.get("confirmation"));
    body["reset_request"] = json!(story.get("reset_request"));
    let path = format!("/v1/administrators/{id}/mfa/reset");
    let command = Command::new(Method::POST, path, &story.field("key"), &body)?;
    Ok(visit.api.send_form::<Receipt>(command).await?.map(|answer| answer.body))
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

async fn request(
    Inside(visit): Inside,
    Id(id): Id<AdministratorId>,
    Form(story): Form<Story>,
) -> Result<Response, Trouble> {
    let mut body = story.documented(&visit.frame.zone);
    body["administrator"] = json!(id);
    let command = Command::new(Method::POST, "/v1/reset-requests", &story.field("key"), &body)?;
    match visit.api.send_form::<RequestFiled>(command).await? {
        Ok(Answer { body: filed, .. }) => {
            let path = format!("/console/reset-requests/{}", filed.reset_request);
            Ok(see_other(&told(&path, "request_filed", filed.receipt.position)))
        }
        Err(wrong) => {
            let case = Case::of(&visit, id).await?;
            Ok(form::shown(visit.frame, case, story, wrong))
        }
    }
}

#[cfg(test)]
impl Case {
    fn sample(code: Option<&str>) -> Self {
        use mfa_ledger_api::explain::Party;
        use mfa_ledger_schemas::Position;
        let administrator = AdministratorId::from_bytes([2; 16]);
        let party = Party { administrator, user_name: "dana".to_owned() };
        let explanation = Explanation {
            allowed: code.is_none(),
            code: code.map(str::to_owned),
            retry_at: Some(mfa_ledger_schemas::Instant::default()),
            explanation: String::new(),
            actor: party.clone(),
            target: party,
            position: Position(1),
            at: mfa_ledger_schemas::Instant::default(),
            rests_on: Vec::new(),
            reset_request: None,
            assumed: Vec::new(),
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
