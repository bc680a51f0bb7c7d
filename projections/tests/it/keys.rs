//! Idempotency keys are remembered for 24 hours, each caller's by themselves.

use mfa_ledger_projections::keys::KEY_HOURS;
use mfa_ledger_schemas::Position;

use crate::ledger::Ledger;

#[test]
fn the_first_answer_is_remembered_for_a_day_to_the_microsecond() {
    let mut ledger = Ledger::new();
    let position = ledger.keyed(1, "k", 7);
    let actor = ledger.records[0].actor.clone();
    let at = ledger.now;
    let answer = ledger.state.keys.first_answer(&actor, "k", at).expect("remembered");
    assert_eq!((answer.position, answer.fingerprint, answer.at), (position, [7; 32], at));
    let end = at.plus_hours(KEY_HOURS);
    assert!(ledger.state.keys.first_answer(&actor, "k", end.plus_seconds(-1)).is_some());
    assert_eq!(ledger.state.keys.first_answer(&actor, "k", end), None);
    assert_eq!(ledger.state.keys.first_answer(&actor, "other", at), None);
}

#[test]
fn each_caller_has_keys_of_their_own() {
    let mut ledger = Ledger::new();
    ledger.keyed(1, "k", 1);
    ledger.keyed(2, "k", 2);
    for (index, fingerprint) in [(0, 1), (1, 2)] {
        let actor = &ledger.records[index].actor;
        let answer = ledger.state.keys.first_answer(actor, "k", ledger.now).expect("remembered");
        assert_eq!(answer.fingerprint, [fingerprint; 32]);
    }
    let mut session = ledger.records[0].actor.clone();
    session.session = None;
    assert!(
        ledger.state.keys.first_answer(&session, "k", ledger.now).is_some(),
        "in every session of theirs"
    );
}

#[test]
fn after_a_day_a_key_is_free_again_and_the_old_answer_is_gone() {
    let mut ledger = Ledger::new();
    ledger.keyed(1, "k", 1);
    let actor = ledger.records[0].actor.clone();
    ledger.now = ledger.now.plus_hours(KEY_HOURS);
    let again = ledger.keyed(1, "k", 2);
    let answer = ledger.state.keys.first_answer(&actor, "k", ledger.now).expect("remembered");
    assert_eq!((answer.position, answer.fingerprint), (again, [2; 32]));
    ledger.now = ledger.now.plus_hours(KEY_HOURS - 1);
    ledger.keyed(1, "other", 3);
    assert!(ledger.state.keys.first_answer(&actor, "k", ledger.now).is_some(), "the new one has its own day");
    ledger.now = ledger.now.plus_hours(1);
    ledger.keyed(1, "third", 3);
    assert_eq!(ledger.state.keys.first_answer(&actor, "k", ledger.now), None);
}

#[test]
fn a_void_record_answers_no_key() {
    let mut ledger = Ledger::new();
    ledger.keyed(1, "k", 1);
    let mut record = ledger.records[0].clone();
    record.idempotency.as_mut().expect("keyed").key = "late".to_owned();
    ledger.state.apply(Position(2), &record).expect("in order");
    assert_eq!(ledger.state.keys.first_answer(&record.actor, "late", ledger.now), None);
}
