//! Callers who are no people in sessions: service accounts, the command line, nobody.

use mfa_ledger_projections::administrator::BLOCKING_FAILURES;
use mfa_ledger_schemas::{
    ActorKind, ApprovalPolicy, Event, FactorFailure, FactorUse, Permission, RefusalCode, Scope,
    ServiceAccountId,
};

use crate::policy::{self, Right};

use super::attempt::{Attempt, FactorProof};
use super::world::{World, id, operator, service_account};
use crate::command::{
    ChangeSettings, CreateServiceAccount, DeactivateAdministrator, DefineRole, ExportActivity, LogOut,
    ReadActivity, RevokeServiceAccount, VerifyForHost,
};
use crate::{Caller, READ, Undecided};

fn read() -> Attempt {
    Attempt::of(ReadActivity { query: "q".to_owned(), right: READ })
}

fn export() -> Attempt {
    Attempt::of(ExportActivity { format: "csv".to_owned(), query: String::new() })
}

fn for_host(administrator: mfa_ledger_schemas::AdministratorId, proof: FactorProof) -> Attempt {
    Attempt::of(VerifyForHost { administrator, factor: proof.typed() }).with(proof.evidence)
}

#[test]
fn a_scope_opens_its_own_door_and_no_other() {
    let mut world = World::new();
    let joe = id(&world.enrolled("joe", "general-staff"));
    for scope in Scope::ALL.iter().copied() {
        let program = service_account(&mut world, &[scope]);
        let allowed = |event: &Event| !matches!(event, Event::CommandRefused(_));
        assert_eq!(allowed(&world.run(&program, read())), scope == Scope::ViewActivity);
        assert_eq!(allowed(&world.run(&program, export())), scope == Scope::ExportActivity);
        let proof = world.fresh_code(joe);
        let verified = world.run(&program, for_host(joe, proof));
        assert_eq!(allowed(&verified), scope == Scope::VerifySecondFactor);
        let view = Right::PermissionOrScope(Permission::ManageMfa, Scope::ViewMfa);
        assert_eq!(policy::may(&world.state, &program, view, world.now).is_ok(), scope == Scope::ViewMfa);
        let reset = Attempt::of(world.reset_of(joe));
        world.refuses(&program, reset, RefusalCode::PermissionDenied);
        let settings = Attempt::of(ChangeSettings::default());
        world.refuses(&program, settings, RefusalCode::PermissionDenied);
    }
}

#[test]
fn a_program_that_is_revoked_or_out_of_date_is_nobody() {
    let mut world = World::new();
    let program = service_account(&mut world, &[Scope::ViewActivity]);
    let Caller::ServiceAccount(service_account) = program else { panic!("a program") };
    let revoke = || Attempt::of(RevokeServiceAccount { service_account });
    {
        let mut later = world.clone();
        later.wait_hours(24);
        assert_eq!(later.decide(&program, &read()), Err(Undecided::Unauthenticated));
    }
    let Event::ServiceAccountRevoked(event) = world.run(&operator(), revoke()) else { panic!("revoked") };
    assert_eq!(event.name, "tickets");
    assert_eq!(world.decide(&program, &read()), Err(Undecided::Unauthenticated));
    let right = Right::PermissionOrScope(Permission::ViewActivity, Scope::ViewActivity);
    assert_eq!(policy::may(&world.state, &program, right, world.now), Err(None));
    world.refuses(&operator(), revoke(), RefusalCode::ServiceAccountNotFound);
    let unknown = Caller::ServiceAccount(world.id(ServiceAccountId::from_bytes));
    assert_eq!(world.decide(&unknown, &read()), Err(Undecided::Unauthenticated));
}

#[test]
fn nobody_makes_a_program_that_may_more_than_they() {
    let mut world = World::new();
    let role = DefineRole {
        role: "settings".parse().expect("a role id"),
        name: "Settings".to_owned(),
        permissions: [Permission::ManageSettings].into(),
        mfa_required: false,
    };
    world.run(&operator(), Attempt::of(role));
    let chief = world.enrolled("chief", "settings");
    let clerk = world.person("clerk", "general-staff");
    for scope in Scope::ALL.iter().copied() {
        let scopes = [scope].into();
        let name = "tickets".to_owned();
        let command = CreateServiceAccount { name, scopes, expires: None };
        let command = Attempt::of(command);
        world.refuses(&clerk, command.clone(), RefusalCode::PermissionDenied);
        if scope == Scope::VerifySecondFactor {
            assert!(matches!(world.run(&chief, command), Event::ServiceAccountCreated(_)));
        } else {
            world.refuses(&chief, command, RefusalCode::PrivilegeTooHigh);
        }
    }
}

#[test]
fn a_host_application_learns_whether_a_code_is_good_once() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "general-staff");
    let program = service_account(&mut world, &[Scope::VerifySecondFactor]);
    let proof = world.fresh_code(id(&joe));
    let event = world.run(&program, for_host(id(&joe), proof));
    let Event::SecondFactorVerified(event) = event else { panic!("{event:?}") };
    assert_eq!((event.used_for, event.session, event.expires), (FactorUse::HostApplication, None, None));
    // Used there is used here.
    let Event::SecondFactorFailed(event) = world.verify(&joe, proof) else { panic!("replayed") };
    assert_eq!(event.cause, FactorFailure::Replayed);
    let wrong = world.code(id(&joe), None);
    let event = world.run(&program, for_host(id(&joe), wrong));
    let Event::SecondFactorFailed(event) = event else { panic!("{event:?}") };
    assert_eq!((event.cause, event.consecutive), (FactorFailure::WrongCode, 1));
    let paper = world.backup_code(id(&joe), Some(0));
    assert!(matches!(world.run(&program, for_host(id(&joe), paper)), Event::BackupCodeUsed(_)));
}

#[test]
fn a_host_application_gets_no_yes_for_who_could_not_log_in() {
    let mut world = World::new();
    let joe = id(&world.enrolled("joe", "general-staff"));
    let plain = id(&world.person("plain", "general-staff"));
    let program = service_account(&mut world, &[Scope::VerifySecondFactor]);
    let proof = world.fresh_code(joe);
    world.refuses(&program, for_host(plain, proof), RefusalCode::MfaNotEnabled);
    let root = world.super_administrator("root");
    world.refuses(&root, for_host(joe, proof), RefusalCode::PermissionDenied);
    let ghost = world.id(mfa_ledger_schemas::AdministratorId::from_bytes);
    world.refuses(&program, for_host(ghost, proof), RefusalCode::AdministratorNotFound);
    let command = DeactivateAdministrator { administrator: joe, note: None };
    world.run(&operator(), Attempt::of(command));
    world.refuses(&program, for_host(joe, proof), RefusalCode::AdministratorInactive);
    world.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() });
    world.refuses(&program, for_host(joe, proof), RefusalCode::MfaNotAvailable);
}

#[test]
fn the_command_line_breaks_the_glass_and_the_record_says_so() {
    let mut world = World::new();
    world.settings(ChangeSettings { approval: Some(ApprovalPolicy::All), ..ChangeSettings::default() });
    let root = id(&world.super_administrator("root"));
    let command = Attempt::of(world.reset_of(root));
    let decision = world.decide(&operator(), &command).expect("decided");
    assert_eq!((decision.actor.kind, &*decision.actor.name), (ActorKind::Operator, "ops"));
    let event = world.reset(&operator(), root);
    assert!(event.break_glass);
    assert_eq!((event.approved_by, event.performer_verified_at), (None, None));
}

#[test]
fn even_the_command_line_documents_what_it_does() {
    let mut world = World::new();
    let root = id(&world.super_administrator("root"));
    let mut command = world.reset_of(root);
    command.documented.verification = None;
    world.refuses(&operator(), Attempt::of(command), RefusalCode::VerificationRequired);
    let mut command = world.reset_of(root);
    command.confirmation = None;
    world.refuses(&operator(), Attempt::of(command), RefusalCode::ConfirmationRequired);
}

#[test]
fn nobody_known_may_nothing_but_log_in() {
    let mut world = World::new();
    let joe = id(&world.enrolled("joe", "general-staff"));
    for command in [
        Attempt::of(world.reset_of(joe)),
        Attempt::of(ChangeSettings::default()),
        Attempt::of(LogOut),
        read(),
        export(),
        for_host(joe, FactorProof::not_looked(mfa_ledger_schemas::Factor::Totp)),
    ] {
        world.refuses(&Caller::Anonymous, command, RefusalCode::PermissionDenied);
    }
}

#[test]
fn reading_the_activity_log_is_an_activity_by_the_minute() {
    let mut world = World::new();
    let auditor = world.person("auditor", "auditor");
    let Event::ActivityRead(event) = world.run(&auditor, read()) else { panic!("read") };
    assert_eq!(event.minute.unix_seconds() % 60, 0);
    assert!(event.minute <= world.now && world.now < event.minute.plus_minutes(1));
    let actor = policy::actor(&world.state.directory, &auditor);
    assert!(world.state.directory.has_read("activity.read", &actor, event.minute));
    assert!(!world.state.directory.has_read("activity.read", &actor, event.minute.plus_minutes(1)));
    assert!(!world.state.directory.has_read("activity.exported", &actor, event.minute));
    assert!(matches!(world.run(&auditor, export()), Event::ActivityExported(_)));
    let clerk = world.person("clerk", "general-staff");
    for command in [read(), export()] {
        world.refuses(&clerk, command, RefusalCode::PermissionDenied);
    }
}

#[test]
fn a_program_that_guesses_keeps_nobody_out() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "general-staff");
    let mut program = service_account(&mut world, &[Scope::VerifySecondFactor]);
    for count in 1..=BLOCKING_FAILURES + 1 {
        world.wait_minutes(16);
        if count % 80 == 0 {
            // A day is over; another program goes on counting.
            program = service_account(&mut world, &[Scope::VerifySecondFactor]);
        }
        let wrong = world.code(id(&joe), None);
        let Event::SecondFactorFailed(event) = world.run(&program, for_host(id(&joe), wrong)) else {
            panic!("it does not fit")
        };
        assert_eq!((event.cause, event.consecutive), (FactorFailure::WrongCode, count));
        assert!(event.counts_apart);
    }
    let it = world.it(id(&joe));
    assert!(!it.mfa.enrolled.as_ref().expect("enrolled").totp_blocked);
    assert_eq!(
        (it.throttles.totp.consecutive, it.throttles.host_totp.consecutive),
        (0, BLOCKING_FAILURES + 1)
    );
    // The program waits; the person does not.
    let wrong = world.code(id(&joe), None);
    let Event::SecondFactorFailed(event) = world.run(&program, for_host(id(&joe), wrong)) else {
        panic!("too early")
    };
    assert_eq!(event.cause, FactorFailure::Throttled);
    let joe = world.log_in(id(&joe));
    let proof = world.fresh_code(id(&joe));
    assert!(matches!(world.verify(&joe, proof), Event::SecondFactorVerified(_)));
}
