//! `/v1/reset-requests`: asking for a reset, and a second person's answer.

mod approve;
mod decline;
mod file;
mod list;
mod report_suspicious;
mod show;

use mfa_ledger_ledger::service::{Done, Right};
use mfa_ledger_projections::{ResetRequest, ResetRequestStage, State};
use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{
    AdministratorId, AnnexId, Event, Instant, Permission, Position, RedFlag, ResetReason, ResetRequestId,
    Scope, VerificationMethod,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::problem::Problem;
use super::receipt::Receipt;
use super::several::Several;
use super::text::Text;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, file::file))
        .routes(routes!(show::show))
        .routes(routes!(approve::approve))
        .routes(routes!(decline::decline))
        .routes(routes!(report_suspicious::report))
}

/// Who sees requests: a ticket system sees those that it filed itself.
const SEES_REQUESTS: Right = Right::PermissionOrScope(Permission::ManageMfa, Scope::RequestReset);

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequestStage {
    /// Waits for a second person.
    Open,
    /// May be carried out.
    Approved,
    /// Will not be carried out.
    Declined,
    /// Looked like an attack.
    Suspicious,
    /// Carried out.
    Used,
    /// Ran out before it was carried out.
    Expired,
}

/// A request that somebody's MFA be reset.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetRequestBody {
    id: ResetRequestId,
    /// The record that filed it.
    position: Position,
    administrator: AdministratorId,
    user_name: String,
    stage: RequestStage,
    /// Who filed it.
    filed_by: Actor,
    filed_at: Instant,
    expires: Instant,
    reason: Option<ResetReason>,
    /// `null` when not given, or erased.
    reason_text: Option<String>,
    verification: Option<VerificationMethod>,
    /// `null` when not given, or erased.
    requester_name: Option<String>,
    /// `null` when not given, or erased.
    requester_contact: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    unreadable: bool,
    requested_at: Option<Instant>,
    ticket: Option<String>,
    approved_by: Option<AdministratorId>,
    approved_at: Option<Instant>,
    /// The reset that it led to.
    reset: Option<Position>,
}

/// A request as the state has it; the sealed words are read without holding the state.
struct Filed {
    body: ResetRequestBody,
    words: Option<AnnexId>,
}

fn stage(request: &ResetRequest, now: Instant) -> RequestStage {
    let alive = request.expires > now;
    match request.stage {
        ResetRequestStage::Open if alive => RequestStage::Open,
        ResetRequestStage::Approved { .. } if alive => RequestStage::Approved,
        ResetRequestStage::Open | ResetRequestStage::Approved { .. } => RequestStage::Expired,
        ResetRequestStage::Declined => RequestStage::Declined,
        ResetRequestStage::Suspicious => RequestStage::Suspicious,
        ResetRequestStage::Used(_) => RequestStage::Used,
    }
}

impl Filed {
    fn of(state: &State, request: &ResetRequest, now: Instant) -> Self {
        let (approved_by, approved_at) = match request.stage {
            ResetRequestStage::Approved { by, at } => (Some(by), Some(at)),
            _ => (None, None),
        };
        let reset = match request.stage {
            ResetRequestStage::Used(position) => Some(position),
            _ => None,
        };
        let target = state.directory.administrator(request.target);
        let story = &request.story;
        let body = ResetRequestBody {
            id: request.id,
            position: request.position,
            administrator: request.target,
            user_name: target.map(|it| it.user_name.clone()).unwrap_or_default(),
            stage: stage(request, now),
            filed_by: request.requester.clone(),
            filed_at: request.at,
            expires: request.expires,
            reason: story.reason,
            reason_text: None,
            verification: story.verification,
            requester_name: None,
            requester_contact: None,
            unreadable: false,
            requested_at: story.requested_at,
            ticket: story.ticket.clone(),
            approved_by: approved_by
                .or_else(|| reset.and_then(|at| state.resets.at(at)).and_then(|it| it.event.approved_by)),
            approved_at,
            reset,
        };
        Self { body, words: story.words.as_ref().map(|annex| annex.id) }
    }

    fn unseal(self, app: &App) -> ResetRequestBody {
        let mut body = self.body;
        let words = app.service.words(self.words);
        body.unreadable = words.is_unreadable();
        let words = words.known().unwrap_or_default();
        body.reason_text = words.text;
        body.requester_name = words.requester_name;
        body.requester_contact = words.requester_contact;
        body
    }
}

/// What became of a request.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestDecided {
    reset_request: ResetRequestId,
    administrator: AdministratorId,
    stage: RequestStage,
    #[serde(flatten)]
    receipt: Receipt,
}

/// Why a request looks like an attack.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suspicion {
    #[schema(value_type = Vec<RedFlag>, min_items = 1, max_items = 8)]
    red_flags: Several<RedFlag, 8>,
    /// What was observed, in words.
    #[schema(nullable = false)]
    description: Option<Text>,
}

impl Suspicion {
    pub fn into_parts(self) -> (Vec<RedFlag>, Option<String>) {
        (self.red_flags.0, self.description.map(Text::into_inner))
    }
}

/// A report of a suspicious request.
#[derive(Serialize, ToSchema)]
pub(crate) struct SuspicionReported {
    administrator: AdministratorId,
    /// The request that is closed by it, if one was filed.
    reset_request: Option<ResetRequestId>,
    red_flags: Vec<RedFlag>,
    /// What to do next.
    next_steps: [&'static str; 3],
    #[serde(flatten)]
    receipt: Receipt,
}

impl SuspicionReported {
    pub fn of(done: &Done) -> Result<Self, Problem> {
        let Event::SuspiciousRequestReported(event) = &done.record.event else {
            return Err(Problem::new("internal-error"));
        };
        Ok(Self {
            administrator: event.administrator,
            reset_request: event.reset_request,
            red_flags: event.red_flags.clone(),
            next_steps: [
                "Do not reset MFA.",
                "Ask the administrator yourself, over contact data that you had before.",
                "Tell your security team or the IT director.",
            ],
            receipt: Receipt::of(done),
        })
    }
}
