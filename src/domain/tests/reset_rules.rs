//! The refusals of `ResetMfa`, in the order of the manual (`manual::resetting`): each step mends exactly one thing, and
//! the next rule speaks.

use mfa_ledger_schemas::{AnnexId, ApprovalPolicy, Event, RefusalCode, ResetReason, VerificationMethod};

use super::attempt::Attempt;
use super::world::{World, id, operator};
use crate::command::{
    ApproveMfaReset, AssignRole, ChangeAdministrator, ChangeSettings, DeactivateAdministrator, Documented,
    ReactivateAdministrator, RequestMfaReset, ResetMfa, RevokeSessions,
};
use crate::{Caller, Evidence, Undecided};

#[test]
#[expect(clippy::too_many_lines, reason = "one walk down one table")]
fn every_rule_speaks_in_its_turn_and_at_last_the_reset_is_done() {
    let mut world = World::new();
    world.super_administrator("root");
    let second = world.enrolled("second", "help-desk");
    let performer = world.person("jane", "general-staff");
    world.enrolled("boss", "general-staff");
    let target = world.register("joe", "general-staff", true);
    let ghost = world.id(mfa_ledger_schemas::AdministratorId::from_bytes);
    world.settings(ChangeSettings {
        mfa_available: Some(false),
        resets_per_actor_per_hour: Some(1),
        approval: Some(ApprovalPolicy::All),
        ..ChangeSettings::default()
    });
    world.run(&operator(), deactivate(target));
    let mut command =
        ResetMfa { administrator: ghost, documented: Documented::default(), confirmation: None };
    let refuses = |world: &mut World, command: &ResetMfa, code| {
        world.refuses(&performer, Attempt::of(command.clone()), code);
    };

    refuses(&mut world, &command, RefusalCode::MfaNotAvailable);
    world.settings(ChangeSettings { mfa_available: Some(true), ..ChangeSettings::default() });
    refuses(&mut world, &command, RefusalCode::PermissionDenied);
    world.run(&operator(), assign(id(&performer), "help-desk"));
    refuses(&mut world, &command, RefusalCode::AdministratorNotFound);
    command.administrator = target;
    refuses(&mut world, &command, RefusalCode::AdministratorInactive);
    world.run(&operator(), reactivate(target));
    refuses(
        &mut world,
        &ResetMfa { administrator: id(&performer), ..command.clone() },
        RefusalCode::SelfReset,
    );
    refuses(&mut world, &command, RefusalCode::SuperAdminRequired);
    world.run(&operator(), promote(id(&performer), true));
    refuses(&mut world, &command, RefusalCode::MfaNotEnabled);
    let session = world.log_in(target);
    world.enroll(&session);
    refuses(&mut world, &command, RefusalCode::VerificationRequired);
    for method in [
        VerificationMethod::EmailOnly,
        VerificationMethod::UnknownEmail,
        VerificationMethod::None,
        VerificationMethod::ThirdParty,
        VerificationMethod::Unknown(99),
    ] {
        command.documented.verification = Some(method);
        refuses(&mut world, &command, RefusalCode::VerificationUnacceptable);
    }
    command.documented.verification = Some(VerificationMethod::InPersonPhotoId);
    refuses(&mut world, &command, RefusalCode::ReasonRequired);
    document(&mut world, &performer, &mut command);
    refuses(&mut world, &command, RefusalCode::ConfirmationRequired);
    command.confirmation = Some("somebody else".to_owned());
    refuses(&mut world, &command, RefusalCode::ConfirmationRequired);
    command.confirmation = Some("JOE".to_owned());
    refuses(&mut world, &command, RefusalCode::ActorMfaRequired);
    world.enroll(&performer);
    world.wait_minutes(15);
    refuses(&mut world, &command, RefusalCode::StepUpRequired);
    let proof = world.fresh_code(id(&performer));
    world.verify(&performer, proof);
    world.settings(ChangeSettings { approval: Some(ApprovalPolicy::Off), ..ChangeSettings::default() });
    world.reset(&performer, id(&second));
    world.settings(ChangeSettings { approval: Some(ApprovalPolicy::All), ..ChangeSettings::default() });
    refuses(&mut world, &command, RefusalCode::ResetRateLimited);
    world.settings(ChangeSettings { resets_per_actor_per_hour: Some(0), ..ChangeSettings::default() });
    refuses(&mut world, &command, RefusalCode::ApprovalRequired);
    let request = world.request(&performer, target);
    command.documented = Documented { reset_request: Some(request), ..Documented::default() };
    refuses(&mut world, &command, RefusalCode::ApprovalRequired);
    let approver = world.super_administrator("third");
    world.run(&approver, Attempt::of(ApproveMfaReset { reset_request: request, note: None }));
    let event = world.run(&performer, Attempt::of(command));
    assert!(matches!(event, Event::MfaReset(_)), "{event:?}");
}

/// What the guide wants documented, one thing after the other; all but the last are refused.
fn document(world: &mut World, performer: &Caller, command: &mut ResetMfa) {
    let now = world.now;
    let steps: [fn(&mut ResetMfa); 4] = [
        |command| command.documented.reason = Some(ResetReason::Other),
        |command| command.documented.words.text = Some("why".to_owned()),
        |command| command.documented.words.requester_name = Some("Joe".to_owned()),
        |command| command.documented.words.requester_contact = Some("extension 20".to_owned()),
    ];
    for step in steps {
        step(command);
        world.refuses(performer, Attempt::of(command.clone()), RefusalCode::ReasonRequired);
    }
    command.documented.requested_at = Some(now);
}

#[test]
fn every_acceptable_method_and_every_reason_of_the_guide_will_do() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let methods = VerificationMethod::ALL.iter().copied().filter(|method| method.is_acceptable());
    assert_eq!(methods.clone().count(), 4);
    for method in methods {
        for reason in ResetReason::ALL.iter().copied() {
            let mut world = world.clone();
            let target = id(&world.enrolled("joe", "general-staff"));
            let mut command = world.reset_of(target);
            command.documented.verification = Some(method);
            command.documented.reason = Some(reason);
            command.documented.words.text = (reason == ResetReason::Other).then(|| "why".to_owned());
            let event = world.run(&performer, Attempt::of(command));
            assert!(matches!(event, Event::MfaReset(_)), "{method} {reason}: {event:?}");
        }
    }
}

#[test]
fn a_pending_enrollment_is_nothing_to_reset() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = world.person("joe", "general-staff");
    world.run(&target, Attempt::of(crate::command::EnrollMfa));
    let command = world.reset_of(id(&target));
    world.refuses(&performer, Attempt::of(command), RefusalCode::MfaNotEnabled);
}

#[test]
fn a_refused_reset_keeps_what_was_documented() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    let mut command = world.reset_of(target);
    command.documented.verification = Some(VerificationMethod::EmailOnly);
    let refused = world.refusal(&performer, Attempt::of(command.clone()).sealed());
    let story = refused.story.expect("kept");
    let Documented { reason, verification, requested_at, ticket, .. } = command.documented;
    assert_eq!((story.reason, story.verification), (reason, verification));
    assert_eq!((story.requested_at, story.ticket), (requested_at, ticket));
    assert!(story.words.is_some(), "its words stay sealed");
    assert_eq!(refused.code, RefusalCode::VerificationUnacceptable);
}

#[test]
fn a_third_party_is_refused_until_the_performer_says_how_the_two_are_one() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("pat", "general-staff"));
    let personal = world.it(target).personal.expect("sealed");
    let judged =
        |command: &ResetMfa, fits| Attempt::of(command.clone()).with(Evidence::Requester { personal, fits });
    let mut command = world.reset_of(target);
    world.refuses(&performer, judged(&command, false), RefusalCode::ThirdPartyRequester);
    let file = RequestMfaReset { administrator: target, documented: command.documented.clone() };
    let file = Attempt::of(file).with(Evidence::Requester { personal, fits: false });
    world.refuses(&performer, file, RefusalCode::ThirdPartyRequester);

    let allowed = |command: &ResetMfa, fits| {
        matches!(world.clone().run(&performer, judged(command, fits)), Event::MfaReset(_))
    };
    assert!(allowed(&command, true), "by the display name or an address");
    command.documented.words.requester_name = Some("PAT".to_owned());
    assert!(allowed(&command, false), "by the user name");
    command.documented.words.requester_name = Some("Joe".to_owned());
    command.documented.words.text = Some("Joe is what Pat was christened".to_owned());
    assert!(allowed(&command, false), "it is said how the two are one");

    let stale = Evidence::Requester { personal: AnnexId::from_bytes([9; 16]), fits: true };
    command.documented.words.text = None;
    let outcome = world.decide(&performer, &Attempt::of(command).with(stale));
    assert_eq!(outcome, Err(Undecided::StaleEvidence), "the names have changed since");
}

#[test]
fn the_step_up_lasts_as_long_as_the_policy_says_to_the_second() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    let proof = world.fresh_code(id(&performer));
    world.verify(&performer, proof);
    let command = world.reset_of(target);
    let verified = world.now;
    world.now = verified.plus_seconds(15 * 60 - 2);
    let event = world.clone().run(&performer, Attempt::of(command.clone()));
    assert!(matches!(event, Event::MfaReset(_)));
    world.now = verified.plus_seconds(15 * 60 - 1);
    world.refuses(&performer, Attempt::of(command), RefusalCode::StepUpRequired);
}

#[test]
fn a_code_proved_in_another_session_is_no_step_up_in_this_one() {
    let mut world = World::new();
    let first = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    world.wait_minutes(16);
    world.log_in_with_code(id(&first));
    let command = world.reset_of(target);
    world.refuses(&first, Attempt::of(command), RefusalCode::StepUpRequired);
}

#[test]
fn a_target_is_reset_no_oftener_than_the_policy_says_and_the_refusal_names_the_moment() {
    let mut world = World::new();
    world.settings(ChangeSettings { resets_per_target_per_day: Some(2), ..ChangeSettings::default() });
    let target = id(&world.person("joe", "general-staff"));
    let mut first = None;
    for name in ["jane", "jim"] {
        let performer = world.enrolled(name, "help-desk");
        let session = world.log_in(target);
        world.enroll(&session);
        world.reset(&performer, target);
        first = first.or(Some(world.now));
    }
    let session = world.log_in(target);
    world.enroll(&session);
    let performer = world.enrolled("jill", "help-desk");
    let command = world.reset_of(target);
    let refused = world.refusal(&performer, Attempt::of(command));
    assert_eq!(refused.code, RefusalCode::ResetRateLimited);
    let retry_at = refused.retry_at.expect("a moment");
    assert_eq!(Some(retry_at), first.map(|at| at.plus_hours(24)));
    world.now = retry_at.plus_seconds(-60);
    let performer = world.log_in_with_code(id(&performer));
    world.now = retry_at.plus_seconds(-1);
    let event = world.run(&performer, Attempt::of(world.reset_of(target)));
    assert!(matches!(event, Event::MfaReset(_)), "{event:?}");
}

#[test]
fn a_session_that_ended_decides_nothing_whatever_else_is_wrong() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    world.run(&performer, Attempt::of(RevokeSessions { administrator: id(&performer) }));
    let command = Attempt::of(world.reset_of(target));
    assert_eq!(world.decide(&performer, &command), Err(Undecided::Unauthenticated));
    world.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() });
    assert_eq!(world.decide(&performer, &command), Err(Undecided::Unauthenticated));
}

#[test]
fn somebody_elses_session_does_not_speak_for_the_caller() {
    let mut world = World::new();
    let jane = world.enrolled("jane", "help-desk");
    let joe = world.enrolled("joe", "general-staff");
    let Caller::Session { session, .. } = joe else { panic!("a session") };
    let forged = Caller::Session { administrator: id(&jane), session };
    let command = Attempt::of(world.reset_of(id(&joe)));
    assert_eq!(world.decide(&forged, &command), Err(Undecided::Unauthenticated));
}

fn deactivate(administrator: mfa_ledger_schemas::AdministratorId) -> Attempt {
    Attempt::of(DeactivateAdministrator { administrator, note: None })
}

fn reactivate(administrator: mfa_ledger_schemas::AdministratorId) -> Attempt {
    Attempt::of(ReactivateAdministrator { administrator, note: None })
}

fn assign(administrator: mfa_ledger_schemas::AdministratorId, role: &str) -> Attempt {
    Attempt::of(AssignRole { administrator, role: role.parse().expect("a role id") })
}

fn promote(administrator: mfa_ledger_schemas::AdministratorId, super_administrator: bool) -> Attempt {
    let super_administrator = Some(super_administrator);
    Attempt::of(ChangeAdministrator {
        administrator,
        user_name: None,
        super_administrator,
        display_name: None,
        emails: None,
    })
}
