//! `If-Match`: a change is refused when its target has moved since the caller looked.

use mfa_ledger_schemas::{Event, Position, RefusalCode};

use super::attempt::Attempt;
use super::world::{World, id, operator};
use crate::Caller;
use crate::command::{AssignRole, ChangeSettings, DeactivateAdministrator, DefineRole, EnrollMfa};

fn event(world: &World, caller: &Caller, command: &Attempt, expected: Position) -> Event {
    world.decide(caller, &command.clone().expecting(expected)).expect("decided").event
}

fn refusal(event: &Event) -> Option<RefusalCode> {
    match event {
        Event::CommandRefused(refused) => Some(refused.code),
        _ => None,
    }
}

fn deactivate(administrator: mfa_ledger_schemas::AdministratorId) -> Attempt {
    Attempt::of(DeactivateAdministrator { administrator, note: None })
}

#[test]
fn an_administrators_version_moves_with_the_account_and_its_mfa_and_not_with_log_ins() {
    let mut world = World::new();
    let joe = world.register("joe", "general-staff", false);
    let seen = world.it(joe).version;
    let session = world.log_in(joe);
    world.try_log_in(joe, false, None);
    world.refuses(&session, deactivate(joe), RefusalCode::PermissionDenied);
    assert_eq!(world.it(joe).version, seen);
    assert_eq!(refusal(&event(&world, &operator(), &deactivate(joe), seen)), None);
    let assign = AssignRole { administrator: joe, role: "auditor".parse().expect("id") };
    world.run(&operator(), Attempt::of(assign));
    let mismatch = Some(RefusalCode::VersionMismatch);
    assert_eq!(refusal(&event(&world, &operator(), &deactivate(joe), seen)), mismatch);
    let seen = world.it(joe).version;
    world.run(&session, Attempt::of(EnrollMfa));
    assert_eq!(refusal(&event(&world, &operator(), &deactivate(joe), seen)), mismatch);
}

#[test]
fn roles_and_settings_have_versions_of_their_own() {
    let mut world = World::new();
    let root = world.super_administrator("root");
    let role = world.state.directory.role(&"auditor".parse().expect("id")).expect("a preset").clone();
    let define = Attempt::of(DefineRole {
        role: role.id,
        name: role.name,
        permissions: role.permissions,
        mfa_required: true,
    });
    let change = Attempt::of(ChangeSettings::default());
    let settings = world.state.directory.settings_version();
    assert_eq!(refusal(&event(&world, &root, &define, role.version)), None);
    assert_eq!(refusal(&event(&world, &root, &change, settings)), None);
    world.run(&root, define.clone());
    world.run(&root, change.clone());
    for (command, seen) in [(&define, role.version), (&change, settings)] {
        let event = event(&world, &root, command, seen);
        assert_eq!(refusal(&event), Some(RefusalCode::VersionMismatch));
    }
}

#[test]
fn whoever_may_not_is_told_so_and_nothing_about_versions() {
    let mut world = World::new();
    let joe = id(&world.person("joe", "general-staff"));
    let clerk = world.person("clerk", "general-staff");
    for seen in [world.it(joe).version, Position(1)] {
        let event = event(&world, &clerk, &deactivate(joe), seen);
        assert_eq!(refusal(&event), Some(RefusalCode::PermissionDenied));
    }
}

#[test]
fn a_moved_target_comes_before_what_has_become_of_it() {
    let mut world = World::new();
    let joe = id(&world.person("joe", "general-staff"));
    let seen = world.it(joe).version;
    world.run(&operator(), deactivate(joe));
    let event = event(&world, &operator(), &deactivate(joe), seen);
    assert_eq!(refusal(&event), Some(RefusalCode::VersionMismatch));
}
