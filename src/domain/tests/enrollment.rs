//! One's own MFA: begin, confirm, cancel, switch off, new backup codes.

use mfa_ledger_schemas::{CredentialId, Event, Factor, FactorFailure, FactorUse, MfaStatus, RefusalCode};

use super::attempt::{Attempt, FactorProof, confirm, disable, regenerate, verify};
use super::world::{World, id, operator};
use crate::command::{CancelMfaEnrollment, ChangeSettings, DefineRole, EnrollMfa, LogOut};
use crate::{Caller, Undecided};

fn begin(world: &mut World, caller: &Caller) -> CredentialId {
    match world.run(caller, Attempt::of(EnrollMfa)) {
        Event::MfaEnrollmentStarted(event) => event.credential,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_way_is_not_enabled_pending_enabled() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    let other = world.log_in(id(&joe));
    let status = |world: &World| world.it(id(&joe)).mfa.status(world.now);
    assert_eq!(status(&world), MfaStatus::NotEnabled);
    let credential = begin(&mut world, &joe);
    assert_eq!(status(&world), MfaStatus::Pending);
    let proof = world.fresh_code(id(&joe));
    let step = world.step();
    let Event::MfaEnabled(event) = world.confirm(&joe, proof) else { panic!("enabled") };
    assert_eq!(status(&world), MfaStatus::Enabled);
    assert_eq!((event.credential, event.step, event.backup_codes_count), (credential, step, 10));
    assert_eq!(event.sessions_ended, 1, "every other session ends");
    assert_eq!(world.decide(&other, &Attempt::of(LogOut)), Err(Undecided::Unauthenticated));
    let enrolled = world.it(id(&joe)).mfa.enrolled.clone().expect("enrolled");
    assert_eq!(enrolled.unused.len(), 10);
}

#[test]
fn the_step_of_the_code_that_confirmed_counts_as_used() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    begin(&mut world, &joe);
    let proof = world.fresh_code(id(&joe));
    world.confirm(&joe, proof);
    let session = world.log_in(id(&joe));
    let Event::SecondFactorFailed(failed) = world.verify(&session, proof) else { panic!("refused") };
    assert_eq!(failed.cause, FactorFailure::Replayed);
}

#[test]
fn a_wrong_first_code_confirms_nothing_and_is_counted_with_its_drift() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    let credential = begin(&mut world, &joe);
    let proof = FactorProof::totp(credential, None, Some(-8));
    let Event::SecondFactorFailed(failed) = world.confirm(&joe, proof) else { panic!("failed") };
    assert_eq!((failed.cause, failed.used_for), (FactorFailure::WrongCode, FactorUse::Enrollment));
    assert_eq!((failed.drift_steps, failed.consecutive), (Some(-8), 1));
    assert_eq!(world.it(id(&joe)).mfa.status(world.now), MfaStatus::Pending);
}

#[test]
fn an_enrollment_runs_out_and_can_be_begun_anew() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    let first = begin(&mut world, &joe);
    world.wait_minutes(30);
    assert_eq!(world.it(id(&joe)).mfa.status(world.now), MfaStatus::NotEnabled);
    let proof = world.code(id(&joe), Some(world.step()));
    let late = confirm(proof);
    world.refuses(&joe, late, RefusalCode::NoPendingEnrollment);
    let joe = world.log_in(id(&joe));
    let event = world.run(&joe, Attempt::of(EnrollMfa));
    let Event::MfaEnrollmentStarted(event) = event else { panic!("{event:?}") };
    assert_eq!(event.replaced, Some(first), "the seed that nobody confirmed is destroyed");
}

#[test]
fn a_code_of_a_seed_that_was_replaced_is_stale() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    begin(&mut world, &joe);
    let proof = world.code(id(&joe), Some(world.step()));
    begin(&mut world, &joe);
    let command = confirm(proof);
    assert_eq!(world.decide(&joe, &command), Err(Undecided::StaleEvidence));
}

#[test]
fn cancelling_leaves_nothing() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    world.refuses(&joe, Attempt::of(CancelMfaEnrollment), RefusalCode::NoPendingEnrollment);
    let begun = begin(&mut world, &joe);
    let event = world.run(&joe, Attempt::of(CancelMfaEnrollment));
    let Event::MfaEnrollmentCancelled(event) = event else { panic!("{event:?}") };
    assert_eq!(event.credential, begun);
    assert_eq!(world.it(id(&joe)).mfa.pending, None);
}

#[test]
fn nobody_enrolls_twice_or_while_mfa_is_switched_off() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    let command = || Attempt::of(EnrollMfa);
    world.refuses(&joe, command(), RefusalCode::MfaAlreadyEnabled);
    world.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() });
    world.refuses(&joe, command(), RefusalCode::MfaNotAvailable);
    world.refuses(&operator(), command(), RefusalCode::PermissionDenied);
}

#[test]
fn switching_off_takes_a_factor_and_keeps_this_session_only() {
    let mut world = World::new();
    for with_backup_code in [false, true] {
        let name = if with_backup_code { "paper" } else { "app" };
        let joe = world.enrolled(name, "auditor");
        let other = world.log_in_with_code(id(&joe));
        let wrong = world.code(id(&joe), None);
        let event = world.run(&joe, disable(wrong));
        assert!(matches!(event, Event::SecondFactorFailed(_)), "{event:?}");
        let fresh = world.fresh_code(id(&joe));
        let proof = if with_backup_code { world.backup_code(id(&joe), Some(0)) } else { fresh };
        let event = world.run(&joe, disable(proof));
        let Event::MfaDisabled(event) = event else { panic!("{event:?}") };
        let factor = if with_backup_code { Factor::BackupCode } else { Factor::Totp };
        assert_eq!((event.factor, event.step.is_none()), (factor, with_backup_code));
        assert_eq!((event.backup_codes_left, event.sessions_ended), (10, 1));
        assert_eq!(world.decide(&other, &Attempt::of(LogOut)), Err(Undecided::Unauthenticated));
        assert_eq!(world.it(id(&joe)).mfa.status(world.now), MfaStatus::NotEnabled);
        let proof = FactorProof::not_looked(Factor::Totp);
        world.refuses(&joe, disable(proof), RefusalCode::MfaNotEnabled);
    }
}

#[test]
fn whoever_must_use_mfa_cannot_switch_it_off() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    let role = world.state.directory.role(&"auditor".parse().expect("id")).expect("a preset").clone();
    world.run(
        &operator(),
        Attempt::of(DefineRole {
            role: role.id,
            name: role.name,
            permissions: role.permissions,
            mfa_required: true,
        }),
    );
    let proof = world.fresh_code(id(&joe));
    world.refuses(&joe, disable(proof), RefusalCode::MfaRequired);
}

#[test]
fn new_backup_codes_take_a_code_of_the_app_and_end_the_old_set() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    let used = world.backup_code(id(&joe), Some(3));
    world.verify(&joe, used);
    let old = world.backup_code(id(&joe), Some(4));
    for index in [Some(4), None] {
        let proof = world.backup_code(id(&joe), index);
        world.refuses(&joe, regenerate(proof), RefusalCode::NotVerified);
    }
    let proof = world.fresh_code(id(&joe));
    let event = world.run(&joe, regenerate(proof));
    let Event::BackupCodesRegenerated(event) = event else { panic!("{event:?}") };
    assert_eq!((event.replaced_left, event.backup_codes_count), (9, 10));
    assert_eq!(world.it(id(&joe)).mfa.enrolled.as_ref().expect("enrolled").unused.len(), 10);
    let undecided = world.decide(&joe, &verify(old));
    assert_eq!(undecided, Err(Undecided::StaleEvidence));
    let Event::SecondFactorFailed(again) = world.run(&joe, regenerate(proof)) else { panic!("replayed") };
    assert_eq!(again.cause, FactorFailure::Replayed);
}
