//! Notices that are owed, until they are recorded, too old or too many.

use mfa_ledger_projections::administrator::BLOCKING_FAILURES;
use mfa_ledger_projections::notices::{MOST_OWED, OWED_HOURS, WARNING_FAILURES};
use mfa_ledger_schemas::bodies::{MfaDisabled, NotificationRecorded, SecondFactorFailed};
use mfa_ledger_schemas::{
    CredentialId, Delivery, Factor, FactorFailure, FactorUse, NotificationChannel, Position, SessionStage,
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
        counts_apart: false,
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

#[test]
fn the_oldest_is_given_up_for_one_too_many() {
    let mut ledger = Ledger::new();
    ledger.register(2);
    let disabled = MfaDisabled {
        administrator: adm(2),
        credential: CredentialId::from_bytes([1; 16]),
        backup_codes: CredentialId::from_bytes([2; 16]),
        backup_codes_left: 0,
        factor: Factor::Totp,
        step: None,
        sessions_ended: 0,
    };
    let mut record = ledger.record(2, 2, disabled);
    // The fold alone: a hundred thousand records of a ledger that keeps each would only take longer.
    let first = Position(2);
    for position in 2..=MOST_OWED as u64 + 1 {
        record.reads.clear();
        ledger.state.apply(Position(position), &record).expect("it follows");
    }
    assert!(ledger.state.notices.owes(first));
    assert_eq!((ledger.state.notices.len(), ledger.state.notices.given_up()), (MOST_OWED, 0));
    ledger.state.apply(Position(MOST_OWED as u64 + 2), &record).expect("it follows");
    assert!(!ledger.state.notices.owes(first));
    assert_eq!((ledger.state.notices.len(), ledger.state.notices.given_up()), (MOST_OWED, 1));
}
