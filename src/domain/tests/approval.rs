//! Four eyes: requests, approvals, and who may be the second pair.

use mfa_ledger_projections::administrator::USED_BY_MAKER_DAYS;
use mfa_ledger_schemas::{ApprovalPolicy, Event, RefusalCode, ResetRequestId, Scope};

use super::attempt::Attempt;
use super::world::{World, id, operator, service_account};
use crate::Caller;
use crate::command::{
    ApproveMfaReset, ChangeSettings, DeclineMfaReset, Documented, ReportSuspiciousRequest, RequestMfaReset,
    ResetPassword,
};

struct House {
    world: World,
    requester: Caller,
    approver: Caller,
    target: mfa_ledger_schemas::AdministratorId,
}

fn house(approval: ApprovalPolicy) -> House {
    let mut world = World::new();
    world.settings(ChangeSettings { approval: Some(approval), ..ChangeSettings::default() });
    let target = id(&world.enrolled("joe", "general-staff"));
    let approver = world.enrolled("jim", "help-desk");
    let requester = world.enrolled("jane", "help-desk");
    House { world, requester, approver, target }
}

fn approve(reset_request: ResetRequestId) -> Attempt {
    Attempt::of(ApproveMfaReset { reset_request, note: None })
}

fn decline(reset_request: ResetRequestId) -> Attempt {
    Attempt::of(DeclineMfaReset { reset_request, note: None })
}

fn report(reset_request: ResetRequestId) -> Attempt {
    Attempt::of(ReportSuspiciousRequest {
        administrator: None,
        reset_request: Some(reset_request),
        red_flags: [mfa_ledger_schemas::RedFlag::UnusualChannel].into(),
        description: None,
    })
}

fn reset_under(
    world: &World,
    target: mfa_ledger_schemas::AdministratorId,
    request: ResetRequestId,
) -> Attempt {
    let mut command = world.reset_of(target);
    // The approved request already holds the details.
    command.documented = Documented { reset_request: Some(request), ..Documented::default() };
    Attempt::of(command)
}

#[test]
fn a_second_holder_approves_and_the_reset_names_them() {
    let House { mut world, requester, approver, target } = house(ApprovalPolicy::All);
    let request = world.request(&requester, target);
    let event = world.run(&approver, approve(request));
    assert!(matches!(event, Event::MfaResetApproved(_)), "{event:?}");
    let command = reset_under(&world, target, request);
    let Event::MfaReset(event) = world.run(&requester, command) else { panic!("reset") };
    assert_eq!(event.approved_by, Some(id(&approver)));
    assert_eq!(event.approval_policy, ApprovalPolicy::All);
    assert_eq!(event.story.reset_request, Some(request));
}

#[test]
fn nobody_approves_their_own_request() {
    let House { mut world, requester, target, .. } = house(ApprovalPolicy::All);
    let request = world.request(&requester, target);
    world.refuses(&requester, approve(request), RefusalCode::OwnRequest);
}

#[test]
fn a_generated_password_makes_two_people_dependent_for_thirty_days() {
    let House { mut world, approver, target, .. } = house(ApprovalPolicy::All);
    let maker = world.enrolled("maker", "it-administrator");
    world.run(&maker, Attempt::of(ResetPassword { administrator: id(&approver) }));
    let over = world.now.plus_hours(USED_BY_MAKER_DAYS * 24);
    let approver = world.log_in_with_code(id(&approver));
    let request = world.request(&maker, target);
    world.refuses(&approver, approve(request), RefusalCode::ApproverNotIndependent);
    let request = world.request(&approver, target);
    world.refuses(&maker, approve(request), RefusalCode::ApproverNotIndependent);
    let (maker, approver) = (world.it(id(&maker)), world.it(id(&approver)));
    let above = |it, at| world.state.directory.above(it, at);
    assert!(above(approver, over.plus_seconds(-1)).contains(&maker.id));
    assert!(!above(approver, over).contains(&maker.id));
    assert!(!above(maker, over.plus_seconds(-1)).contains(&approver.id), "one depends on the other alone");
}

#[test]
fn whoever_approved_does_not_perform() {
    let House { mut world, requester, approver, target } = house(ApprovalPolicy::All);
    let request = world.request(&requester, target);
    world.run(&approver, approve(request));
    let command = reset_under(&world, target, request);
    world.refuses(&approver, command, RefusalCode::ApprovalRequired);
    let third = world.enrolled("jill", "help-desk");
    let command = reset_under(&world, target, request);
    assert!(matches!(world.run(&third, command), Event::MfaReset(_)));
}

#[test]
fn a_ticket_system_may_ask_and_still_two_people_are_needed() {
    let House { mut world, requester, approver, target } = house(ApprovalPolicy::All);
    let tickets = service_account(&mut world, &[Scope::RequestReset]);
    let request = world.request(&tickets, target);
    world.run(&approver, approve(request));
    let command = reset_under(&world, target, request);
    world.refuses(&approver, command.clone(), RefusalCode::ApprovalRequired);
    assert!(matches!(world.run(&requester, command), Event::MfaReset(_)));
}

#[test]
fn an_approval_is_used_once() {
    let House { mut world, requester, approver, target } = house(ApprovalPolicy::All);
    let request = world.request(&requester, target);
    world.run(&approver, approve(request));
    let command = reset_under(&world, target, request);
    world.run(&requester, command.clone());
    let session = world.log_in(target);
    world.enroll(&session);
    world.refuses(&requester, command, RefusalCode::ResetRequestClosed);
    world.refuses(&approver, approve(request), RefusalCode::ResetRequestClosed);
}

#[test]
fn a_request_runs_out_approved_or_not() {
    let House { mut world, requester, approver, target } = house(ApprovalPolicy::All);
    world.settings(ChangeSettings { step_up_minutes: Some(6_000), ..ChangeSettings::default() });
    let open = world.request(&requester, target);
    let request = world.request(&requester, target);
    world.run(&approver, approve(request));
    world.wait_hours(24);
    let approver = world.log_in_with_code(id(&approver));
    let requester = world.log_in_with_code(id(&requester));
    world.refuses(&approver, approve(open), RefusalCode::ResetRequestClosed);
    let command = reset_under(&world, target, request);
    world.refuses(&requester, command, RefusalCode::ResetRequestClosed);
}

#[test]
fn a_declined_or_suspicious_request_is_closed_even_after_its_approval() {
    for stop in [decline, report] {
        for approved in [false, true] {
            let House { mut world, requester, approver, target } = house(ApprovalPolicy::All);
            let request = world.request(&requester, target);
            if approved {
                world.run(&approver, approve(request));
            }
            let event = world.run(&approver, stop(request));
            let stopped = matches!(event, Event::MfaResetDeclined(_) | Event::SuspiciousRequestReported(_));
            assert!(stopped, "{event:?}");
            let command = reset_under(&world, target, request);
            world.refuses(&requester, command, RefusalCode::ResetRequestClosed);
            for again in [approve, decline, report] {
                world.refuses(&approver, again(request), RefusalCode::ResetRequestClosed);
            }
        }
    }
}

#[test]
fn another_targets_approval_is_none() {
    let House { mut world, requester, approver, target } = house(ApprovalPolicy::All);
    let other = id(&world.enrolled("other", "general-staff"));
    let request = world.request(&requester, other);
    world.run(&approver, approve(request));
    let command = reset_under(&world, target, request);
    world.refuses(&requester, command, RefusalCode::ResetRequestNotFound);
    let nothing = world.id(ResetRequestId::from_bytes);
    for command in [approve, decline, report] {
        world.refuses(&approver, command(nothing), RefusalCode::ResetRequestNotFound);
    }
}

#[test]
fn the_policy_can_ask_for_super_administrators_only() {
    let mut house = house(ApprovalPolicy::SuperAdmins);
    let target = house.target;
    assert_eq!(house.world.reset(&house.requester, target).approved_by, None);
    let root = house.world.super_administrator("root");
    let other = house.world.super_administrator("other");
    let command = house.world.reset_of(id(&other));
    house.world.refuses(&root, Attempt::of(command), RefusalCode::ApprovalRequired);
    let request = house.world.request(&root, id(&other));
    house.world.refuses(&house.approver, approve(request), RefusalCode::SuperAdminRequired);
    let third = house.world.super_administrator("third");
    house.world.run(&third, approve(request));
    let command = reset_under(&house.world, id(&other), request);
    assert!(matches!(house.world.run(&root, command), Event::MfaReset(_)));
}

#[test]
fn without_a_policy_a_request_is_used_up_all_the_same() {
    let House { mut world, requester, approver, target } = house(ApprovalPolicy::Off);
    let request = world.request(&requester, target);
    let mut command = world.reset_of(target);
    command.documented.reset_request = Some(request);
    let Event::MfaReset(event) = world.run(&approver, Attempt::of(command)) else { panic!("reset") };
    assert_eq!((event.approved_by, event.approval_policy), (None, ApprovalPolicy::Off));
    world.refuses(&approver, approve(request), RefusalCode::ResetRequestClosed);
}

#[test]
fn a_request_keeps_the_rules_of_the_reset_that_do_not_depend_on_the_moment() {
    let House { mut world, requester, target, .. } = house(ApprovalPolicy::All);
    let root = id(&world.super_administrator("root"));
    let plain = id(&world.person("plain", "general-staff"));
    let ghost = world.id(mfa_ledger_schemas::AdministratorId::from_bytes);
    let story = world.documented();
    let command = |administrator, documented: &Documented| {
        Attempt::of(RequestMfaReset { administrator, documented: documented.clone() })
    };
    for (administrator, code) in [
        (ghost, RefusalCode::AdministratorNotFound),
        (id(&requester), RefusalCode::SelfReset),
        (root, RefusalCode::SuperAdminRequired),
        (plain, RefusalCode::MfaNotEnabled),
    ] {
        world.refuses(&requester, command(administrator, &story), code);
    }
    let mut bare = story.clone();
    bare.verification = None;
    world.refuses(&requester, command(target, &bare), RefusalCode::VerificationRequired);
    let clerk = world.person("clerk", "general-staff");
    world.refuses(&clerk, command(target, &story), RefusalCode::PermissionDenied);
    world.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() });
    world.refuses(&requester, command(target, &story), RefusalCode::MfaNotAvailable);
}

#[test]
fn the_command_line_cannot_be_the_second_pair_of_eyes() {
    let House { mut world, requester, target, .. } = house(ApprovalPolicy::All);
    let request = world.request(&requester, target);
    world.refuses(&operator(), approve(request), RefusalCode::PermissionDenied);
}
