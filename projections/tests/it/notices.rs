//! Notices that are owed, until they are recorded, too old or too many.

use mfa_ledger_projections::administrator::BLOCKING_FAILURES;
use mfa_ledger_projections::notices::{OWED_HOURS, WARNING_FAILURES};
use mfa_ledger_schemas::v1::{NotificationRecorded, SecondFactorFailed};
use mfa_ledger_schemas::{
    Delivery, Factor, FactorFailure, FactorUse, NotificationChannel, Position, SessionStage,
};

use crate::ledger::{Ledger, adm};

fn owed(ledger: &Ledger) -> Vec<u64> {
    ledger.state.notices.owed_after(Position::default()).map(|owed| owed.about.0).collect()
}

fn notice(about: Position, channel: NotificationChannel, delivery: Delivery) -> NotificationRecorded {
    NotificationRecorded {
        administrator: adm(2),
        about,
        channel,
        delivery,
        addresses: 1,
        attempts: 1,
        error: None,
    }
}

#[test]
fn a_notice_is_owed_until_what_became_of_it_is_on_record() {
    let mut ledger = Ledger::new();
    ledger.register(1);
    ledger.register(2);
    assert_eq!(owed(&ledger), [] as [u64; 0], "whoever is registered is told by others");
    let enabled = ledger.enable(2);
    let reset = ledger.reset(1, 2, "HD-1");
    assert_eq!(owed(&ledger), [enabled.0, reset.0]);
    assert!(ledger.state.notices.owes(reset));
    ledger.add(1, 2, notice(reset, NotificationChannel::Phone, Delivery::Sent));
    assert!(ledger.state.notices.owes(reset), "a call is no mail");
    ledger.add(1, 2, notice(reset, NotificationChannel::Email, Delivery::Sent));
    ledger.add(1, 2, notice(enabled, NotificationChannel::Email, Delivery::Failed));
    let notices = &ledger.state.notices;
    assert_eq!((notices.len(), notices.sent(), notices.failed(), notices.given_up()), (0, 1, 1, 0));
}

#[test]
fn what_is_too_old_is_no_longer_owed() {
    let mut ledger = Ledger::new();
    ledger.register(1);
    ledger.register(2);
    let reset = ledger.reset(1, 2, "HD-1");
    // Every record comes a second after the one before.
    ledger.now = ledger.now.plus_hours(OWED_HOURS).plus_seconds(-1);
    ledger.log_in(2, 1, SessionStage::Done, 12);
    assert!(ledger.state.notices.owes(reset), "owed to the very end");
    ledger.log_in(2, 2, SessionStage::Done, 12);
    assert!(!ledger.state.notices.owes(reset));
    assert_eq!(ledger.state.notices.given_up(), 1);
}

#[test]
fn wrong_codes_are_told_at_two_counts_and_only_when_they_were_looked_at() {
    let mut ledger = Ledger::new();
    ledger.register(2);
    let fail = |consecutive, cause| SecondFactorFailed {
        administrator: adm(2),
        factor: Factor::Totp,
        used_for: FactorUse::LogIn,
        session: None,
        cause,
        drift_steps: None,
        consecutive,
        next_attempt: None,
    };
    let mut told = Vec::new();
    for consecutive in 1..=BLOCKING_FAILURES + 5 {
        for cause in [FactorFailure::WrongCode, FactorFailure::Throttled, FactorFailure::Blocked] {
            let position = ledger.add(2, 2, fail(consecutive, cause));
            if ledger.state.notices.owes(position) {
                told.push((consecutive, cause));
            }
        }
    }
    let wrong = FactorFailure::WrongCode;
    assert_eq!(told, [(WARNING_FAILURES, wrong), (BLOCKING_FAILURES, wrong)]);
}
