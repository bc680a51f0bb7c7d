//! After a reset, and instead of one: suspicious reports, follow-ups, repudiation.

use mfa_ledger_schemas::{
    AdministratorId, Event, LogInFailure, NotificationChannel, Position, RedFlag, RefusalCode,
};

use crate::account::WATCHDOG;

use super::attempt::Attempt;
use super::world::{OFFICE, World, id, operator};
use crate::Caller;
use crate::command::{
    DeactivateAdministrator, ReactivateAdministrator, RecordFollowUp, ReportSuspiciousRequest, RepudiateReset,
};

fn repudiate(reset: Position) -> Attempt {
    Attempt::of(RepudiateReset { reset, note: Some("they called".to_owned()) })
}

fn report(administrator: Option<AdministratorId>) -> Attempt {
    Attempt::of(ReportSuspiciousRequest {
        administrator,
        reset_request: None,
        red_flags: RedFlag::ALL.iter().copied().collect(),
        description: None,
    })
}

/// A reset, and its position.
fn reset(world: &mut World) -> (Caller, AdministratorId, Position) {
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    world.reset(&performer, target);
    let position = world.state.position();
    (performer, target, position)
}

#[test]
fn a_request_that_never_was_filed_can_be_reported() {
    let mut world = World::new();
    let jane = world.person("jane", "help-desk");
    let joe = id(&world.enrolled("joe", "general-staff"));
    let event = world.run(&jane, report(Some(joe)));
    let Event::SuspiciousRequestReported(event) = event else { panic!("{event:?}") };
    assert_eq!((event.administrator, event.red_flags.len()), (joe, RedFlag::ALL.len()));
    assert!(world.it(joe).mfa.enrolled.is_some(), "nothing is reset");
    let ghost = world.id(AdministratorId::from_bytes);
    for nobody in [None, Some(ghost)] {
        world.refuses(&jane, report(nobody), RefusalCode::AdministratorNotFound);
    }
    let clerk = world.person("clerk", "general-staff");
    world.refuses(&clerk, report(Some(joe)), RefusalCode::PermissionDenied);
}

#[test]
fn what_was_done_after_a_reset_stands_with_it() {
    let mut world = World::new();
    let (performer, target, position) = reset(&mut world);
    let notified = Some(NotificationChannel::Phone);
    let command = RecordFollowUp { reset: position, notified, note: Some("called".to_owned()) };
    let event = world.run(&performer, Attempt::of(command).sealed());
    let Event::FollowUpRecorded(event) = event else { panic!("{event:?}") };
    let story = world.state.resets.at(position).expect("known");
    let follow_up = story.follow_ups.first().expect("recorded");
    assert_eq!((follow_up.notified, &*follow_up.actor), (notified, "jane"));
    assert_eq!(follow_up.note, Some(event.note.expect("sealed").id));
    assert_eq!(story.target.administrator, target);
    let command = RecordFollowUp { reset: Position(1), notified, note: None };
    world.refuses(&performer, Attempt::of(command), RefusalCode::ResetNotFound);
}

#[test]
fn this_was_not_me_freezes_the_account_and_ends_its_sessions_until_somebody_gives_it_back() {
    let mut world = World::new();
    let (_, target, position) = reset(&mut world);
    world.log_in(target);
    let session = world.log_in(target);
    let Event::ResetRepudiated(event) = world.run(&session, repudiate(position)) else {
        panic!("repudiated")
    };
    assert_eq!((event.frozen, event.sessions_ended), (true, 2));
    assert!(world.it(target).frozen && world.it(target).sessions.is_empty());
    let Event::LogInFailed(failed) = world.try_log_in(target, true, Some(OFFICE)) else { panic!("failed") };
    assert_eq!(failed.cause, LogInFailure::Frozen);
    let command = ReactivateAdministrator { administrator: target, note: Some("spoken to".to_owned()) };
    let event = world.run(&operator(), Attempt::of(command.clone()));
    let Event::AdministratorReactivated(event) = event else { panic!("{event:?}") };
    assert!(event.was_frozen);
    world.log_in(target);
    world.refuses(&operator(), Attempt::of(command), RefusalCode::AlreadyActive);
}

#[test]
fn a_reset_is_repudiated_once_by_its_target_or_by_who_may_reset() {
    let mut world = World::new();
    let (performer, _, position) = reset(&mut world);
    let clerk = world.person("clerk", "general-staff");
    world.refuses(&clerk, repudiate(position), RefusalCode::PermissionDenied);
    world.refuses(&Caller::Anonymous, repudiate(position), RefusalCode::PermissionDenied);
    world.refuses(&performer, repudiate(Position(1)), RefusalCode::ResetNotFound);
    assert!(matches!(world.run(&performer, repudiate(position)), Event::ResetRepudiated(_)));
    world.refuses(&performer, repudiate(position), RefusalCode::AlreadyRepudiated);
}

#[test]
fn repudiation_is_no_weapon_against_super_administrators() {
    let mut world = World::new();
    let root = world.super_administrator("root");
    let boss = id(&world.super_administrator("boss"));
    world.reset(&root, boss);
    let position = world.state.position();
    let jane = world.enrolled("jane", "help-desk");
    world.refuses(&jane, repudiate(position), RefusalCode::SuperAdminRequired);
    let Event::ResetRepudiated(event) = world.run(&root, repudiate(position)) else { panic!("repudiated") };
    assert!(event.frozen);
}

#[test]
fn the_last_super_administrator_is_never_frozen() {
    let mut world = World::new();
    let root = world.super_administrator("root");
    let event = world.reset(&operator(), id(&root));
    assert!(event.break_glass);
    let position = world.state.position();
    let session = world.log_in(id(&root));
    let Event::ResetRepudiated(event) = world.run(&session, repudiate(position)) else {
        panic!("repudiated")
    };
    assert!(!event.frozen);
    assert!(world.it(id(&root)).can_log_in());
    world.log_in(id(&root));
}

#[test]
fn whoever_is_made_to_enroll_can_still_say_it_was_not_them() {
    let mut world = World::new();
    let (_, target, position) = reset(&mut world);
    world.settings(crate::command::ChangeSettings {
        mfa_required_for_all: Some(true),
        ..crate::command::ChangeSettings::default()
    });
    let session = world.log_in(target);
    assert!(matches!(world.run(&session, repudiate(position)), Event::ResetRepudiated(_)));
}

#[test]
fn the_watchdog_deactivates_whoever_was_reset_and_nobody_else() {
    let mut world = World::new();
    let (_, target, _) = reset(&mut world);
    let deactivate = |administrator| Attempt::of(DeactivateAdministrator { administrator, note: None });
    let watchdog = Caller::System(WATCHDOG);
    let other = id(&world.enrolled("ann", "general-staff"));
    let never = id(&world.person("bob", "general-staff"));
    for untouched in [other, never] {
        world.refuses(&watchdog, deactivate(untouched), RefusalCode::PermissionDenied);
    }
    world.refuses(&Caller::System("notify"), deactivate(target), RefusalCode::PermissionDenied);
    let event = world.run(&watchdog, deactivate(target));
    assert!(matches!(event, Event::AdministratorDeactivated(_)), "{event:?}");
    assert!(!world.it(target).active);
    world.refuses(&watchdog, deactivate(target), RefusalCode::AdministratorInactive);
    let story = world.state.resets.open_of(target).expect("still open");
    assert!(story.deactivated.is_some());
}

#[test]
fn the_watchdog_leaves_the_last_super_administrator_alone() {
    let mut world = World::new();
    let ada = id(&world.super_administrator("ada"));
    world.reset(&operator(), ada);
    let command = DeactivateAdministrator { administrator: ada, note: None };
    let watchdog = Caller::System(WATCHDOG);
    world.refuses(&watchdog, Attempt::of(command), RefusalCode::LastSuperAdmin);
    assert!(world.it(ada).active);
}
