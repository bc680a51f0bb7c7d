//! Failures slow down whoever causes them, and nobody else.

use mfa_ledger_projections::administrator::{BLOCKING_FAILURES, BLOCKING_PASSWORD_FAILURES};
use mfa_ledger_projections::directory::TriedName;
use mfa_ledger_schemas::{AdministratorId, Event, Factor, FactorFailure, LogInFailure, RefusalCode};

use super::attempt::{Attempt, FactorProof, typed};
use super::world::{ELSEWHERE, OFFICE, World, id, operator};
use crate::command::{LogIn, ResetPassword, SetPassword};
use crate::{Caller, Evidence};

fn failed(event: &Event) -> (LogInFailure, u32) {
    match event {
        Event::LogInFailed(event) => (event.cause, event.consecutive),
        other => panic!("{other:?}"),
    }
}

/// Fails so often in a row, each time as soon as it is looked at again.
fn fail(world: &mut World, who: AdministratorId, times: u32, address: Option<&str>) {
    for _ in 0..times {
        world.wait_minutes(16);
        let event = world.try_log_in(who, false, address);
        assert_ne!(failed(&event).0, LogInFailure::Throttled);
    }
}

fn fail_factor(world: &mut World, caller: &Caller, factor: Factor, times: u32) {
    for _ in 0..times {
        world.wait_minutes(16);
        let caller = world.log_in(id(caller));
        let proof = match factor {
            Factor::BackupCode => world.backup_code(id(&caller), None),
            _ => world.code(id(&caller), None),
        };
        assert!(matches!(world.verify(&caller, proof), Event::SecondFactorFailed(_)));
    }
}

fn factor_cause(event: &Event) -> FactorFailure {
    match event {
        Event::SecondFactorFailed(event) => event.cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn four_failures_are_free_then_each_doubles_the_wait_up_to_a_quarter_of_an_hour() {
    let mut world = World::new();
    let joe = world.register("joe", "auditor", false);
    let mut waits = Vec::new();
    for _ in 0..16 {
        let Event::LogInFailed(event) = world.try_log_in(joe, false, None) else { panic!("failed") };
        waits.push(event.next_attempt.map_or(0, |next| next.seconds_since(world.now)));
        world.now = event.next_attempt.unwrap_or(world.now);
    }
    assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
}

#[test]
fn too_early_nothing_is_looked_at_and_nothing_is_counted() {
    let mut world = World::new();
    let joe = world.register("joe", "auditor", false);
    fail(&mut world, joe, 8, None);
    let next = world.it(joe).throttles.password_unknown.next_attempt.expect("a wait");
    let command = world.log_in_attempt(joe, true, None).with(Evidence::Nothing);
    let event = world.run(&Caller::Anonymous, command.clone());
    assert_eq!(failed(&event), (LogInFailure::Throttled, 8));
    assert_eq!(world.it(joe).throttles.password_unknown.next_attempt, Some(next));
    let event = world.try_log_in(joe, true, None);
    assert_eq!(failed(&event), (LogInFailure::Throttled, 8), "not even the right one");
    assert!(!world.asks(&Caller::Anonymous, &command));
    world.now = next;
    assert!(world.asks(&Caller::Anonymous, &command));
    assert!(matches!(world.try_log_in(joe, true, None), Event::SessionStarted(_)));
    assert_eq!(world.it(joe).throttles.password_unknown.consecutive, 0);
}

#[test]
fn a_stranger_slows_down_strangers_and_not_the_owner_at_a_known_address() {
    let mut world = World::new();
    let joe = id(&world.person("joe", "auditor"));
    fail(&mut world, joe, BLOCKING_PASSWORD_FAILURES, Some(ELSEWHERE));
    world.wait_minutes(16);
    let event = world.try_log_in(joe, true, Some(ELSEWHERE));
    assert_eq!(failed(&event).0, LogInFailure::Blocked);
    assert!(matches!(world.try_log_in(joe, true, Some(OFFICE)), Event::SessionStarted(_)));
    assert!(world.it(joe).password.blocked(false));
}

#[test]
fn a_password_is_blocked_at_fifty_failures_on_each_side_and_a_hundred_in_all() {
    const { assert!(BLOCKING_PASSWORD_FAILURES * 2 <= 100) };
    let mut world = World::new();
    let joe = id(&world.person("joe", "auditor"));
    for address in [OFFICE, ELSEWHERE] {
        fail(&mut world, joe, BLOCKING_PASSWORD_FAILURES - 1, Some(address));
        assert!(!world.it(joe).password.blocked(address == OFFICE));
        fail(&mut world, joe, 1, Some(address));
        assert!(world.it(joe).password.blocked(address == OFFICE));
    }
}

#[test]
fn a_new_password_lifts_the_block_even_of_the_last_super_administrator_and_keeps_the_count() {
    let mut world = World::new();
    let root = world.register("root", "system-administrator", true);
    fail(&mut world, root, BLOCKING_PASSWORD_FAILURES, None);
    world.wait_minutes(16);
    assert_eq!(failed(&world.try_log_in(root, true, None)).0, LogInFailure::Blocked);
    world.run(&operator(), Attempt::of(ResetPassword { administrator: root }));
    assert_eq!(world.it(root).throttles.password_unknown.consecutive, BLOCKING_PASSWORD_FAILURES + 1);
    assert!(matches!(world.try_log_in(root, true, None), Event::SessionStarted(_)));
    assert_eq!(world.it(root).throttles.password_unknown.consecutive, 0);
}

#[test]
fn one_factor_never_punishes_the_other() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    fail_factor(&mut world, &joe, Factor::BackupCode, 12);
    let session = world.log_in(id(&joe));
    let proof = world.backup_code(id(&joe), Some(1));
    assert_eq!(factor_cause(&world.verify(&session, proof)), FactorFailure::Throttled);
    let proof = world.fresh_code(id(&joe));
    assert!(matches!(world.verify(&session, proof), Event::SecondFactorVerified(_)));
    assert_eq!(world.it(id(&joe)).throttles.backup_code.consecutive, 12, "nor forgives it");
    assert_eq!(world.it(id(&joe)).throttles.password_known.consecutive, 0);
}

#[test]
fn a_factor_is_blocked_at_a_hundred_failures_and_the_other_still_works() {
    for factor in [Factor::Totp, Factor::BackupCode] {
        let mut world = World::new();
        let joe = world.enrolled("joe", "auditor");
        fail_factor(&mut world, &joe, factor, BLOCKING_FAILURES);
        world.wait_minutes(16);
        let session = world.log_in(id(&joe));
        let totp = world.fresh_code(id(&joe));
        let paper = world.backup_code(id(&joe), Some(1));
        let (blocked, good) = if factor == Factor::Totp { (totp, paper) } else { (paper, totp) };
        assert_eq!(factor_cause(&world.verify(&session, blocked)), FactorFailure::Blocked);
        let opened = world.verify(&session, good);
        assert!(matches!(opened, Event::SecondFactorVerified(_) | Event::BackupCodeUsed(_)), "{opened:?}");
    }
}

#[test]
fn one_failure_less_than_a_hundred_does_not_block() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    fail_factor(&mut world, &joe, Factor::Totp, BLOCKING_FAILURES - 1);
    world.wait_minutes(16);
    let session = world.log_in(id(&joe));
    let proof = world.fresh_code(id(&joe));
    assert!(matches!(world.verify(&session, proof), Event::SecondFactorVerified(_)));
}

#[test]
fn a_reset_and_a_new_enrollment_forgive_no_failures_but_lift_the_block() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "general-staff");
    fail_factor(&mut world, &joe, Factor::Totp, BLOCKING_FAILURES);
    let performer = world.enrolled("jane", "help-desk");
    let event = world.reset(&performer, id(&joe));
    assert_eq!(event.totp_failures, BLOCKING_FAILURES);
    world.wait_minutes(16);
    let session = world.log_in(id(&joe));
    world.enroll(&session);
    assert_eq!(world.it(id(&joe)).throttles.totp.consecutive, BLOCKING_FAILURES);
    let session = world.log_in_with_code(id(&joe));
    assert_eq!(world.it(id(&session)).throttles.totp.consecutive, 0, "a success does");
}

#[test]
fn too_early_a_code_is_not_looked_at() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    fail_factor(&mut world, &joe, Factor::Totp, 9);
    let session = world.log_in(id(&joe));
    let event = world.verify(&session, FactorProof::not_looked(Factor::Totp));
    assert_eq!(factor_cause(&event), FactorFailure::Throttled);
    assert_eq!(world.it(id(&joe)).throttles.totp.consecutive, 9);
}

#[test]
fn unknown_names_are_slowed_down_each_by_itself() {
    let mut world = World::new();
    let command = |name_hash: &str| {
        let (user_name, name_hash) = (format!("nobody-{name_hash}"), name_hash.to_owned());
        let evidence = Evidence::Password { credential: None, fits: false };
        Attempt::of(LogIn { user_name, name_hash, password: typed() }).with(evidence)
    };
    let guess =
        |world: &mut World, name_hash: &str| failed(&world.run(&Caller::Anonymous, command(name_hash)));
    for count in 1..=6 {
        assert_eq!(guess(&mut world, "a"), (LogInFailure::UnknownUser, count));
    }
    assert_eq!(guess(&mut world, "a"), (LogInFailure::Throttled, 6));
    assert!(world.state.directory.slowed(&TriedName::Nobody("a".to_owned())).next_attempt.is_some());
    assert!(!world.asks(&Caller::Anonymous, &command("a")));
    assert!(world.asks(&Caller::Anonymous, &command("b")));
    assert_eq!(guess(&mut world, "b"), (LogInFailure::UnknownUser, 1));
}

#[test]
fn an_open_session_is_no_place_to_guess_its_owners_password() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    let credential = Some(world.it(id(&joe)).password.credential);
    let set = |fits| {
        let new = "correct horse battery".to_owned().into();
        Attempt::of(SetPassword { current: typed(), new }).with(Evidence::Password { credential, fits })
    };
    let refused = |event: Event| match event {
        Event::CommandRefused(refused) => (refused.code, refused.retry_at),
        other => panic!("{other:?}"),
    };
    for _ in 0..4 {
        assert_eq!(refused(world.run(&joe, set(false))), (RefusalCode::WrongPassword, None));
    }
    for _ in 0..5 {
        world.wait_minutes(16);
        world.run(&joe, set(false));
    }
    let next = world.it(id(&joe)).throttles.own_password.next_attempt;
    assert!(!world.asks(&joe, &set(true)));
    assert_eq!(next, Some(world.now.plus_seconds(16)));
    // Too early: neither looked at nor counted, the right one neither.
    for fits in [false, true] {
        assert_eq!(refused(world.run(&joe, set(fits))), (RefusalCode::WrongPassword, next));
    }
    assert_eq!(world.it(id(&joe)).throttles.own_password.consecutive, 9);
    assert_eq!(world.it(id(&joe)).throttles.password_known.consecutive, 0, "log-ins are not held up");
    world.now = next.expect("a moment");
    assert!(matches!(world.run(&joe, set(true)), Event::PasswordSet(_)));
    assert_eq!(world.it(id(&joe)).throttles.own_password.consecutive, 0);
}
