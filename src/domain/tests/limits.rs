//! The largest events that the rules decide still fit into a stored record.

use mfa_ledger_schemas::bodies::BusinessHours;
use mfa_ledger_schemas::limits::{
    CORRELATION_CHARS, ERASED_ANNEXES, IDEMPOTENCY_KEY_CHARS, NOTICE_BYTES, NOTICE_SUBJECT_BYTES,
    QUERY_CHARS, REQUEST_ID_CHARS, STORED_BYTES, TICKET_CHARS, USER_AGENT_CHARS, USER_NAME_CHARS,
};
use mfa_ledger_schemas::{ApprovalPolicy, Context, Event, Idempotency, LedgerId, Position, codec};

use super::attempt::Attempt;
use super::world::{World, id, operator};
use crate::command::{
    ChangeAdministrator, ChangeSettings, DeactivateAdministrator, ErasePersonalData, ReadActivity,
};
use crate::{Caller, READ};

/// How large the record becomes, with everything around the event as long as it may be.
fn stored(world: &mut World, caller: &Caller, command: &Attempt) -> (Event, usize) {
    let decision = world.decide(caller, command).expect("decided");
    let mut record = world.record(decision, Some("2001:0db8:85a3:0000:0000:8a2e:0370:7334"));
    record.origin.user_agent = Some("\"".repeat(USER_AGENT_CHARS));
    record.request = "r".repeat(REQUEST_ID_CHARS);
    let key = "k".repeat(IDEMPOTENCY_KEY_CHARS);
    record.idempotency = Some(Idempotency { key, fingerprint: [1; 32] });
    record.context = Context {
        causation: Some(Position(u64::MAX)),
        correlation: Some("c".repeat(CORRELATION_CHARS)),
        traceparent: Some(format!("00-{}-{}-01", "a".repeat(32), "b".repeat(16))),
    };
    let size = match codec::encode(LedgerId::from_bytes([9; 16]), &record) {
        Ok(bytes) => bytes.len(),
        Err(codec::CodecError::TooLarge(size)) => size,
        Err(error) => panic!("{error}"),
    };
    (record.event, size)
}

fn long_name(letter: &str) -> String {
    letter.repeat(USER_NAME_CHARS)
}

#[test]
fn a_reset_with_many_sessions_long_names_and_a_long_ticket_fits() {
    let mut world = World::new();
    let performer = world.enrolled(&long_name("\u{17e}"), "system-administrator");
    let target = id(&world.enrolled(&long_name("\u{2603}"), "system-administrator"));
    for _ in 0..60 {
        world.log_in(target);
    }
    let mut command = world.reset_of(target);
    command.documented.ticket = Some("\\".repeat(TICKET_CHARS));
    let (event, size) = stored(&mut world, &performer, &Attempt::of(command).sealed());
    let Event::MfaReset(event) = event else { panic!("{event:?}") };
    assert_eq!(event.sessions_ended.len(), 50, "the rest end all the same");
    assert!(size <= STORED_BYTES, "{size}");
}

#[test]
fn an_erasure_names_as_many_annexes_as_fit_and_takes_several_commands_for_more() {
    let mut world = World::new();
    let target = id(&world.person(&long_name("\u{2603}"), "system-administrator"));
    for _ in 0..ERASED_ANNEXES + 20 {
        let command = world.reset_of(target);
        world.run(&operator(), Attempt::of(command).sealed());
    }
    let command = DeactivateAdministrator { administrator: target, note: None };
    world.run(&operator(), Attempt::of(command));
    let erase = Attempt::of(ErasePersonalData { administrator: target });
    let root = world.super_administrator(&long_name("\u{17e}"));
    for left in [21, 0] {
        let (event, size) = stored(&mut world, &root, &erase);
        let Event::PersonalDataErased(event) = event else { panic!("{event:?}") };
        assert!(event.annexes.len() <= ERASED_ANNEXES);
        assert!(size <= STORED_BYTES, "{size}");
        world.run(&root, erase.clone());
        assert_eq!(world.it(target).annexes.len(), left);
    }
}

#[test]
fn the_longest_notice_query_and_user_name_fit() {
    let mut world = World::new();
    let root = world.super_administrator(&long_name("\u{17e}"));
    let joe = world.register("joe", "general-staff", false);
    // All settings at once; a quote takes two bytes of JSON.
    let settings = |letter: &str, cost: usize| {
        let text = |bytes: usize| letter.repeat(bytes / cost);
        Attempt::of(ChangeSettings {
            reset_notice_subject: Some(text(NOTICE_SUBJECT_BYTES)),
            reset_notice_text: Some(text(NOTICE_BYTES)),
            issuer: Some("\u{1f511}".repeat(64)),
            business_hours: Some(BusinessHours {
                time_zone: "America/Argentina/ComodRivadavia".to_owned(),
                weekdays: (1..=7).collect(),
                opens: 1,
                closes: 1_440,
            }),
            mfa_available: Some(false),
            mfa_required_for_all: Some(true),
            approval: Some(ApprovalPolicy::SuperAdmins),
            approver_hours: Some(719),
            suspicion_hours: Some(719),
            step_up_minutes: Some(240),
            resets_per_target_per_day: Some(1_000),
            resets_per_actor_per_hour: Some(1_000),
            reset_request_hours: Some(167),
            session_hours: Some(167),
            enrollment_minutes: Some(1_439),
            generated_password_hours: Some(719),
        })
    };
    let commands = [
        settings("\"", 2),
        settings("t", 1),
        settings("\u{1f511}", 4),
        Attempt::of(ReadActivity { query: "\u{2603}".repeat(QUERY_CHARS), right: READ }),
        Attempt::of(ChangeAdministrator {
            administrator: joe,
            user_name: Some(long_name("\u{2603}")),
            super_administrator: Some(true),
            display_name: Some("Joe".to_owned()),
            emails: None,
        }),
    ];
    for command in commands {
        let (event, size) = stored(&mut world, &root, &command);
        assert!(!matches!(event, Event::CommandRefused(_)), "{event:?}");
        assert!(size <= STORED_BYTES, "{size}");
    }
}
