//! Logging in: what opens which session, and that failures look alike.

use std::collections::BTreeSet;

use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Event, FactorUse, LogInFailure, RefusalCode, SessionStage,
};

use super::attempt::{Attempt, typed};
use super::world::{ELSEWHERE, OFFICE, World, id, operator};
use crate::command::{
    ChangeSettings, DeactivateAdministrator, DefineRole, EnrollMfa, LogIn, LogOut, ReadActivity,
    ResetPassword,
};
use crate::{Caller, Evidence, READ, Undecided};

fn require(world: &mut World, role: &str, mfa_required: bool) {
    let before = world.state.directory.role(&role.parse().expect("id")).expect("a preset").clone();
    let role =
        DefineRole { role: before.id, name: before.name, permissions: before.permissions, mfa_required };
    world.run(&operator(), Attempt::of(role));
}

fn available(world: &mut World, mfa_available: bool) {
    world.settings(ChangeSettings { mfa_available: Some(mfa_available), ..ChangeSettings::default() });
}

fn stage(event: &Event) -> SessionStage {
    match event {
        Event::SessionStarted(event) => event.stage,
        other => panic!("{other:?}"),
    }
}

fn read() -> Attempt {
    Attempt::of(ReadActivity { query: String::new(), right: READ })
}

#[test]
fn without_mfa_and_without_a_requirement_the_password_opens_everything() {
    let mut world = World::new();
    let joe = world.register("joe", "auditor", false);
    let event = world.try_log_in(joe, true, Some(OFFICE));
    assert_eq!(stage(&event), SessionStage::Done);
    let Event::SessionStarted(event) = event else { panic!("started") };
    assert!(event.password_change_due, "a generated password is still to be changed");
    assert_eq!(event.expires, world.now.plus_hours(12));
    assert_eq!(world.it(joe).last_log_in, Some(world.now));
}

#[test]
fn with_mfa_the_password_opens_a_session_that_can_only_verify() {
    let mut world = World::new();
    let joe = id(&world.enrolled("joe", "auditor"));
    let session = world.log_in(joe);
    let before = world.it(joe).last_log_in;
    world.refuses(&session, read(), RefusalCode::SecondFactorRequired);
    world.refuses(&session, Attempt::of(EnrollMfa), RefusalCode::SecondFactorRequired);
    assert_eq!(world.it(joe).last_log_in, before, "not logged in yet");
    let proof = world.fresh_code(joe);
    let Event::SecondFactorVerified(event) = world.verify(&session, proof) else { panic!("verified") };
    assert_eq!((event.used_for, event.expires), (FactorUse::LogIn, Some(world.now.plus_hours(12))));
    assert_eq!(world.it(joe).last_log_in, Some(world.now));
    assert!(matches!(world.run(&session, read()), Event::ActivityRead(_)));
}

#[test]
fn a_session_waits_ten_minutes_for_its_second_factor() {
    let mut world = World::new();
    let joe = id(&world.enrolled("joe", "auditor"));
    let session = world.log_in(joe);
    world.wait_minutes(10);
    assert_eq!(world.decide(&session, &read()), Err(Undecided::Unauthenticated));
}

#[test]
fn a_requirement_lets_those_without_mfa_enroll_and_nothing_else() {
    let mut world = World::new();
    require(&mut world, "auditor", true);
    let joe = world.register("joe", "auditor", false);
    assert_eq!(stage(&world.try_log_in(joe, true, Some(OFFICE))), SessionStage::Enroll);
    let session = world.log_in(joe);
    world.refuses(&session, read(), RefusalCode::EnrollmentRequired);
    world.enroll(&session);
    assert!(matches!(world.run(&session, read()), Event::ActivityRead(_)));
    assert_eq!(world.it(joe).last_log_in, Some(world.now.plus_seconds(-1)), "enrolling finished the log-in");
    assert!(world.it(joe).knows(Some(OFFICE)));
}

#[test]
fn a_requirement_set_later_acts_at_once_on_sessions_that_are_open() {
    let mut world = World::new();
    let by_role = world.person("joe", "auditor");
    let for_all = world.person("jim", "security-officer");
    assert!(matches!(world.run(&by_role, read()), Event::ActivityRead(_)));
    require(&mut world, "auditor", true);
    world.refuses(&by_role, read(), RefusalCode::EnrollmentRequired);
    assert!(matches!(world.run(&for_all, read()), Event::ActivityRead(_)));
    world.settings(ChangeSettings { mfa_required_for_all: Some(true), ..ChangeSettings::default() });
    world.refuses(&for_all, read(), RefusalCode::EnrollmentRequired);
    world.enroll(&for_all);
    assert!(matches!(world.run(&for_all, read()), Event::ActivityRead(_)));
}

#[test]
fn while_mfa_is_switched_off_system_wide_nothing_is_required_and_then_it_is_again() {
    let mut world = World::new();
    let joe = id(&world.enrolled("joe", "auditor"));
    require(&mut world, "auditor", true);
    available(&mut world, false);
    assert_eq!(stage(&world.try_log_in(joe, true, Some(OFFICE))), SessionStage::Done);
    let session = world.log_in(joe);
    assert!(matches!(world.run(&session, read()), Event::ActivityRead(_)));
    available(&mut world, true);
    world.refuses(&session, read(), RefusalCode::SecondFactorRequired);
    let proof = world.fresh_code(joe);
    let Event::SecondFactorVerified(event) = world.verify(&session, proof) else { panic!("verified") };
    assert_eq!(event.used_for, FactorUse::LogIn);
    assert!(matches!(world.run(&session, read()), Event::ActivityRead(_)));
}

#[test]
fn every_obstacle_has_its_own_cause_in_the_log_and_the_failures_grow_alike() {
    let mut world = World::new();
    world.super_administrator("root");
    let people = ["wrong", "inactive", "frozen", "expired"].map(|name| {
        let it = world.person(name, "general-staff");
        world.enroll(&it);
        it
    });
    let [wrong, inactive, frozen, expired] = people.each_ref().map(id);
    freeze(&mut world, &people[2]);
    let note = None;
    let command = DeactivateAdministrator { administrator: inactive, note };
    world.run(&operator(), Attempt::of(command));
    world.wait_hours(80);
    world.run(&operator(), Attempt::of(ResetPassword { administrator: wrong }));
    for _ in 0..7 {
        let mut seen = BTreeSet::new();
        for (who, fits, cause) in [
            (Some(wrong), false, LogInFailure::WrongPassword),
            (Some(inactive), true, LogInFailure::Inactive),
            (Some(frozen), true, LogInFailure::Frozen),
            (Some(expired), true, LogInFailure::PasswordExpired),
            (None, false, LogInFailure::UnknownUser),
        ] {
            let event = match who {
                Some(who) => world.try_log_in(who, fits, Some(ELSEWHERE)),
                None => stranger(&mut world, "h"),
            };
            let Event::LogInFailed(failed) = event else { panic!("{event:?}") };
            assert_eq!(failed.cause, cause);
            assert_eq!(failed.administrator, who);
            assert_eq!(failed.unknown_name.is_some(), who.is_none(), "an unknown name is hashed");
            let wait = failed.next_attempt.map(|next| next.seconds_since(world.now));
            seen.insert((failed.consecutive, wait, failed.device_known));
        }
        assert_eq!(seen.len(), 1, "whatever the cause, count and delay are the same: {seen:?}");
        world.wait_minutes(16);
    }
}

fn freeze(world: &mut World, person: &Caller) {
    let performer = world.enrolled("performer", "help-desk");
    world.reset(&performer, id(person));
    let reset = world.state.position();
    let command = crate::command::RepudiateReset { reset, note: Some("they called".to_owned()) };
    world.run(&performer, Attempt::of(command));
    assert!(world.it(id(person)).frozen);
}

fn stranger(world: &mut World, name_hash: &str) -> Event {
    let (user_name, name_hash) = ("nobody".to_owned(), name_hash.to_owned());
    let command = Attempt::of(LogIn { user_name, name_hash, password: typed() }).from(Some(ELSEWHERE));
    world.run(&Caller::Anonymous, command.with(Evidence::Password { credential: None, fits: false }))
}

#[test]
fn evidence_of_another_moment_is_gathered_again() {
    let mut world = World::new();
    let joe = world.register("joe", "auditor", false);
    let fresh = world.log_in_command(joe);
    let other = world.id(CredentialId::from_bytes);
    for proof in [
        Evidence::Nothing,
        Evidence::Password { credential: None, fits: false },
        Evidence::Password { credential: Some(other), fits: true },
    ] {
        let command = Attempt::of(fresh.clone()).with(proof);
        assert_eq!(world.decide(&Caller::Anonymous, &command), Err(Undecided::StaleEvidence));
        let credential = Some(world.it(joe).password.credential);
        let known = Evidence::Password { credential, fits: true };
        let user_name = "nobody".to_owned();
        let proof =
            if proof == (Evidence::Password { credential: None, fits: false }) { known } else { proof };
        let command = Attempt::of(LogIn { user_name, ..fresh.clone() }).with(proof);
        assert_eq!(world.decide(&Caller::Anonymous, &command), Err(Undecided::StaleEvidence));
    }
}

#[test]
fn the_user_name_is_found_whatever_its_case_and_after_a_change() {
    let mut world = World::new();
    let joe = world.register("Joe", "auditor", false);
    let evidence = world.log_in_attempt(joe, true, None).evidence;
    let command = LogIn { user_name: "jOE".to_owned(), ..world.log_in_command(joe) };
    let event = world.run(&Caller::Anonymous, Attempt::of(command).with(evidence));
    assert!(matches!(event, Event::SessionStarted(_)));
}

#[test]
fn the_last_super_administrator_gets_in_with_a_password_that_ran_out() {
    let mut world = World::new();
    let root = world.register("root", "system-administrator", true);
    world.wait_hours(1_000);
    assert_eq!(stage(&world.try_log_in(root, true, Some(OFFICE))), SessionStage::Done);
    let other: AdministratorId = world.register("other", "system-administrator", true);
    let Event::LogInFailed(failed) = world.try_log_in(root, true, Some(OFFICE)) else { panic!("failed") };
    assert_eq!(failed.cause, LogInFailure::PasswordExpired);
    assert!(world.it(other).can_log_in());
}

#[test]
fn whoever_logs_in_anew_may_carry_a_session_that_is_over() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    world.wait_hours(13);
    let command = world.log_in_attempt(id(&joe), true, None);
    assert!(matches!(world.run(&joe, command), Event::SessionStarted(_)));
}

#[test]
fn a_log_out_ends_this_session_and_no_other() {
    let mut world = World::new();
    let first = world.enrolled("joe", "auditor");
    let second = world.log_in(id(&first));
    assert!(matches!(world.run(&second, Attempt::of(LogOut)), Event::SessionEnded(_)));
    assert_eq!(world.decide(&second, &Attempt::of(LogOut)), Err(Undecided::Unauthenticated));
    assert!(matches!(world.run(&first, read()), Event::ActivityRead(_)));
}
