//! Accounts and roles: nobody gives what they do not have, nobody touches those above, somebody stays.

use mfa_ledger_schemas::{AdministratorId, Event, Permission, Personal, RefusalCode};

use super::attempt::{Attempt, typed};
use super::world::{World, id, operator};
use crate::command::{
    AssignRole, ChangeAdministrator, DeactivateAdministrator, DefineRole, ErasePersonalData, LogOut,
    ReactivateAdministrator, RegisterAdministrator, RehashPassword, ResetPassword, RevokeSessions,
    SetPassword,
};
use crate::{Caller, Evidence, Undecided};

/// A role of just these permissions, and somebody who holds it.
fn holder(world: &mut World, name: &str, permissions: &[Permission]) -> Caller {
    let command = DefineRole {
        role: name.parse().expect("a role id"),
        name: name.to_owned(),
        permissions: permissions.iter().copied().collect(),
        mfa_required: false,
    };
    world.run(&operator(), Attempt::of(command));
    world.enrolled(name, name)
}

fn registration(user_name: &str, role: &str, super_administrator: bool) -> Attempt {
    Attempt::of(RegisterAdministrator {
        user_name: user_name.to_owned(),
        role: role.parse().expect("a role id"),
        super_administrator,
        personal: Personal::default(),
    })
}

fn change(administrator: AdministratorId, name: Option<&str>, super_administrator: Option<bool>) -> Attempt {
    let user_name = name.map(str::to_owned);
    Attempt::of(ChangeAdministrator {
        administrator,
        user_name,
        super_administrator,
        display_name: None,
        emails: None,
    })
}

fn assign(administrator: AdministratorId, role: &str) -> Attempt {
    Attempt::of(AssignRole { administrator, role: role.parse().expect("a role id") })
}

fn deactivate(administrator: AdministratorId) -> Attempt {
    Attempt::of(DeactivateAdministrator { administrator, note: None })
}

fn reset_password(administrator: AdministratorId) -> Attempt {
    Attempt::of(ResetPassword { administrator })
}

#[test]
fn registering_takes_the_permission_a_known_role_a_free_name_and_no_more_than_one_holds() {
    let mut world = World::new();
    let hr = holder(&mut world, "hr", &[Permission::ManageAdministrators]);
    let clerk = world.person("clerk", "general-staff");
    for (caller, name, role, rank, code) in [
        (&clerk, "new", "general-staff", false, RefusalCode::PermissionDenied),
        (&hr, "new", "general-staff", true, RefusalCode::SuperAdminRequired),
        (&hr, "new", "no-such-role", false, RefusalCode::RoleNotFound),
        (&hr, "new", "help-desk", false, RefusalCode::PrivilegeTooHigh),
        (&hr, "CLERK", "general-staff", false, RefusalCode::UserNameTaken),
    ] {
        let command = registration(name, role, rank);
        world.refuses(caller, command, code);
    }
    let command = registration("new", "general-staff", false);
    assert!(matches!(world.run(&hr, command), Event::AdministratorRegistered(_)));
    let root = world.super_administrator("root");
    let command = registration("boss", "system-administrator", true);
    assert!(matches!(world.run(&root, command), Event::AdministratorRegistered(_)));
}

#[test]
fn a_role_is_given_no_more_than_the_giver_holds_and_never_to_oneself() {
    let mut world = World::new();
    let chief = holder(&mut world, "chief", &[Permission::ManageRoles, Permission::ViewActivity]);
    let joe = id(&world.person("joe", "general-staff"));
    world.refuses(&chief, assign(id(&chief), "general-staff"), RefusalCode::SelfRoleChange);
    world.refuses(&chief, assign(joe, "help-desk"), RefusalCode::PrivilegeTooHigh);
    world.refuses(&chief, assign(joe, "no-such-role"), RefusalCode::RoleNotFound);
    assert!(matches!(world.run(&chief, assign(joe, "chief")), Event::RoleAssigned(_)));
    let root = world.super_administrator("root");
    world.refuses(&chief, assign(id(&root), "general-staff"), RefusalCode::SuperAdminRequired);
    assert!(matches!(world.run(&root, assign(id(&root), "auditor")), Event::RoleAssigned(_)));
    let Event::RoleAssigned(event) = world.run(&root, assign(joe, "help-desk")) else { panic!("assigned") };
    assert_eq!((event.previous.as_str(), event.role.as_str()), ("chief", "help-desk"));
}

#[test]
fn a_role_is_defined_with_no_more_than_one_holds_and_loses_no_more() {
    let mut world = World::new();
    let chief = holder(&mut world, "chief", &[Permission::ManageRoles]);
    let define = |role: &str, permissions: &[Permission]| {
        Attempt::of(DefineRole {
            role: role.parse().expect("a role id"),
            name: role.to_owned(),
            permissions: permissions.iter().copied().collect(),
            mfa_required: false,
        })
    };
    let own = &[Permission::ManageRoles, Permission::ManageSettings];
    world.refuses(&chief, define("chief", own), RefusalCode::PrivilegeTooHigh);
    world.refuses(&chief, define("new", &[Permission::ManageMfa]), RefusalCode::PrivilegeTooHigh);
    // What is taken away is somebody's too.
    world.refuses(&chief, define("help-desk", &[Permission::ManageRoles]), RefusalCode::PrivilegeTooHigh);
    let root = world.super_administrator("root");
    let Event::RoleDefined(event) = world.run(&root, define("help-desk", &[Permission::ManageRoles])) else {
        panic!("defined")
    };
    assert_eq!(event.granted, [Permission::ManageRoles]);
    assert_eq!(event.withdrawn, [Permission::ManageMfa]);
}

#[test]
fn only_super_administrators_touch_super_administrators() {
    let mut world = World::new();
    let hr = holder(&mut world, "hr", Permission::ALL);
    let root = id(&world.super_administrator("root"));
    let boss = id(&world.super_administrator("boss"));
    let password = reset_password(boss);
    world.run(&operator(), deactivate(boss));
    for command in [
        change(root, Some("new"), None),
        change(root, None, Some(false)),
        change(id(&hr), None, Some(true)),
        deactivate(root),
        password,
        assign(root, "auditor"),
        Attempt::of(RevokeSessions { administrator: root }),
        Attempt::of(ReactivateAdministrator { administrator: boss, note: None }),
        Attempt::of(ErasePersonalData { administrator: boss }),
    ] {
        world.refuses(&hr, command, RefusalCode::SuperAdminRequired);
    }
}

#[test]
fn the_last_super_administrator_is_neither_deactivated_nor_demoted() {
    let mut world = World::new();
    let root = world.super_administrator("root");
    world.refuses(&root, change(id(&root), None, Some(false)), RefusalCode::LastSuperAdmin);
    world.refuses(&root, deactivate(id(&root)), RefusalCode::SelfDeactivation);
    world.refuses(&operator(), deactivate(id(&root)), RefusalCode::LastSuperAdmin);
    let boss = id(&world.super_administrator("boss"));
    world.run(&root, deactivate(boss));
    world.refuses(&root, change(id(&root), None, Some(false)), RefusalCode::LastSuperAdmin);
    world.refuses(&root, deactivate(boss), RefusalCode::AdministratorInactive);
    let back = ReactivateAdministrator { administrator: boss, note: None };
    world.run(&root, Attempt::of(back));
    let event = world.run(&root, change(id(&root), None, Some(false)));
    assert!(matches!(event, Event::AdministratorChanged(_)));
    world.refuses(&root, change(boss, None, Some(false)), RefusalCode::PermissionDenied);
}

#[test]
fn deactivation_ends_sessions_and_log_ins() {
    let mut world = World::new();
    let hr = holder(&mut world, "hr", &[Permission::ManageAdministrators]);
    let joe = world.person("joe", "general-staff");
    let Event::AdministratorDeactivated(event) = world.run(&hr, deactivate(id(&joe))) else { panic!("done") };
    assert_eq!(event.sessions_ended, 1);
    assert_eq!(world.decide(&joe, &Attempt::of(LogOut)), Err(Undecided::Unauthenticated));
    let password = reset_password(id(&joe));
    world.refuses(&hr, password, RefusalCode::AdministratorInactive);
    world.refuses(&hr, deactivate(id(&hr)), RefusalCode::SelfDeactivation);
    let ghost = world.id(AdministratorId::from_bytes);
    world.refuses(&hr, deactivate(ghost), RefusalCode::AdministratorNotFound);
}

#[test]
fn a_user_name_changes_hands_only_when_it_is_free() {
    let mut world = World::new();
    let hr = holder(&mut world, "hr", &[Permission::ManageAdministrators]);
    let joe = world.register("josé", "general-staff", false);
    world.register("jane", "general-staff", false);
    world.refuses(&hr, change(joe, Some("JANE"), None), RefusalCode::UserNameTaken);
    world.run(&hr, change(joe, Some("JOSÉ"), None));
    assert_eq!(world.it(joe).user_name, "JOSÉ");
    world.run(&hr, change(joe, Some("joseph"), None));
    assert_eq!(world.state.directory.by_user_name("josé"), None);
    assert_eq!(world.state.directory.by_user_name("Joseph").map(|it| it.id), Some(joe));
}

#[test]
fn new_personal_data_replaces_the_old_which_is_destroyed() {
    let mut world = World::new();
    let joe = world.register("joe", "general-staff", false);
    let old = world.it(joe).personal;
    let command = ChangeAdministrator {
        administrator: joe,
        user_name: None,
        super_administrator: None,
        display_name: Some("Joe".to_owned()),
        emails: None,
    };
    let Event::AdministratorChanged(event) = world.run(&operator(), Attempt::of(command)) else {
        panic!("changed")
    };
    assert_eq!(event.replaced, old);
    let new = event.personal.expect("sealed");
    assert_eq!(world.it(joe).personal, Some(new.id));
    assert_eq!(world.it(joe).annexes.iter().copied().collect::<Vec<_>>(), [new.id]);
}

#[test]
fn erasure_takes_an_inactive_account_and_leaves_nothing_sealed() {
    let mut world = World::new();
    let hr = holder(&mut world, "hr", &[Permission::ManageAdministrators, Permission::ManageMfa]);
    let joe = world.enrolled("joe", "general-staff");
    let mut reset = world.reset_of(id(&joe));
    // A refused reset has words as well.
    reset.confirmation = None;
    world.refuses(&hr, Attempt::of(reset).sealed(), RefusalCode::ConfirmationRequired);
    let erase = || Attempt::of(ErasePersonalData { administrator: id(&joe) });
    world.refuses(&hr, erase(), RefusalCode::StillActive);
    world.run(&hr, deactivate(id(&joe)));
    let held = world.it(id(&joe)).annexes.clone();
    assert_eq!(held.len(), 2, "personal data, and the words of the story");
    let Event::PersonalDataErased(event) = world.run(&hr, erase()) else { panic!("erased") };
    assert_eq!(event.annexes, held.into_iter().collect::<Vec<_>>());
    assert_eq!((world.it(id(&joe)).personal, world.it(id(&joe)).annexes.len()), (None, 0));
    world.refuses(&hr, erase(), RefusalCode::NothingToErase);
}

#[test]
fn a_generated_password_is_given_to_others_who_hold_no_more_than_the_giver() {
    let mut world = World::new();
    let hr = holder(&mut world, "hr", &[Permission::ManageAdministrators]);
    let joe = world.person("joe", "general-staff");
    let chief = id(&world.person("chief", "help-desk"));
    for (target, code) in [(id(&hr), RefusalCode::SelfReset), (chief, RefusalCode::PrivilegeTooHigh)] {
        let command = reset_password(target);
        world.refuses(&hr, command, code);
    }
    let command = reset_password(id(&joe));
    let Event::PasswordReset(event) = world.run(&hr, command) else { panic!("reset") };
    assert_eq!((event.sessions_ended, event.expires), (1, world.now.plus_hours(72)));
    assert_eq!(world.decide(&joe, &Attempt::of(LogOut)), Err(Undecided::Unauthenticated));
    world.log_in(id(&joe));
    world.wait_hours(72);
    assert!(matches!(world.try_log_in(id(&joe), true, None), Event::LogInFailed(_)));
}

#[test]
fn ones_own_password_takes_the_current_one_and_ends_the_other_sessions() {
    let mut world = World::new();
    let joe = world.person("joe", "general-staff");
    let other = world.log_in(id(&joe));
    let credential = Some(world.it(id(&joe)).password.credential);
    let set = |fits, acceptable| {
        let new = (if acceptable { "correct horse battery" } else { "short" }).to_owned().into();
        Attempt::of(SetPassword { current: typed(), new }).with(Evidence::Password { credential, fits })
    };
    world.refuses(&joe, set(false, true), RefusalCode::WrongPassword);
    world.refuses(&joe, set(true, false), RefusalCode::PasswordUnacceptable);
    let Event::PasswordSet(event) = world.run(&joe, set(true, true)) else { panic!("set") };
    assert_eq!(event.sessions_ended, 1);
    assert_eq!(world.decide(&other, &Attempt::of(LogOut)), Err(Undecided::Unauthenticated));
    assert_eq!(world.decide(&joe, &set(true, true)), Err(Undecided::StaleEvidence));
    assert_eq!(world.it(id(&joe)).password.expires, None, "a chosen password does not run out");
}

#[test]
fn a_password_is_hashed_again_by_the_system_alone_and_stays_what_it_is() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    let joe = world.person("joe", "general-staff");
    let before = world.it(id(&joe)).clone();
    let replaced = before.password.credential;
    let rehash = || Attempt::of(RehashPassword { administrator: id(&joe), replaced, password: typed() });
    for caller in [&boss, &joe, &operator()] {
        world.refuses(caller, rehash(), RefusalCode::PermissionDenied);
    }
    let system = Caller::System("hashing");
    let Event::PasswordRehashed(event) = world.run(&system, rehash()) else { panic!("not hashed") };
    let after = world.it(id(&joe));
    assert_eq!((event.password, event.replaced), (after.password.credential, replaced));
    assert_ne!(event.password, replaced);
    assert_eq!((after.version, after.password.expires), (before.version, before.password.expires));
    assert_eq!(after.sessions, before.sessions, "nobody signs in again");
    world.refuses(&system, rehash(), RefusalCode::VersionMismatch);
}

#[test]
fn sessions_are_revoked_by_their_owner_or_by_who_manages_administrators() {
    let mut world = World::new();
    let joe = world.person("joe", "general-staff");
    let clerk = world.person("clerk", "general-staff");
    let revoke = |who: &Caller| Attempt::of(RevokeSessions { administrator: id(who) });
    world.refuses(&clerk, revoke(&joe), RefusalCode::PermissionDenied);
    world.log_in(id(&joe));
    let Event::SessionsRevoked(event) = world.run(&joe, revoke(&joe)) else { panic!("revoked") };
    assert_eq!(event.sessions_ended, 2);
    let hr = holder(&mut world, "hr", &[Permission::ManageAdministrators]);
    assert!(matches!(world.run(&hr, revoke(&clerk)), Event::SessionsRevoked(_)));
    assert_eq!(world.decide(&clerk, &Attempt::of(LogOut)), Err(Undecided::Unauthenticated));
}
