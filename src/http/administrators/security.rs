//! `GET /v1/administrators/{id}/security`: the guide's "Security Settings section".

use std::borrow::Cow;

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use mfa_ledger_api::administrators::{DeviceClock, FactorState, LastReset, Security, Suspected};
use mfa_ledger_ledger::service::{BACKUP_CODES_LOW, Denied, Past};
use mfa_ledger_projections::{ActivityFilter, Administrator, Order, Reset, State as Folded, Throttle};
use mfa_ledger_schemas::{AdministratorId, Event, Instant, MfaStatus, Position, RefusalCode};

use super::{SEES_MFA, last_used, mfa_available};
use crate::past::{AsOf, noted};
use crate::resets::newest_of;
use crate::{App, Meta, Params, PathId, Problem, Signed};

/// How long a failed code tells something about the clock of a device, in days.
const DRIFT_DAYS: i64 = 30;
/// Length of a TOTP time step, in seconds (RFC 6238).
const STEP_SECONDS: u32 = 30;
/// Resets that the section lists.
const RESETS: usize = 20;

/// Where an administrator stands with MFA.
///
/// 404 unless MFA is available system-wide and the caller holds `manage-mfa` (or the scope `view-mfa`): for
/// everybody else this section does not exist. With `as_of`, as it was at that moment, for whoever may see it now;
/// that is recorded as reading.
#[utoipa::path(
    get, path = "/v1/administrators/{id}/security", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator"), AsOf),
    responses((status = 200, description = "The section", body = Security)),
)]
pub(crate) async fn security(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    uri: Uri,
    PathId(id): PathId<AdministratorId>,
    Params(AsOf { as_of }): Params<AsOf>,
) -> Result<Json<Security>, Problem> {
    let of = |state: &Folded, at: Instant| {
        let it = state.directory.administrator(id).filter(|_| mfa_available(state))?;
        Some(section(state, it, at))
    };
    let now = |state: &Folded, at: Instant| {
        let (mut section, it) = (of(state, at)?, state.directory.administrator(id)?);
        let unreadable = app.service.unreadable_of(state, it);
        section.unreadable = unreadable.into_iter().map(Cow::Borrowed).collect();
        Some(section)
    };
    let (mut section, past) = match as_of {
        None => (there(app.service.query(&caller, SEES_MFA, now))?, None),
        Some(moment) => {
            let visible = |state: &Folded, _| mfa_available(state).then_some(());
            there(app.service.query(&caller, SEES_MFA, visible))?;
            let (call, about) =
                (meta.call(&app, caller.clone(), &[], false), format!("security&administrator={id}"));
            noted(&app, call, SEES_MFA, &about, &uri).await?;
            let past = app.service.as_of_administrator(moment, id).await?;
            (there(Ok(of(&past.state, past.at)))?, Some(past))
        }
    };
    section.resets = newest_of(&app, &caller, id, past.as_ref(), RESETS);
    // The log is read only where there is something to diagnose.
    if section.totp.failures > 0 {
        section.device_clock = device_clock(&app, id, past.as_ref()).await?;
    }
    Ok(Json(section))
}

/// What may not be seen is not there.
pub(super) fn there<T>(found: Result<Option<T>, Denied>) -> Result<T, Problem> {
    match found {
        Ok(Some(found)) => Ok(found),
        Ok(None) | Err(Denied::Refused(RefusalCode::PermissionDenied)) => Err(Problem::new("not-found")),
        Err(denied) => Err(denied.into()),
    }
}

fn section(state: &Folded, it: &Administrator, now: Instant) -> Security {
    let enrolled = it.mfa.enrolled.as_ref();
    let status = it.mfa.status(now);
    let left = enrolled.map(|enrolled| u8::try_from(enrolled.unused.len()).unwrap_or(u8::MAX));
    let factor = |throttle: Throttle, blocked: bool| factor(throttle, blocked, now);
    Security {
        administrator: it.id,
        user_name: it.user_name.clone(),
        status,
        required: state.directory.mfa_required(it),
        enrolled_at: enrolled.map(|enrolled| enrolled.at),
        pending_expires: it
            .mfa
            .pending
            .as_ref()
            .filter(|_| status == MfaStatus::Pending)
            .map(|pending| pending.expires),
        last_used: last_used(it),
        backup_codes_left: left,
        backup_codes_low: left.is_some_and(|left| left <= BACKUP_CODES_LOW),
        totp: factor(it.throttles.totp, enrolled.is_some_and(|enrolled| enrolled.totp_blocked)),
        backup_code: factor(
            it.throttles.backup_code,
            enrolled.is_some_and(|enrolled| enrolled.backup_codes_blocked),
        ),
        suspicion: it.suspected(now).map(suspicion),
        last_reset: it.last_reset.and_then(|position| state.resets.at(position)).map(last_reset),
        resets: None,
        epoch: it.epoch,
        sessions: it.sessions.len(),
        device_clock: None,
        unreadable: Vec::new(),
    }
}

pub(super) fn factor(throttle: Throttle, blocked: bool, now: Instant) -> FactorState {
    FactorState {
        failures: throttle.consecutive,
        locked_until: throttle.next_attempt.filter(|next| *next > now),
        blocked,
    }
}

fn suspicion(it: &mfa_ledger_projections::Suspicion) -> Suspected {
    Suspected { position: it.position, at: it.at, by: it.by.clone(), until: it.until }
}

fn last_reset(reset: &Reset) -> LastReset {
    LastReset {
        position: reset.position,
        at: reset.at,
        performer: reset.performer.name.clone(),
        reason: reset.event.story.reason,
        danger_window_open: reset.enrolled_again.is_none(),
    }
}

/// The caller of the failed code is not told: the drift would help a guesser.
pub(super) async fn device_clock(
    app: &App,
    id: AdministratorId,
    past: Option<&Past>,
) -> Result<Option<DeviceClock>, Problem> {
    let now = past.map_or_else(|| app.service.now(), |past| past.at);
    // The cursor stands behind the moment's last record.
    let after = past.map(|past| Position(past.position().0 + 1));
    let filter = ActivityFilter {
        actions: vec!["second_factor.failed".to_owned()],
        target: Some(id.to_string()),
        since: Some(now.plus_hours(-24 * DRIFT_DAYS)),
        ..ActivityFilter::default()
    };
    let newest = app.service.peek(|state| state.activity.page(&filter, Order::Descending, after, 1));
    let records = app.service.activity_records(&newest.positions).await?;
    Ok(records.first().and_then(|found| match &found.record.event {
        Event::SecondFactorFailed(event) => event.drift_steps.map(|steps| diagnosis(found.record.at, steps)),
        _ => None,
    }))
}

fn diagnosis(at: Instant, steps: i32) -> DeviceClock {
    let seconds = steps.unsigned_abs() * STEP_SECONDS;
    let minutes = (seconds + 30) / 60;
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let direction = if steps < 0 { "slow" } else { "fast" };
    DeviceClock {
        at,
        drift_seconds: i64::from(steps) * i64::from(STEP_SECONDS),
        diagnosis: format!("the device's clock is about {minutes} {unit} {direction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diagnosis_says_how_far_and_which_way() {
        let say = |steps| diagnosis(Instant::default(), steps).diagnosis;
        assert_eq!(say(-8), "the device's clock is about 4 minutes slow");
        assert_eq!(say(2), "the device's clock is about 1 minute fast");
        assert_eq!(say(3), "the device's clock is about 2 minutes fast");
    }
}
