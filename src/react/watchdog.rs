//! The watchdog: by policy, an account whose MFA was reset and not switched on again is deactivated.
//!
//! It acts once for each reset. Whoever is reactivated after that has been looked at by somebody, and is left
//! alone, as is the last super administrator.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_ledger::service::{Service, WATCHDOG, command};
use mfa_ledger_projections::{Reset, State};
use mfa_ledger_schemas::{AdministratorId, Instant, Position};
use tokio_util::sync::CancellationToken;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Resets whose time ran out longer ago than this many hours are left alone: a policy that is switched on is
/// not for people who were reset last year. Longer than any time that a server should be away.
pub const LOOKS_BACK_HOURS: i64 = 30 * 24;

/// Looks until it is told to end.
pub async fn watch(service: Arc<Service>, deactivate_hours: u16, ending: CancellationToken) {
    // Asked once and refused: asking again would only fill the log.
    let mut refused = BTreeSet::new();
    loop {
        let now = service.now();
        for (reset, administrator) in service.peek(|state| overdue(state, now, deactivate_hours)) {
            if refused.contains(&reset) {
                continue;
            }
            let note = format!("MFA was reset and not enabled again within {deactivate_hours} hours");
            let command = command::DeactivateAdministrator { administrator, note: Some(note) };
            let answer = match service.reaction(WATCHDOG, reset).await {
                Ok(call) => service.execute(call, command).await,
                Err(failure) => Err(failure),
            };
            match answer {
                Ok(Err(_)) => {
                    refused.insert(reset);
                }
                Ok(Ok(done)) => {
                    let position = done.receipt.position;
                    tracing::warn!(%reset, %position, "deactivated: not enrolled again");
                }
                Err(failure) => {
                    tracing::warn!(%reset, %failure, "not deactivated; to be tried again");
                    break;
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = ending.cancelled() => return,
        }
    }
}

/// Whose time has run out.
fn overdue(state: &State, now: Instant, hours: u16) -> Vec<(Position, AdministratorId)> {
    let is_overdue = |reset: &&Reset| has_run_out(reset.at, now, hours) && reset.deactivated.is_none();
    let may = |reset: &&Reset| {
        let known = state.directory.administrator(reset.target.administrator);
        known.is_some_and(|it| it.active && !state.directory.is_last_super_administrator(it.id))
    };
    let due = state.resets.all_open().filter(is_overdue).filter(may);
    due.map(|reset| (reset.position, reset.target.administrator)).collect()
}

/// Whether the time after a reset has run out, and not longer ago than is looked back.
fn has_run_out(reset: Instant, now: Instant, hours: u16) -> bool {
    let since = reset.plus_hours(hours.into());
    since <= now && now < since.plus_hours(LOOKS_BACK_HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_out_a_month_ago_is_left_alone() {
        let reset = Instant::from_unix_seconds(1_800_000_000);
        let after = |hours: i64, ms: i64| Instant::from_unix_ms(reset.plus_hours(hours).unix_ms() + ms);
        for (now, expected) in [
            (after(12, -1), false),
            (after(12, 0), true),
            (after(12 + LOOKS_BACK_HOURS, -1), true),
            (after(12 + LOOKS_BACK_HOURS, 0), false),
        ] {
            assert_eq!(has_run_out(reset, now, 12), expected, "{now}");
        }
    }
}
