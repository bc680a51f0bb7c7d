//! Detours of an insider that take two commands or two accounts, each refused at its last step.

use mfa_ledger_schemas::{
    AdministratorId, ApprovalPolicy, Event, Personal, Position, RedFlag, RefusalCode, ResetRequestId,
};

use super::attempt::{Attempt, disable};
use super::world::{World, id, operator};
use crate::Caller;
use crate::command::{
    ApproveMfaReset, AssignRole, ChangeSettings, ClearSuspicion, DeactivateAdministrator, Documented,
    ErasePersonalData, ReactivateAdministrator, RegisterAdministrator, ReportSuspiciousRequest,
    RepudiateReset, ResetPassword,
};

fn note() -> String {
    "spoken to in person".to_owned()
}

fn reactivate(administrator: AdministratorId) -> Attempt {
    Attempt::of(ReactivateAdministrator { administrator, note: Some(note()) })
}

fn approve(reset_request: ResetRequestId) -> Attempt {
    Attempt::of(ApproveMfaReset { reset_request, note: None })
}

fn reset_under(world: &World, target: AdministratorId, request: ResetRequestId) -> Attempt {
    let mut command = world.reset_of(target);
    command.documented = Documented { reset_request: Some(request), ..Documented::default() };
    Attempt::of(command)
}

fn report(world: &mut World, by: &Caller, target: AdministratorId) {
    let command = ReportSuspiciousRequest {
        administrator: Some(target),
        reset_request: None,
        red_flags: [RedFlag::UnusualChannel].into(),
        description: None,
    };
    world.run(by, Attempt::of(command));
}

/// Resets somebody, who then denies it; the position of the reset.
fn denied(world: &mut World, by: &Caller, target: AdministratorId) -> Position {
    world.reset(by, target);
    let reset = world.state.position();
    let person = world.log_in(target);
    world.run(&person, Attempt::of(RepudiateReset { reset, note: None }));
    assert!(world.it(target).frozen);
    reset
}

#[test]
fn a_second_denial_does_not_free_those_of_the_first() {
    let mut world = World::new();
    let (ita, itb) = (world.enrolled("ita", "it-administrator"), world.enrolled("itb", "it-administrator"));
    let officer = world.enrolled("officer", "security-officer");
    let target = world.enrolled("joe", "general-staff");
    world.reset(&ita, id(&target));
    let first = world.state.position();
    let person = world.log_in(id(&target));
    world.enroll(&person);
    world.reset(&itb, id(&target));
    let second = world.state.position();
    for (by, reset) in [(&officer, first), (&ita, second)] {
        world.run(by, Attempt::of(RepudiateReset { reset, note: Some(note()) }));
    }
    for party in [&ita, &itb] {
        world.refuses(party, reactivate(id(&target)), RefusalCode::PartyToReset);
    }
    let third = world.enrolled("itc", "it-administrator");
    world.run(&third, reactivate(id(&target)));
    assert!(world.it(id(&target)).denied.is_empty());
}

#[test]
fn an_account_that_a_party_may_use_does_not_lift_a_denial() {
    let mut world = World::new();
    let performer = world.enrolled("ita", "it-administrator");
    let colleague = id(&world.person("itb", "it-administrator"));
    let target = id(&world.enrolled("joe", "general-staff"));
    denied(&mut world, &performer, target);
    world.run(&performer, Attempt::of(ResetPassword { administrator: colleague }));
    let taken_over = world.log_in(colleague);
    world.enroll(&taken_over);
    world.refuses(&taken_over, reactivate(target), RefusalCode::PartyToReset);

    let command = RegisterAdministrator {
        user_name: "puppet".to_owned(),
        role: "it-administrator".parse().expect("a role id"),
        super_administrator: false,
        personal: Personal::default(),
    };
    let Event::AdministratorRegistered(made) = world.run(&performer, Attempt::of(command)) else {
        panic!("registered")
    };
    let puppet = world.log_in(made.administrator);
    world.enroll(&puppet);
    world.refuses(&puppet, reactivate(target), RefusalCode::PartyToReset);
    world.run(&operator(), reactivate(target));
}

/// Registers somebody, who enrolls; their session.
fn made(world: &mut World, by: &Caller, user_name: &str, role: &str) -> Caller {
    let register = RegisterAdministrator {
        user_name: user_name.to_owned(),
        role: role.parse().expect("a role id"),
        super_administrator: false,
        personal: Personal::default(),
    };
    let Event::AdministratorRegistered(made) = world.run(by, Attempt::of(register).sealed()) else {
        panic!("registered")
    };
    let session = world.log_in(made.administrator);
    world.enroll(&session);
    session
}

#[test]
fn who_made_a_party_or_was_made_by_one_over_any_steps_does_not_lift_a_denial() {
    let mut world = World::new();
    let (maker, other) = (world.super_administrator("maker"), world.super_administrator("other"));
    let between = made(&mut world, &maker, "between", "system-administrator");
    let sock = made(&mut world, &between, "sock", "system-administrator");
    let below = made(&mut world, &sock, "below", "system-administrator");
    let target = id(&world.enrolled("joe", "general-staff"));
    denied(&mut world, &sock, target);
    for dependent in [&between, &below] {
        world.refuses(dependent, reactivate(target), RefusalCode::PartyToReset);
    }
    // Super administrators register everybody.
    for free in [&maker, &other] {
        let event = world.clone().run(free, reactivate(target));
        assert!(matches!(event, Event::AdministratorReactivated(_)), "{event:?}");
    }
}

#[test]
fn an_account_whose_addresses_were_erased_is_not_opened_for_the_next_address() {
    let mut world = World::new();
    let it = world.enrolled("it", "it-administrator");
    let target = id(&world.person("joe", "general-staff"));
    world.run(&it, Attempt::of(DeactivateAdministrator { administrator: target, note: None }));
    world.run(&it, Attempt::of(ErasePersonalData { administrator: target }));
    world.refuses(&it, reactivate(target), RefusalCode::PersonalDataGone);
    assert!(matches!(world.run(&operator(), reactivate(target)), Event::AdministratorReactivated(_)));
}

#[test]
fn an_approval_ends_where_the_target_rises_or_enrolls_anew_or_the_approver_has_no_mfa() {
    let mut world = World::new();
    world.settings(ChangeSettings { approval: Some(ApprovalPolicy::All), ..ChangeSettings::default() });
    let root = world.super_administrator("root");
    let second = world.enrolled("second", "help-desk");
    let joe = world.enrolled("joe", "general-staff");
    let target = id(&joe);
    let request = world.request(&root, target);
    world.run(&second, approve(request));
    let command = reset_under(&world, target, request);

    let mut risen = world.clone();
    let role = "system-administrator".parse().expect("a role id");
    risen.run(&root, Attempt::of(AssignRole { administrator: target, role }));
    risen.refuses(&root, command.clone(), RefusalCode::ApprovalVoid);

    let mut anew = world.clone();
    let proof = anew.fresh_code(target);
    anew.run(&joe, disable(proof));
    anew.enroll(&joe);
    anew.refuses(&root, command.clone(), RefusalCode::ApprovalVoid);

    let mut bare = world.clone();
    let proof = bare.fresh_code(id(&second));
    bare.run(&second, disable(proof));
    bare.refuses(&root, command.clone(), RefusalCode::ApprovalVoid);
    assert!(matches!(world.run(&root, command), Event::MfaReset(_)));
}

#[test]
fn who_cleared_a_suspicion_does_not_reset_alone() {
    let mut world = World::new();
    let officer = world.enrolled("officer", "security-officer");
    let desk = world.enrolled("desk", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    report(&mut world, &desk, target);
    world.run(&officer, Attempt::of(ClearSuspicion { administrator: target, note: Some(note()) }));
    let command = Attempt::of(world.reset_of(target));
    world.refuses(&officer, command.clone(), RefusalCode::UnderSuspicion);
    world.run(&desk, command);
}

#[test]
fn nor_does_an_account_that_they_have_made() {
    let mut world = World::new();
    let boss = world.enrolled("boss", "system-administrator");
    let desk = world.enrolled("desk", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    report(&mut world, &desk, target);
    let register = RegisterAdministrator {
        user_name: "puppet".to_owned(),
        role: "help-desk".parse().expect("a role id"),
        super_administrator: false,
        personal: Personal::default(),
    };
    let Event::AdministratorRegistered(made) = world.run(&boss, Attempt::of(register).sealed()) else {
        panic!("registered")
    };
    world.run(&boss, Attempt::of(ClearSuspicion { administrator: target, note: Some(note()) }));
    let puppet = world.log_in(made.administrator);
    world.enroll(&puppet);
    let command = Attempt::of(world.reset_of(target));
    world.refuses(&puppet, command.clone(), RefusalCode::UnderSuspicion);
    assert!(matches!(world.run(&desk, command), Event::MfaReset(_)));
}

#[test]
fn an_approval_from_before_the_report_does_not_answer_it() {
    let mut world = World::new();
    world.settings(ChangeSettings { approval: Some(ApprovalPolicy::All), ..ChangeSettings::default() });
    let (desk, second) = (world.enrolled("desk", "help-desk"), world.enrolled("second", "help-desk"));
    let target = id(&world.enrolled("joe", "general-staff"));
    let request = world.request(&desk, target);
    world.run(&second, approve(request));
    report(&mut world, &second, target);
    let command = reset_under(&world, target, request);
    world.refuses(&desk, command, RefusalCode::UnderSuspicion);
    let request = world.request(&desk, target);
    world.run(&second, approve(request));
    let command = reset_under(&world, target, request);
    assert!(matches!(world.run(&desk, command), Event::MfaReset(_)));
}

#[test]
fn an_approval_does_not_come_back_with_its_approver() {
    let mut world = World::new();
    world.settings(ChangeSettings { approval: Some(ApprovalPolicy::All), ..ChangeSettings::default() });
    let (desk, second) = (world.enrolled("desk", "help-desk"), world.enrolled("second", "help-desk"));
    let target = id(&world.enrolled("joe", "general-staff"));
    let role = |role: &str| role.parse().expect("a role id");
    let administrator = id(&second);
    let breaks = [
        [
            Attempt::of(DeactivateAdministrator { administrator, note: None }),
            Attempt::of(ReactivateAdministrator { administrator, note: None }),
        ],
        [
            Attempt::of(AssignRole { administrator, role: role("auditor") }),
            Attempt::of(AssignRole { administrator, role: role("help-desk") }),
        ],
    ];
    for both in breaks {
        let second = world.log_in_with_code(administrator);
        let request = world.request(&desk, target);
        world.run(&second, approve(request));
        for command in both {
            world.run(&operator(), command);
            let command = reset_under(&world, target, request);
            world.refuses(&desk, command, RefusalCode::ApprovalVoid);
        }
    }
}

#[test]
fn an_old_session_does_not_enroll() {
    let mut world = World::new();
    let jane = world.person("jane", "help-desk");
    world.wait_minutes(15);
    world.refuses(&jane, Attempt::of(crate::command::EnrollMfa), RefusalCode::LogInRequired);
    let jane = world.log_in(id(&jane));
    world.wait_seconds(15 * 60 - 2);
    assert!(matches!(
        world.run(&jane, Attempt::of(crate::command::EnrollMfa)),
        Event::MfaEnrollmentStarted(_)
    ));
}
