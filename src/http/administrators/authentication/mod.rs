//! `GET /v1/administrators/{id}/authentication`: why somebody cannot log in.

mod causes;
mod history;
mod words;

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::administrators::FactorState;
use mfa_ledger_api::authentication::{Authentication, LogInStep, PasswordState};
use mfa_ledger_ledger::service::command;
use mfa_ledger_projections::{ActivityFilter, Administrator, Order, State as Folded, Throttle};
use mfa_ledger_schemas::{AdministratorId, Instant};

use super::security::{device_clock, factor, there};
use super::{SEES_MFA, mfa_available};
use crate::activity::noted::noted;
use crate::{App, Meta, PathId, Problem, Signed};

/// Steps of the history that are shown.
const HISTORY: usize = 50;

/// Why an administrator cannot log in: what keeps them out, what to try, and the newest log-ins and second factors.
///
/// 404 unless MFA is available system-wide and the caller holds `manage-mfa` (or the scope `view-mfa`), as the security
/// section. It is recorded as reading.
#[utoipa::path(
    get, path = "/v1/administrators/{id}/authentication", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator")),
    responses((status = 200, description = "What keeps them out, and what happened lately", body = Authentication)),
)]
pub(crate) async fn authentication(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    PathId(id): PathId<AdministratorId>,
) -> Result<Json<Authentication>, Problem> {
    let visible = |state: &Folded, _| {
        mfa_available(state).then(|| state.directory.administrator(id)).flatten().map(|_| ())
    };
    there(app.service.query(&caller, SEES_MFA, visible))?;
    let call = meta.call(&app, caller.clone(), &[], false);
    let query = format!("authentication&administrator={id}");
    noted(&app, call, command::ReadActivity { query, right: SEES_MFA }).await?;

    let read = |state: &Folded, now: Instant| {
        let it = state.directory.administrator(id)?;
        Some((
            stands(state, it, now),
            causes::of_account(state, it, now),
            app.service.unreadable_of(state, it),
        ))
    };
    let (mut answer, mut found, unreadable) = there(app.service.query(&caller, SEES_MFA, read))?;
    found.extend(unreadable.into_iter().filter_map(causes::of_damage));
    if answer.totp.failures > 0 {
        answer.device_clock = device_clock(&app, id, None).await?;
    }
    (answer.history, answer.has_more) = newest(&app, id).await?;
    found.extend(causes::of_clock(answer.device_clock.as_ref()));
    found.extend(causes::of_history(&answer.history));
    causes::keep_the_clearest(&mut found);
    found.sort_by_key(|cause| cause.code);
    found.dedup_by_key(|cause| cause.code);
    answer.causes = found;
    Ok(Json(answer))
}

/// What somebody logs in with, as it stands.
fn stands(state: &Folded, it: &Administrator, now: Instant) -> Authentication {
    let enrolled = it.mfa.enrolled.as_ref();
    let factor = |throttle: Throttle, blocked: bool| factor(throttle, blocked, now);
    let of_password =
        |known: bool| -> FactorState { factor(it.throttles.password(known), it.password.blocked(known)) };
    Authentication {
        administrator: it.id,
        user_name: it.user_name.clone(),
        causes: Vec::new(),
        password: PasswordState {
            set_at: it.password.set_at,
            expires: it.password.expires,
            known_addresses: of_password(true),
            other_addresses: of_password(false),
        },
        status: it.mfa.status(now),
        mfa_required: state.directory.mfa_required(it),
        totp: factor(it.throttles.totp, enrolled.is_some_and(|it| it.totp_blocked)),
        backup_code: factor(it.throttles.backup_code, enrolled.is_some_and(|it| it.backup_codes_blocked)),
        backup_codes_left: enrolled.map(|it| u8::try_from(it.unused.len()).unwrap_or(u8::MAX)),
        device_clock: None,
        last_log_in: it.last_log_in,
        history: Vec::new(),
        has_more: false,
    }
}

/// The newest steps, and whether there are older ones.
async fn newest(app: &App, id: AdministratorId) -> Result<(Vec<LogInStep>, bool), Problem> {
    let filter = ActivityFilter {
        actions: history::ACTIONS.iter().map(|&action| action.to_owned()).collect(),
        target: Some(id.to_string()),
        ..ActivityFilter::default()
    };
    let page = app.service.peek(|state| state.activity.page(&filter, Order::Descending, None, HISTORY));
    let records = app.service.activity_records(&page.positions).await?;
    let steps = records.iter().filter(|found| !found.void).map(history::step).collect();
    Ok((steps, page.has_more))
}
