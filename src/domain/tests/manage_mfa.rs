//! What `manage-mfa` does not allow, and what it does; the guide's "Permission Details".

use std::collections::BTreeSet;

use mfa_ledger_schemas::{Event, Permission, RefusalCode};

use crate::policy::{self, Right};

use super::attempt::Attempt;
use super::world::{World, id, operator};
use crate::Caller;
use crate::command::{AssignRole, ChangeSettings, DefineRole};

fn house() -> (World, Caller) {
    let mut world = World::new();
    let role = DefineRole {
        role: "only-mfa".parse().expect("a role id"),
        name: "Only MFA".to_owned(),
        permissions: [Permission::ManageMfa].into(),
        mfa_required: false,
    };
    world.run(&operator(), Attempt::of(role));
    let jane = world.enrolled("jane", "only-mfa");
    (world, jane)
}

fn define(world: &World, role: &str, change: impl FnOnce(&mut DefineRole)) -> Attempt {
    let before = world.state.directory.role(&role.parse().expect("id")).expect("defined").clone();
    let mut command = DefineRole {
        role: before.id,
        name: before.name,
        permissions: before.permissions,
        mfa_required: before.mfa_required,
    };
    change(&mut command);
    Attempt::of(command)
}

#[test]
fn it_does_not_switch_mfa_off_system_wide() {
    let (mut world, jane) = house();
    for change in [
        ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() },
        ChangeSettings { issuer: Some("other".to_owned()), ..ChangeSettings::default() },
        ChangeSettings::default(),
    ] {
        world.refuses(&jane, Attempt::of(change), RefusalCode::PermissionDenied);
    }
}

#[test]
fn it_does_not_get_anybody_past_a_requirement() {
    let (mut world, jane) = house();
    let joe = world.enrolled("joe", "general-staff");
    let off = ChangeSettings { mfa_required_for_all: Some(false), ..ChangeSettings::default() };
    world.settings(ChangeSettings { mfa_required_for_all: Some(true), ..ChangeSettings::default() });
    world.refuses(&jane, Attempt::of(off), RefusalCode::PermissionDenied);
    let optional = define(&world, "general-staff", |role| role.mfa_required = false);
    world.refuses(&jane, optional, RefusalCode::PermissionDenied);
    let away = AssignRole { administrator: id(&joe), role: "auditor".parse().expect("id") };
    world.refuses(&jane, Attempt::of(away), RefusalCode::PermissionDenied);
    // And a reset is no bypass: whoever must use MFA can only enroll afterwards.
    assert!(world.reset(&jane, id(&joe)).must_enroll);
    let session = world.log_in(id(&joe));
    world.refuses(&session, Attempt::of(ChangeSettings::default()), RefusalCode::EnrollmentRequired);
    // Its holder is bound by the requirement as well.
    let bare = world.person("jim", "only-mfa");
    let command = Attempt::of(world.reset_of(id(&jane)));
    world.refuses(&bare, command, RefusalCode::EnrollmentRequired);
}

#[test]
fn it_does_not_force_enrollment_for_a_role_or_for_all() {
    let (mut world, jane) = house();
    let forced = define(&world, "general-staff", |role| role.mfa_required = true);
    world.refuses(&jane, forced, RefusalCode::PermissionDenied);
    let all = ChangeSettings { mfa_required_for_all: Some(true), ..ChangeSettings::default() };
    world.refuses(&jane, Attempt::of(all), RefusalCode::PermissionDenied);
}

#[test]
fn it_shows_no_codes_and_no_secrets() {
    let (mut world, jane) = house();
    let joe = world.enrolled("joe", "general-staff");
    let code = world.backup_code(id(&joe), Some(2));
    world.verify(&joe, code);
    // All that a decision, a record and the whole folded state know is where a secret lies and how many
    // codes are left: ids, indexes and counts. Nothing in them could be typed into an authenticator.
    let event = world.reset(&jane, id(&joe));
    assert_eq!(event.backup_codes_left, 9);
    let body: serde_json::Value =
        Event::from(event).serialize_body(serde_json::value::Serializer).expect("JSON");
    let object = body.as_object().expect("an object");
    for (name, value) in object {
        let about_secrets = name.contains("code") || name.contains("credential");
        let harmless = value.is_u64() || value.as_str().is_some_and(|text| text.starts_with("crd_"));
        assert!(!about_secrets || harmless, "{name}: {value}");
    }
}

#[test]
fn it_lets_its_holder_see_the_status_of_all_and_reset_others() {
    let (mut world, jane) = house();
    let joe = id(&world.enrolled("joe", "general-staff"));
    let clerk = world.person("clerk", "general-staff");
    let right = Right::Permission(Permission::ManageMfa);
    assert_eq!(policy::may(&world.state, &jane, right, world.now), Ok(()));
    assert_eq!(policy::may(&world.state, &clerk, right, world.now), Err(Some(RefusalCode::PermissionDenied)));
    world.reset(&jane, joe);
}

#[test]
fn it_opens_no_other_door() {
    let (world, jane) = house();
    for permission in Permission::ALL.iter().copied() {
        let allowed = policy::may(&world.state, &jane, Right::Permission(permission), world.now).is_ok();
        assert_eq!(allowed, permission == Permission::ManageMfa, "{permission}");
    }
}

#[test]
fn taking_it_away_acts_at_once_on_open_sessions() {
    let (mut world, jane) = house();
    let joe = id(&world.enrolled("joe", "general-staff"));
    let without = define(&world, "only-mfa", |role| role.permissions = BTreeSet::new());
    world.run(&operator(), without);
    let command = Attempt::of(world.reset_of(joe));
    world.refuses(&jane, command, RefusalCode::PermissionDenied);
}

#[test]
fn queries_ask_the_same_questions_as_commands() {
    let (mut world, jane) = house();
    let right = Right::Permission(Permission::ManageMfa);
    let waiting = world.log_in(id(&jane));
    for (right, answer) in [
        (right, Err(Some(RefusalCode::SecondFactorRequired))),
        (Right::OwnProfile, Err(Some(RefusalCode::SecondFactorRequired))),
        (Right::Signed, Err(Some(RefusalCode::SecondFactorRequired))),
        (Right::OwnSession, Ok(())),
    ] {
        assert_eq!(policy::may(&world.state, &waiting, right, world.now), answer, "{right:?}");
    }
    world.settings(ChangeSettings { mfa_required_for_all: Some(true), ..ChangeSettings::default() });
    let newcomer = world.person("jim", "only-mfa");
    for (right, answer) in [
        (right, Err(Some(RefusalCode::EnrollmentRequired))),
        (Right::Signed, Err(Some(RefusalCode::EnrollmentRequired))),
        (Right::OwnProfile, Ok(())),
        (Right::OwnSession, Ok(())),
    ] {
        assert_eq!(policy::may(&world.state, &newcomer, right, world.now), answer, "{right:?}");
    }
    let Caller::Session { session, .. } = newcomer else { panic!("a session") };
    let forged = Caller::Session { administrator: id(&jane), session };
    assert_eq!(policy::may(&world.state, &forged, Right::OwnSession, world.now), Err(None));
    assert_eq!(policy::may(&world.state, &Caller::Anonymous, Right::OwnSession, world.now), Err(None));
    world.wait_hours(13);
    assert_eq!(policy::may(&world.state, &jane, right, world.now), Err(None), "the session is over");
}

#[test]
fn the_presets_give_it_to_those_whom_the_guide_recommends_and_to_nobody_else() {
    let world = World::new();
    let holders: Vec<_> = world
        .state
        .directory
        .roles()
        .filter(|role| role.permissions.contains(&Permission::ManageMfa))
        .map(|role| &*role.name)
        .collect();
    assert_eq!(holders, ["Help Desk", "IT Administrator", "Security Officer", "System Administrator"]);
    assert_eq!(Permission::ManageMfa.name(), "manage-mfa");
    assert_eq!(Permission::ManageMfa.display_name(), "Manage Multi-Factor Authentication");
    assert_eq!(Permission::ManageMfa.category(), "Settings");
}
