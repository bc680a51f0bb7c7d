//! `/v1/resets`: every reset with its story before and after.

mod follow_up;
mod graph;
pub(super) mod list;
mod repudiate;
mod show;

use mfa_ledger_api::resets::{DangerWindow, Performer, ResetInBrief, ToldOfReset};
use mfa_ledger_ledger::service::{Caller, Past, Right, Value};
use mfa_ledger_projections::{FollowUp, Reset};
use mfa_ledger_schemas::{AdministratorId, Instant, Permission, Position, Words};
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

/// The newest ones of an administrator, as they are or were at a moment; nothing where the caller may not see resets.
pub(super) fn newest_of(
    app: &App,
    caller: &Caller,
    whom: AdministratorId,
    past: Option<&Past>,
    most: usize,
) -> Option<Vec<ResetInBrief>> {
    let found = app.service.query(caller, SEES_RESETS, |state, now| {
        let (end, at) = past.map_or((state.position(), now), |past| (past.position(), past.at));
        let resets = state.resets.newest_of(whom, Some(Position(end.0 + 1))).take(most);
        resets.map(|reset| reset_in_brief(&reset.up_to(end), at)).collect()
    });
    found.ok()
}

/// What was told, as far as it can be read.
pub(super) fn told(words: Value<Words>) -> ToldOfReset {
    let unreadable = words.is_unreadable();
    let Words { requester_name, requester_contact, text } = words.known().unwrap_or_default();
    ToldOfReset { reason_text: text, requester_name, requester_contact, unreadable }
}

fn reset_in_brief(reset: &Reset, now: Instant) -> ResetInBrief {
    let (event, story) = (&reset.event, &reset.event.story);
    let until = reset.enrolled_again.map(|(_, at)| at);
    ResetInBrief {
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
        notified: reset.follow_ups.iter().any(FollowUp::is_delivered),
        said_notified: reset.follow_ups.iter().any(|it| it.notified.is_some() && it.delivery.is_none()),
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
