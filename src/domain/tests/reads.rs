//! What a decision rests on is named in its reads: of two decisions made on one state, the second is
//! void where the first took its ground away.

use mfa_ledger_projections::Fate;
use mfa_ledger_schemas::bodies::SettingsBody;
use mfa_ledger_schemas::{AdministratorId, Event, Personal, RefusalCode, StreamName};

use super::attempt::{Attempt, typed, verify};
use super::world::{ELSEWHERE, OFFICE, World, id, operator};
use crate::command::{
    AssignRole, ChangeAdministrator, ChangeSettings, DeactivateAdministrator, DefineRole, LogIn,
    RepudiateReset, RevokeSessions,
};
use crate::{Caller, Evidence};

/// Decides both on the same state, then folds one after the other.
fn race(world: &mut World, first: (&Caller, Attempt), second: (&Caller, Attempt)) -> Fate {
    let decided = [first, second].map(|(caller, command)| world.decide(caller, &command).expect("decided"));
    let [first, second] = decided.map(|decision| world.record(decision, Some(OFFICE)));
    assert_eq!(world.apply(&first), Fate::Effective);
    let before = (world.state.directory.clone(), world.state.resets.clone(), world.state.keys.clone());
    let shown = world.state.activity.len();
    let fate = world.apply(&second);
    if fate == Fate::Void {
        let after = (world.state.directory.clone(), world.state.resets.clone(), world.state.keys.clone());
        assert!(before == after, "a void record changes nothing");
        assert_eq!(world.state.activity.len(), shown + 1, "and is shown");
        assert!(world.state.activity.at(world.state.position()).expect("shown").void);
        assert!(world.state.tip(&second.stream) < world.state.position(), "and moves no stream");
    }
    fate
}

fn deactivate(administrator: AdministratorId) -> Attempt {
    Attempt::of(DeactivateAdministrator { administrator, note: None })
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

#[test]
fn the_last_two_super_administrators_cannot_both_go_at_once() {
    let mut world = World::new();
    let a = id(&world.super_administrator("a"));
    let b = id(&world.super_administrator("b"));
    let by = operator();
    assert_eq!(race(&mut world.clone(), (&by, deactivate(a)), (&by, deactivate(b))), Fate::Void);
    let demote = change(b, None, Some(false));
    assert_eq!(race(&mut world.clone(), (&by, deactivate(a)), (&by, demote)), Fate::Void);
    let rename = change(a, Some("z"), Some(false));
    assert_eq!(race(&mut world, (&by, rename), (&by, deactivate(b))), Fate::Void);
    world.refuses(&by, deactivate(b), RefusalCode::LastSuperAdmin);
}

#[test]
fn the_last_two_super_administrators_cannot_freeze_each_other_out() {
    let mut world = World::new();
    let a = world.super_administrator("a");
    let b = world.super_administrator("b");
    let mut denial = |performer: &Caller, target: &Caller| {
        world.reset(performer, id(target));
        let reset = world.state.position();
        let again = world.log_in(id(target));
        world.enroll(&again);
        (again, Attempt::of(RepudiateReset { reset, note: None }))
    };
    let (b, denial_of_b) = denial(&a, &b);
    let (a, denial_of_a) = denial(&b, &a);
    let fate = race(&mut world, (&a, denial_of_a), (&b, denial_of_b.clone()));
    assert_eq!(fate, Fate::Void);
    let Event::ResetRepudiated(event) = world.run(&b, denial_of_b) else { panic!("repudiated") };
    assert!(!event.frozen, "the last one is never frozen");
    assert!(world.it(id(&b)).can_log_in());
}

#[test]
fn whoever_loses_rank_under_a_new_name_loses_it_at_once() {
    let mut world = World::new();
    world.super_administrator("root");
    let boss = world.super_administrator("boss");
    let target = id(&world.super_administrator("target"));
    let demotion = change(id(&boss), Some("former-boss"), Some(false));
    let reset = Attempt::of(world.reset_of(target));
    assert_eq!(race(&mut world, (&operator(), demotion), (&boss, reset)), Fate::Void);
}

#[test]
fn a_target_that_gains_rank_under_a_new_name_is_out_of_reach_at_once() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    let promotion = change(target, Some("chief"), Some(true));
    let reset = Attempt::of(world.reset_of(target));
    assert_eq!(race(&mut world, (&operator(), promotion), (&performer, reset)), Fate::Void);
}

#[test]
fn two_cannot_take_one_user_name() {
    let mut world = World::new();
    let a = world.register("a", "general-staff", false);
    let b = world.register("b", "general-staff", false);
    let by = operator();
    assert_eq!(
        race(&mut world, (&by, change(a, Some("same"), None)), (&by, change(b, Some("Same"), None))),
        Fate::Void
    );
    world.refuses(&by, change(b, Some("SAME"), None), RefusalCode::UserNameTaken);
}

#[test]
fn a_reset_rests_on_the_session_the_role_the_settings_and_both_people() {
    let mut world = World::new();
    let performer = world.enrolled("jane", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    let help_desk = "help-desk".parse().expect("a role id");
    let without = DefineRole {
        role: "help-desk".parse().expect("a role id"),
        name: "Help Desk".to_owned(),
        permissions: std::collections::BTreeSet::new(),
        mfa_required: false,
    };
    let obligatory = DefineRole {
        role: "general-staff".parse().expect("a role id"),
        name: "General Staff".to_owned(),
        permissions: std::collections::BTreeSet::new(),
        mfa_required: true,
    };
    let moved = [
        Attempt::of(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() }),
        Attempt::of(without),
        Attempt::of(obligatory),
        Attempt::of(AssignRole { administrator: id(&performer), role: "auditor".parse().expect("id") }),
        Attempt::of(AssignRole { administrator: target, role: help_desk }),
        Attempt::of(RevokeSessions { administrator: id(&performer) }),
        change(target, None, Some(true)),
        deactivate(target),
        Attempt::of(world.reset_of(target)),
    ];
    for command in moved {
        let mut world = world.clone();
        let reset = Attempt::of(world.reset_of(target));
        let told = format!("{command:?}");
        assert_eq!(race(&mut world, (&operator(), command), (&performer, reset)), Fate::Void, "{told}");
    }
}

#[test]
fn one_code_gets_one_yes_however_many_race() {
    let mut world = World::new();
    let joe = world.enrolled("joe", "general-staff");
    let first = world.log_in(id(&joe));
    let second = world.log_in(id(&joe));
    let proof = world.fresh_code(id(&joe));
    assert_eq!(race(&mut world, (&first, verify(proof)), (&second, verify(proof))), Fate::Void);
    let again = world.run(&second, verify(proof));
    let Event::SecondFactorFailed(failed) = again else { panic!("{again:?}") };
    assert_eq!(failed.cause, mfa_ledger_schemas::FactorFailure::Replayed);
}

#[test]
fn strangers_guessing_names_hold_up_nobody_who_works() {
    let mut world = World::new();
    let root = world.super_administrator("root");
    let guess =
        Attempt::of(LogIn { user_name: "nobody".to_owned(), name_hash: "h".to_owned(), password: typed() })
            .with(Evidence::Password { credential: None, fits: false })
            .from(Some(ELSEWHERE));
    let registration = Attempt::of(crate::command::RegisterAdministrator {
        user_name: "new".to_owned(),
        role: "auditor".parse().expect("a role id"),
        super_administrator: false,
        personal: Personal::default(),
    });
    assert_eq!(race(&mut world, (&Caller::Anonymous, guess), (&root, registration)), Fate::Effective);
}

#[test]
fn a_name_that_was_just_given_away_is_not_unknown() {
    let mut world = World::new();
    let joe = world.register("joe", "general-staff", false);
    let guess =
        Attempt::of(LogIn { user_name: "new".to_owned(), name_hash: "h".to_owned(), password: typed() })
            .with(Evidence::Password { credential: None, fits: false });
    let rename = change(joe, Some("new"), None);
    assert_eq!(race(&mut world, (&operator(), rename), (&Caller::Anonymous, guess)), Fate::Void);
}

#[test]
fn every_decision_names_its_own_stream() {
    let mut world = World::new();
    let root = world.super_administrator("root");
    let decision = world.decide(&root, &Attempt::of(ChangeSettings::default())).expect("decided");
    assert_eq!(decision.stream, StreamName::Settings);
    assert!(decision.reads.iter().any(|read| read.stream == StreamName::Settings));
    let Event::SettingsChanged(event) = decision.event else { panic!("{:?}", decision.event) };
    let unchanged: &SettingsBody = world.state.directory.settings().expect("set");
    assert_eq!((&event.settings, event.changed.len()), (unchanged, 0));
}
