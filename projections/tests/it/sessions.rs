//! Sessions end by themselves, and with what ends them.

use mfa_ledger_projections::administrator::KNOWN_ADDRESSES;
use mfa_ledger_schemas::bodies::{AdministratorDeactivated, PasswordSet, SessionsRevoked};
use mfa_ledger_schemas::{CredentialId, Event, SessionStage};

use crate::ledger::{Ledger, adm, ses};

fn ledger() -> Ledger {
    let mut ledger = Ledger::new();
    ledger.register(1);
    ledger.register(2);
    for session in [1, 2, 3] {
        ledger.log_in(1, session, SessionStage::Done, 12);
    }
    ledger.log_in(2, 9, SessionStage::Done, 12);
    ledger
}

fn alive(ledger: &Ledger) -> Vec<u8> {
    let alive = |number: &u8| ledger.state.directory.session(ses(*number), ledger.now).is_some();
    (0..20).filter(alive).collect()
}

#[test]
fn a_session_lives_until_its_moment_and_is_forgotten_after_it() {
    let mut ledger = Ledger::new();
    ledger.register(1);
    ledger.log_in(1, 1, SessionStage::Verify, 1);
    let expires = ledger.state.directory.session(ses(1), ledger.now).expect("alive").expires;
    assert!(ledger.state.directory.session(ses(1), expires.plus_seconds(-1)).is_some());
    assert_eq!(ledger.state.directory.session(ses(1), expires), None);
    // The next record, whatever it is, at that moment: it is gone from the owner's list as well.
    ledger.now = expires.plus_seconds(-1);
    ledger.register(2);
    assert_eq!(ledger.now, expires);
    assert!(ledger.state.directory.administrator(adm(1)).expect("registered").sessions.is_empty());
}

#[test]
fn what_ends_sessions_ends_those_of_one_person() {
    let password = CredentialId::from_bytes([50; 16]);
    let replaced = CredentialId::from_bytes([1; 16]);
    let ends: [(Event, &[u8]); 3] = [
        (SessionsRevoked { administrator: adm(1), sessions_ended: 3 }.into(), &[9]),
        (AdministratorDeactivated { administrator: adm(1), sessions_ended: 3, note: None }.into(), &[9]),
        // In session 1: that one stays.
        (PasswordSet { administrator: adm(1), password, replaced, sessions_ended: 2 }.into(), &[1, 9]),
    ];
    for (event, left) in ends {
        let mut ledger = ledger();
        assert_eq!(alive(&ledger), [1, 2, 3, 9]);
        ledger.add(1, 1, event);
        assert_eq!(alive(&ledger), left);
    }
}

#[test]
fn enabling_keeps_the_session_that_did_it_and_a_reset_keeps_none() {
    let mut ledger = ledger();
    ledger.enable(1);
    assert_eq!(alive(&ledger), [1, 9]);
    ledger.reset(2, 1, "T");
    assert_eq!(alive(&ledger), [9]);
}

#[test]
fn the_addresses_of_the_last_finished_log_ins_are_known() {
    let mut ledger = Ledger::new();
    ledger.register(1);
    let knows = |ledger: &Ledger, address: &str| {
        ledger.state.directory.administrator(adm(1)).expect("registered").knows(Some(address))
    };
    let from = |ledger: &mut Ledger, address: String, stage| {
        let expires = ledger.now.plus_hours(1);
        let mut record = ledger.record(
            1,
            1,
            mfa_ledger_schemas::bodies::SessionStarted {
                administrator: adm(1),
                session: ses(1),
                stage,
                expires,
                device_known: false,
                password_change_due: false,
            },
        );
        record.origin.address = Some(address);
        ledger.push(record);
    };
    from(&mut ledger, "waiting".to_owned(), SessionStage::Verify);
    assert!(!knows(&ledger, "waiting"), "not before the second factor");
    for number in 0..=KNOWN_ADDRESSES {
        from(&mut ledger, number.to_string(), SessionStage::Done);
    }
    assert!(!knows(&ledger, "0"));
    assert!(knows(&ledger, "1"));
    from(&mut ledger, "1".to_owned(), SessionStage::Done);
    from(&mut ledger, "new".to_owned(), SessionStage::Done);
    assert!(knows(&ledger, "1"), "used again, it is new again");
    assert!(!knows(&ledger, "2"));
    assert!(!ledger.state.directory.administrator(adm(1)).expect("registered").knows(None));
}

#[test]
fn a_session_id_that_comes_twice_does_not_stop_the_fold() {
    let mut ledger = Ledger::new();
    ledger.register(1);
    ledger.register(2);
    ledger.log_in(1, 7, SessionStage::Done, 1);
    ledger.log_in(2, 7, SessionStage::Done, 2);
    assert!(ledger.state.directory.administrator(adm(1)).expect("registered").sessions.is_empty());
    ledger.now = ledger.now.plus_hours(3);
    ledger.register(3);
    assert!(alive(&ledger).is_empty());
}
