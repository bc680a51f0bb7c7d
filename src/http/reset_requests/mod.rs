//! `/v1/reset-requests`: asking for a reset, and a second person's answer.

mod approve;
mod decline;
mod file;
pub(super) mod list;
mod report_suspicious;
mod show;

use std::collections::BTreeSet;

use mfa_ledger_api::reset_requests::{RequestStage, ResetRequestBody, Suspicion, SuspicionReported};
use mfa_ledger_api::resets::ToldOfReset;
use mfa_ledger_api::text::Text;
use mfa_ledger_ledger::service::{Done, Right};
use mfa_ledger_projections::{ResetRequest, ResetRequestStage, State};
use mfa_ledger_schemas::bodies::SuspiciousRequestReported;
use mfa_ledger_schemas::{AnnexId, Instant, Permission, RedFlag, Scope};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::receipt;
use super::resets::told;

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
            verification: story.verification,
            told: ToldOfReset::default(),
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
        body.told = told(app.service.words(self.words));
        body
    }
}

pub(super) fn into_parts(given: Suspicion) -> (BTreeSet<RedFlag>, Option<String>) {
    (given.red_flags.0.into_iter().collect(), given.description.map(Text::into_inner))
}

pub(super) fn suspicion_reported(done: &Done<SuspiciousRequestReported>) -> SuspicionReported {
    let event = &done.event;
    SuspicionReported {
        administrator: event.administrator,
        reset_request: event.reset_request,
        red_flags: event.red_flags.clone(),
        next_steps: [
            "Do not reset MFA.".into(),
            "Ask the administrator yourself, over contact data that you had before.".into(),
            "Tell your security team or the IT director.".into(),
        ],
        receipt: receipt::of(&done.receipt),
    }
}
