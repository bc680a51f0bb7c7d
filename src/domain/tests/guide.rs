//! The guide's troubleshooting entries and promises, a sentence each.

use mfa_ledger_schemas::{
    Event, Factor, FactorFailure, LogInFailure, MfaStatus, Outcome, Permission, RedFlag, RefusalCode,
    SessionStage,
};

use crate::policy::{self, Right};
use mfa_ledger_projections::{ActivityFilter, Order};

use super::attempt::Attempt;
use super::world::{OFFICE, World, id, operator};
use crate::Caller;
use crate::command::{ChangeSettings, DeactivateAdministrator, ReportSuspiciousRequest, ResetPassword};

fn house() -> (World, Caller, Caller) {
    let mut world = World::new();
    let jane = world.enrolled("jane", "help-desk");
    let joe = world.enrolled("joe", "general-staff");
    (world, jane, joe)
}

fn refuses(world: &mut World, caller: &Caller, target: &Caller, code: RefusalCode) {
    let command = world.reset_of(id(target));
    world.refuses(caller, Attempt::of(command), code);
}

// "I don't see the Reset MFA button"

#[test]
fn no_button_verify_you_have_the_permission() {
    let (mut world, _, joe) = house();
    let clerk = world.enrolled("clerk", "general-staff");
    let sees = policy::may(&world.state, &clerk, Right::Permission(Permission::ManageMfa), world.now);
    assert_eq!(sees, Err(Some(RefusalCode::PermissionDenied)));
    refuses(&mut world, &clerk, &joe, RefusalCode::PermissionDenied);
}

#[test]
fn no_button_check_that_mfa_is_enabled_system_wide() {
    let (mut world, jane, joe) = house();
    world.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() });
    refuses(&mut world, &jane, &joe, RefusalCode::MfaNotAvailable);
}

#[test]
fn no_button_you_can_only_reset_it_if_it_is_active() {
    let (mut world, jane, _) = house();
    let plain = world.person("plain", "general-staff");
    refuses(&mut world, &jane, &plain, RefusalCode::MfaNotEnabled);
}

// "The reset didn't work - user still can't log in"

#[test]
fn still_cannot_log_in_the_activity_log_tells_whether_the_reset_was_done() {
    let (mut world, jane, joe) = house();
    let mut command = world.reset_of(id(&joe));
    command.confirmation = None;
    world.refuses(&jane, Attempt::of(command), RefusalCode::ConfirmationRequired);
    let shown = |world: &World, action: &str| {
        let filter = ActivityFilter {
            actions: vec![action.to_owned()],
            target: Some("joe".to_owned()),
            ..ActivityFilter::default()
        };
        world.state.activity.page(&filter, Order::Descending, None, 10).positions
    };
    assert_eq!((shown(&world, "mfa.reset").len(), shown(&world, "mfa.reset_refused").len()), (0, 1));
    world.reset(&jane, id(&joe));
    let done = shown(&world, "mfa.reset");
    assert_eq!(done, [world.state.position()]);
    let entry = world.state.activity.at(done[0]).expect("shown");
    assert_eq!((&*entry.actor_name, entry.outcome, entry.void), ("jane", Outcome::Success, false));
}

#[test]
fn still_cannot_log_in_a_wrong_password_a_disabled_account_and_an_expired_password_are_told_apart() {
    let (mut world, jane, joe) = house();
    world.reset(&jane, id(&joe));
    let cause = |event: Event| match event {
        Event::LogInFailed(failed) => failed.cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(cause(world.try_log_in(id(&joe), false, Some(OFFICE))), LogInFailure::WrongPassword);
    let mut disabled = world.clone();
    let command = DeactivateAdministrator { administrator: id(&joe), note: None };
    disabled.run(&operator(), Attempt::of(command));
    assert_eq!(cause(disabled.try_log_in(id(&joe), true, Some(OFFICE))), LogInFailure::Inactive);
    world.wait_hours(73);
    assert_eq!(cause(world.try_log_in(id(&joe), true, Some(OFFICE))), LogInFailure::PasswordExpired);
    let command = ResetPassword { administrator: id(&joe) };
    world.run(&operator(), Attempt::of(command));
    let event = world.try_log_in(id(&joe), true, Some(OFFICE));
    assert!(matches!(event, Event::SessionStarted(_)), "try resetting the password as well: {event:?}");
}

// "User keeps getting locked out after re-enrolling"

#[test]
fn locked_out_again_the_record_says_how_far_the_devices_clock_is_off() {
    let (mut world, jane, joe) = house();
    world.reset(&jane, id(&joe));
    let session = world.log_in(id(&joe));
    world.enroll(&session);
    let session = world.log_in(id(&joe));
    let credential = world.it(id(&joe)).mfa.enrolled.as_ref().expect("enrolled").credential;
    let proof = super::attempt::FactorProof::totp(credential, None, Some(-8));
    let Event::SecondFactorFailed(failed) = world.verify(&session, proof) else { panic!("failed") };
    assert_eq!((failed.cause, failed.drift_steps), (FactorFailure::WrongCode, Some(-8)), "4 minutes slow");
}

#[test]
fn locked_out_again_the_records_tell_backup_codes_from_codes_of_the_app() {
    let (mut world, _, joe) = house();
    let session = world.log_in(id(&joe));
    let paper = world.backup_code(id(&joe), None);
    let Event::SecondFactorFailed(failed) = world.verify(&session, paper) else { panic!("failed") };
    assert_eq!(failed.factor, Factor::BackupCode);
    let paper = world.backup_code(id(&joe), Some(0));
    world.verify(&session, paper);
    assert_eq!(world.it(id(&joe)).last_used.map(|(factor, _)| factor), Some(Factor::BackupCode));
}

// "Can't reset MFA for certain administrators"

#[test]
fn not_this_one_only_a_super_admin_resets_super_administrators() {
    let (mut world, jane, _) = house();
    let root = world.super_administrator("root");
    let boss = world.super_administrator("boss");
    refuses(&mut world, &jane, &boss, RefusalCode::SuperAdminRequired);
    world.reset(&root, id(&boss));
}

#[test]
fn not_this_one_the_user_must_exist_and_be_active() {
    let (mut world, jane, joe) = house();
    let ghost = world.id(mfa_ledger_schemas::AdministratorId::from_bytes);
    let command = world.reset_of(ghost);
    world.refuses(&jane, Attempt::of(command), RefusalCode::AdministratorNotFound);
    let command = DeactivateAdministrator { administrator: id(&joe), note: None };
    world.run(&operator(), Attempt::of(command));
    refuses(&mut world, &jane, &joe, RefusalCode::AdministratorInactive);
}

// "What Happens During a Reset"

#[test]
fn after_a_reset_the_administrator_logs_in_without_mfa_if_it_is_not_required() {
    let (mut world, jane, joe) = house();
    assert_eq!(world.it(id(&joe)).mfa.status(world.now), MfaStatus::Enabled);
    world.reset(&jane, id(&joe));
    assert_eq!(world.it(id(&joe)).mfa.status(world.now), MfaStatus::NotEnabled);
    let Event::SessionStarted(event) = world.try_log_in(id(&joe), true, Some(OFFICE)) else { panic!("in") };
    assert_eq!(event.stage, SessionStage::Done);
}

// "If you suspect an attack"

#[test]
fn a_suspicious_request_is_documented_with_its_red_flags_and_nothing_is_reset() {
    let (mut world, jane, joe) = house();
    let flags = [
        RedFlag::UrgentOutsideBusinessHours,
        RedFlag::UnusualChannel,
        RedFlag::FailedSecurityQuestions,
        RedFlag::RepeatedRequests,
        RedFlag::UnusualStyle,
    ];
    let command = ReportSuspiciousRequest {
        administrator: Some(id(&joe)),
        reset_request: None,
        red_flags: flags.into(),
        description: None,
    };
    let event = world.run(&jane, Attempt::of(command));
    let Event::SuspiciousRequestReported(event) = event else { panic!("{event:?}") };
    assert_eq!(event.red_flags, flags);
    assert_eq!(world.it(id(&joe)).mfa.status(world.now), MfaStatus::Enabled);
}

// "Monitoring MFA Resets"

#[test]
fn resets_of_one_administrator_and_by_one_performer_are_found_in_the_activity_log() {
    let (mut world, jane, joe) = house();
    for _ in 0..2 {
        world.reset(&jane, id(&joe));
        let session = world.log_in(id(&joe));
        world.enroll(&session);
    }
    let count = |filter: ActivityFilter| {
        let filter = ActivityFilter { actions: vec!["mfa.reset".to_owned()], ..filter };
        world.state.activity.page(&filter, Order::Descending, None, 10).positions.len()
    };
    assert_eq!(count(ActivityFilter { target: Some("joe".to_owned()), ..ActivityFilter::default() }), 2);
    assert_eq!(count(ActivityFilter { actor: Some(id(&jane).to_string()), ..ActivityFilter::default() }), 2);
    assert_eq!(count(ActivityFilter { actor: Some("joe".to_owned()), ..ActivityFilter::default() }), 0);
    assert_eq!(count(ActivityFilter { ticket: Some("HD-1".to_owned()), ..ActivityFilter::default() }), 2);
    assert_eq!(count(ActivityFilter { since: Some(world.now), ..ActivityFilter::default() }), 0);
    assert_eq!(world.it(id(&joe)).recent_resets.len(), 2);
    assert_eq!(world.it(id(&jane)).recent_resets_of_others.len(), 2);
}
