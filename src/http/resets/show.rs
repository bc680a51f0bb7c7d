//! `GET /v1/resets/{position}`: one reset, with everything before and after it.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::resets::{ResetFollowUp, ResetStory, StoryMoment, ToldOfReset};
use mfa_ledger_projections::{Reset, State as Folded};
use mfa_ledger_schemas::{AnnexId, Instant, Position};

use super::{SEES_RESETS, reset_in_brief, told};
use crate::{App, PathId, Problem, Signed};

/// The story, and the places of its sealed words.
struct Sealed {
    story: ResetStory,
    words: Option<AnnexId>,
    notes: Vec<Option<AnnexId>>,
}

/// One reset, with everything before and after it.
#[utoipa::path(
    get, path = "/v1/resets/{position}", tag = "resets",
    params(("position" = Position, Path, description = "The position of the reset's record")),
    responses((status = 200, description = "The story", body = ResetStory)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(position): PathId<Position>,
) -> Result<Json<ResetStory>, Problem> {
    let sealed = app.service.query(&caller, SEES_RESETS, |state, now| {
        state.resets.at(position).map(|reset| seal(state, reset, now))
    })?;
    let Sealed { mut story, words, notes } = sealed.ok_or_else(|| Problem::new("not-found"))?;
    story.told = told(app.service.words(words));
    for (follow_up, note) in story.follow_ups.iter_mut().zip(notes) {
        let note = app.service.words(note);
        follow_up.unreadable = note.is_unreadable();
        follow_up.note = note.known().and_then(|words| words.text);
    }
    Ok(Json(story))
}

fn seal(state: &Folded, reset: &Reset, now: Instant) -> Sealed {
    let event = &reset.event;
    let moment =
        |moment: Option<(Position, Instant)>| moment.map(|(position, at)| StoryMoment { position, at });
    let follow_ups = reset.follow_ups.iter().map(|it| ResetFollowUp {
        position: it.position,
        at: it.at,
        actor: it.actor.clone(),
        notified: it.notified,
        failed: it.is_failed(),
        note: None,
        unreadable: false,
    });
    let story = ResetStory {
        brief: reset_in_brief(reset, now),
        told: ToldOfReset::default(),
        reset_request: event.story.reset_request,
        approval_policy: event.approval_policy,
        approver: event
            .approved_by
            .and_then(|id| state.directory.administrator(id))
            .map(|it| it.user_name.clone()),
        approved_at: event.approved_at,
        under_suspicion: event.under_suspicion,
        performer_verified_at: event.performer_verified_at,
        status_before: event.status_before,
        status_after: event.status_after,
        removed_totp: event.credential,
        enrolled_at: event.enrolled_at,
        removed_backup_codes: event.backup_codes_left,
        sessions_ended: event.sessions_ended.len(),
        totp_failures: event.totp_failures,
        backup_code_failures: event.backup_code_failures,
        epoch: event.epoch,
        follow_ups: follow_ups.collect(),
        next_log_in: moment(reset.next_log_in),
        enrolled_again: moment(reset.enrolled_again),
        repudiated: moment(reset.repudiated),
    };
    let words = event.story.words.as_ref().map(|annex| annex.id);
    Sealed { story, words, notes: reset.follow_ups.iter().map(|it| it.note).collect() }
}
