//! What a reset does, all of it in one event.

use mfa_ledger_schemas::{Event, MfaStatus, SessionStage};

use super::attempt::Attempt;
use super::world::{World, id, operator};
use crate::Caller;
use crate::command::{ChangeSettings, DefineRole};

#[test]
fn one_event_names_the_credential_the_codes_the_sessions_and_what_follows() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = world.enrolled("joe", "general-staff");
    let joe = id(&target);
    let enrolled_at = world.now;
    let other = world.log_in_with_code(joe);
    let waiting = world.log_in(joe);
    let code = world.backup_code(joe, Some(4));
    world.verify(&target, code);
    let wrong = world.code(joe, None);
    world.verify(&target, wrong);
    let before = world.it(joe).clone();
    let enrolled = before.mfa.enrolled.clone().expect("enrolled");
    let proof = world.fresh_code(id(&performer));
    world.verify(&performer, proof);
    let verified_at = world.now;

    let event = world.reset(&performer, joe);

    assert_eq!((event.credential, event.enrolled_at), (enrolled.credential, enrolled_at));
    assert_eq!((event.backup_codes, event.backup_codes_left), (enrolled.backup_codes, 9));
    assert_eq!((event.status_before, event.status_after), (MfaStatus::Enabled, MfaStatus::NotEnabled));
    let mut ended = vec![session(&target), session(&other), session(&waiting)];
    ended.sort_unstable();
    assert_eq!(event.sessions_ended, ended);
    assert_eq!((event.totp_failures, event.backup_code_failures), (1, 0));
    assert_eq!(event.epoch, 1);
    assert_eq!((event.must_enroll, event.break_glass, event.approved_by), (false, false, None));
    assert_eq!(event.performer_verified_at, Some(verified_at));
    let after = world.it(joe);
    assert_eq!(after.mfa.status(world.now), MfaStatus::NotEnabled);
    assert_eq!((after.mfa.enrolled.as_ref(), after.sessions.len()), (None, 0));
    assert_eq!(after.throttles, before.throttles, "a reset forgives no failures");
    assert_eq!(after.last_step, before.last_step, "a used code stays used");
    assert_eq!((after.epoch, after.last_reset), (1, Some(world.state.position())));
}

#[test]
fn sessions_that_ran_out_by_themselves_are_not_ended_by_the_reset() {
    let mut world = World::new();
    world.settings(ChangeSettings { step_up_minutes: Some(600), ..ChangeSettings::default() });
    let target = world.enrolled("joe", "general-staff");
    world.wait_hours(11);
    let performer = world.enrolled("jane", "help-desk");
    let late = world.log_in_with_code(id(&target));
    // Nothing is folded between the end of the session and the decision.
    world.now = world.state.directory.session(session(&target), world.now).expect("alive").expires;
    let command = Attempt::of(world.reset_of(id(&target)));
    let decision = world.decide(&performer, &command).expect("decided");
    let Event::MfaReset(event) = decision.event else { panic!("{:?}", decision.event) };
    assert_eq!(event.sessions_ended, [session(&late)]);
}

#[test]
fn whoever_must_use_mfa_is_told_to_enroll_and_can_do_nothing_else() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    world.run(
        &operator(),
        Attempt::of(DefineRole {
            role: "general-staff".parse().expect("a role id"),
            name: "General Staff".to_owned(),
            permissions: std::collections::BTreeSet::new(),
            mfa_required: true,
        }),
    );
    assert!(world.reset(&performer, target).must_enroll);
    match world.try_log_in(target, true, None) {
        Event::SessionStarted(event) => assert_eq!(event.stage, SessionStage::Enroll),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_second_reset_raises_the_epoch_again_and_the_seed_of_the_first_opens_nothing() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    let old = world.code(target, Some(world.step() + 10));
    world.reset(&performer, target);
    let session = world.log_in(target);
    world.enroll(&session);
    let undecided = world.decide(&session, &super::attempt::verify(old));
    assert_eq!(undecided, Err(crate::Undecided::StaleEvidence));
    assert_eq!(world.reset(&performer, target).epoch, 2);
}

#[test]
fn the_reset_moves_the_targets_stream_and_rests_on_actor_roles_and_settings() {
    use mfa_ledger_schemas::StreamName;
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "auditor"));
    let command = Attempt::of(world.reset_of(target));
    let decision = world.decide(&performer, &command).expect("decided");
    assert_eq!(decision.stream, StreamName::Administrator(target));
    for stream in [
        StreamName::Administrator(target),
        StreamName::Administrator(id(&performer)),
        StreamName::Role("help-desk".parse().expect("a role id")),
        StreamName::Role("auditor".parse().expect("a role id")),
        StreamName::Settings,
    ] {
        assert!(decision.reads.iter().any(|read| read.stream == stream), "{stream}");
    }
}

fn session(caller: &Caller) -> mfa_ledger_schemas::SessionId {
    match caller {
        Caller::Session { session, .. } => *session,
        other => panic!("{other:?}"),
    }
}
