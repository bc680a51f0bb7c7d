//! The second factor: one code, one yes, for ever.

use mfa_ledger_schemas::{CredentialId, Event, Factor, FactorFailure, FactorUse, RefusalCode};

use super::attempt::{Attempt, FactorProof, verify};
use super::world::{World, id};
use crate::command::CancelMfaEnrollment;
use crate::{Caller, Undecided};

fn cause(event: &Event) -> FactorFailure {
    match event {
        Event::SecondFactorFailed(event) => event.cause,
        other => panic!("accepted: {other:?}"),
    }
}

#[test]
fn a_step_is_accepted_once_and_no_earlier_one_after_it() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    let proof = world.fresh_code(id(&joe));
    let step = world.step();
    assert!(matches!(world.verify(&joe, proof), Event::SecondFactorVerified(_)));
    for earlier in [step, step - 1] {
        let proof = world.code(id(&joe), Some(earlier));
        assert_eq!(cause(&world.verify(&joe, proof)), FactorFailure::Replayed);
    }
    assert_eq!(world.it(id(&joe)).throttles.totp.consecutive, 0, "a double click locks nobody out");
    let next = world.code(id(&joe), Some(step + 1));
    assert!(matches!(world.verify(&joe, next), Event::SecondFactorVerified(_)));
}

#[test]
fn a_used_step_stays_used_and_a_new_authenticator_begins_with_a_memory_of_its_own() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let joe = world.enrolled("joe", "general-staff");
    let ahead = world.code(id(&joe), Some(world.step() + 1));
    world.verify(&joe, ahead);
    let last = world.it(id(&joe)).last_step;
    world.reset(&performer, id(&joe));
    assert_eq!(world.it(id(&joe)).last_step, last);
    let session = world.log_in(id(&joe));
    world.run(&session, Attempt::of(crate::command::EnrollMfa).fresh([9; 16]));
    // The same step, of another seed: another code, which was never used.
    let proof = FactorProof::totp(CredentialId::from_bytes([9; 16]), last, None);
    assert!(matches!(world.confirm(&session, proof), Event::MfaEnabled(_)));
    let session = world.log_in(id(&joe));
    assert_eq!(cause(&world.verify(&session, proof)), FactorFailure::Replayed);
}

#[test]
fn a_wrong_code_records_how_far_the_clock_is_off_and_counts_like_any_other() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    let session = world.log_in(id(&joe));
    let credential = world.it(id(&joe)).mfa.enrolled.as_ref().expect("enrolled").credential;
    for (count, drift) in [(1, Some(-8)), (2, None)] {
        let proof = FactorProof::totp(credential, None, drift);
        let Event::SecondFactorFailed(failed) = world.verify(&session, proof) else { panic!("failed") };
        assert_eq!((failed.cause, failed.drift_steps), (FactorFailure::WrongCode, drift));
        assert_eq!((failed.consecutive, failed.used_for), (count, FactorUse::LogIn));
    }
    world.refuses(&session, Attempt::of(CancelMfaEnrollment), RefusalCode::SecondFactorRequired);
}

#[test]
fn each_backup_code_opens_once_and_the_event_says_how_many_are_left() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    for index in 0..10_u8 {
        let session = world.log_in(id(&joe));
        let proof = world.backup_code(id(&joe), Some(index));
        let Event::BackupCodeUsed(used) = world.verify(&session, proof) else { panic!("used") };
        assert_eq!((used.index, used.left), (index, 9 - index));
        assert_eq!(used.left <= crate::mfa::BACKUP_CODES_LOW, index >= 6);
        let session = world.log_in(id(&joe));
        assert_eq!(cause(&world.verify(&session, proof)), FactorFailure::Replayed);
    }
    let enrolled = world.it(id(&joe)).mfa.enrolled.clone().expect("enrolled");
    assert!(enrolled.unused.is_empty());
    assert_eq!(world.it(id(&joe)).last_used.map(|(factor, _)| factor), Some(Factor::BackupCode));
}

#[test]
fn within_a_session_a_code_proves_presence_and_does_not_prolong_it() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    let Caller::Session { session, .. } = joe else { panic!("a session") };
    let before = world.state.directory.session(session, world.now).expect("alive").expires;
    let proof = world.fresh_code(id(&joe));
    let Event::SecondFactorVerified(event) = world.verify(&joe, proof) else { panic!("verified") };
    assert_eq!(event.used_for, FactorUse::StepUp);
    let after = world.state.directory.session(session, world.now).expect("alive");
    assert_eq!((after.expires, after.verified_at), (before, Some(world.now)));
}

#[test]
fn evidence_that_was_not_gathered_or_belongs_to_another_set_is_stale() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "auditor");
    let other = world.enrolled("jim", "auditor");
    for proof in [
        FactorProof::not_looked(Factor::Totp),
        FactorProof::not_looked(Factor::BackupCode),
        world.code(id(&other), Some(world.step() + 5)),
        world.backup_code(id(&other), Some(1)),
    ] {
        assert_eq!(world.decide(&joe, &verify(proof)), Err(Undecided::StaleEvidence), "{proof:?}");
    }
}

#[test]
fn without_mfa_there_is_nothing_to_verify() {
    let mut world = World::new();
    let joe = world.person("joe", "auditor");
    let proof = FactorProof::not_looked(Factor::Totp);
    let command = verify(proof);
    world.refuses(&joe, command.clone(), RefusalCode::MfaNotEnabled);
    world.settings(crate::command::ChangeSettings {
        mfa_required_for_all: Some(true),
        ..crate::command::ChangeSettings::default()
    });
    world.refuses(&joe, command, RefusalCode::EnrollmentRequired);
}
