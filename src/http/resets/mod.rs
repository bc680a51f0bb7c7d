//! `/v1/resets`: every reset with its story before and after.

mod follow_up;
mod graph;
mod list;
mod repudiate;
mod show;

use mfa_ledger_ledger::service::Right;
use mfa_ledger_projections::Reset;
use mfa_ledger_schemas::{
    ActorKind, AdministratorId, Instant, Permission, Position, ResetReason, RoleId, VerificationMethod,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(graph::graph))
        .routes(routes!(show::show))
        .routes(routes!(follow_up::record))
        .routes(routes!(repudiate::repudiate))
}

/// Who sees the history of resets.
const SEES_RESETS: Right = Right::AnyOf(&[Permission::ManageMfa, Permission::ViewActivity]);

/// A reset at a glance.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetInBrief {
    /// Its record.
    position: Position,
    at: Instant,
    /// Who did it.
    performer: Performer,
    /// Whose MFA.
    administrator: AdministratorId,
    user_name: String,
    role: RoleId,
    super_administrator: bool,
    reason: Option<ResetReason>,
    verification: Option<VerificationMethod>,
    /// When the person asked.
    requested_at: Option<Instant>,
    ticket: Option<String>,
    approved_by: Option<AdministratorId>,
    /// Done at the machine's own command line.
    break_glass: bool,
    must_enroll: bool,
    /// Whether it is on record that the person was told.
    notified: bool,
    danger_window: DangerWindow,
    repudiated_at: Option<Instant>,
}

/// Who performed a reset, and from where.
#[derive(Serialize, ToSchema)]
pub(crate) struct Performer {
    #[serde(rename = "type")]
    kind: ActorKind,
    administrator: Option<AdministratorId>,
    name: String,
    role: Option<RoleId>,
    address: Option<String>,
    user_agent: Option<String>,
}

/// From a reset to the next enrollment the password alone may open the account.
#[derive(Serialize, ToSchema)]
pub(crate) struct DangerWindow {
    open: bool,
    from: Instant,
    /// The end; `null` while it is open.
    until: Option<Instant>,
    /// Whole hours, up to now while it is open.
    hours: u64,
}

impl ResetInBrief {
    fn of(reset: &Reset, now: Instant) -> Self {
        let (event, story) = (&reset.event, &reset.event.story);
        let until = reset.enrolled_again.map(|(_, at)| at);
        Self {
            position: reset.position,
            at: reset.at,
            performer: Performer {
                kind: reset.performer.kind,
                administrator: reset.performer.administrator,
                name: reset.performer.name.clone(),
                role: reset.performer.role.clone(),
                address: reset.origin.address.clone(),
                user_agent: reset.origin.user_agent.clone(),
            },
            administrator: event.administrator,
            user_name: reset.target.user_name.clone(),
            role: reset.target.role.clone(),
            super_administrator: reset.target.super_admin,
            reason: story.reason,
            verification: story.verification,
            requested_at: story.requested_at,
            ticket: story.ticket.clone(),
            approved_by: event.approved_by,
            break_glass: event.break_glass,
            must_enroll: event.must_enroll,
            notified: reset.follow_ups.iter().any(|it| it.notified.is_some() && !it.failed),
            danger_window: DangerWindow {
                open: until.is_none(),
                from: reset.at,
                until,
                // Seconds are rounded up; a window that began this instant has no whole hour.
                hours: until.unwrap_or(now).seconds_since(reset.at) / 3_600,
            },
            repudiated_at: reset.repudiated.map(|(_, at)| at),
        }
    }
}
