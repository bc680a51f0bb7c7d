//! Alerts are raised by this system alone, looked into and settled by whoever manages them; silences keep them
//! from being passed on.

use mfa_ledger_schemas::bodies::{AlertRaised, Commitment};
use mfa_ledger_schemas::{AlertId, Event, Position, RefusalCode, Severity, SilenceId};

use super::attempt::Attempt;
use super::world::{World, operator};
use crate::Caller;
use crate::command::{AcknowledgeAlert, EndSilence, RaiseAlert, RepudiateReset, ResolveAlert, SilenceRule};

const DETECT: Caller = Caller::System("detect");

fn raised(id: u8, group: &str) -> AlertRaised {
    AlertRaised {
        alert: AlertId::from_bytes([id; 16]),
        rule: "many-resets".parse().expect("an id"),
        rule_sha256: Commitment([3; 32]),
        title: "Many resets".into(),
        severity: Severity::High,
        group: group.into(),
        positions: vec![Position(1)],
    }
}

fn acknowledge(id: u8) -> Attempt {
    Attempt::of(AcknowledgeAlert { alert: AlertId::from_bytes([id; 16]), note: None })
}

fn resolve(id: u8) -> Attempt {
    let alert = AlertId::from_bytes([id; 16]);
    Attempt::of(ResolveAlert { alert, false_positive: true, note: None })
}

#[test]
fn nobody_but_detection_raises_an_alert_and_no_alert_is_raised_twice() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    for caller in [&boss, &operator(), &Caller::Anonymous] {
        world.refuses(caller, Attempt::of(RaiseAlert(raised(1, ""))), RefusalCode::PermissionDenied);
    }
    assert!(matches!(world.run(&DETECT, Attempt::of(RaiseAlert(raised(1, "")))), Event::AlertRaised(_)));
    world.refuses(&DETECT, Attempt::of(RaiseAlert(raised(1, ""))), RefusalCode::AlertExists);
}

#[test]
fn an_alert_is_acknowledged_once_and_resolved_once_by_whoever_manages_alerts() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    let other = world.person("other", "it-administrator");
    let manager = world.person("manager", "security-officer");
    world.run(&DETECT, Attempt::of(RaiseAlert(raised(1, ""))));
    for command in [acknowledge(1), resolve(1)] {
        world.refuses(&other, command, RefusalCode::PermissionDenied);
    }
    world.refuses(&manager, acknowledge(9), RefusalCode::AlertNotFound);
    world.refuses(&manager, resolve(9), RefusalCode::AlertNotFound);
    assert!(matches!(world.run(&manager, acknowledge(1)), Event::AlertAcknowledged(_)));
    world.refuses(&boss, acknowledge(1), RefusalCode::AlertClosed);
    assert!(matches!(world.run(&boss, resolve(1)), Event::AlertResolved(_)));
    world.refuses(&boss, resolve(1), RefusalCode::AlertClosed);
    world.refuses(&boss, acknowledge(1), RefusalCode::AlertClosed);
    // Settled without anybody having said before that they look into it.
    world.run(&DETECT, Attempt::of(RaiseAlert(raised(2, ""))));
    assert!(matches!(world.run(&manager, resolve(2)), Event::AlertResolved(_)));
}

#[test]
fn a_silence_covers_its_rule_and_group_until_it_ends() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    let other = world.person("other", "help-desk");
    let id = SilenceId::from_bytes([5; 16]);
    let silence = || {
        Attempt::of(SilenceRule {
            rule: "many-resets".parse().expect("an id"),
            group: Some("bob".into()),
            hours: 1,
            note: None,
        })
        .fresh([5; 16])
    };
    world.refuses(&other, silence(), RefusalCode::PermissionDenied);
    world.run(&boss, silence());
    world.run(&DETECT, Attempt::of(RaiseAlert(raised(1, "bob"))));
    world.run(&DETECT, Attempt::of(RaiseAlert(raised(2, "eve"))));
    let silenced = |world: &World, id: u8| {
        world.state.alerts.get(AlertId::from_bytes([id; 16])).expect("it was raised").silenced
    };
    assert!(silenced(&world, 1) && !silenced(&world, 2));
    let end = || Attempt::of(EndSilence { silence: id });
    world.refuses(&other, end(), RefusalCode::PermissionDenied);
    world.run(&boss, end());
    world.refuses(&boss, end(), RefusalCode::SilenceNotFound);
    world.run(&DETECT, Attempt::of(RaiseAlert(raised(3, "bob"))));
    assert!(!silenced(&world, 3));
    // One that nobody ends runs out.
    world.run(&boss, silence());
    world.wait_hours(1);
    world.run(&DETECT, Attempt::of(RaiseAlert(raised(4, "bob"))));
    assert!(!silenced(&world, 4));
}

/// The link in a notice is good for its own reset, once, whoever holds it.
#[test]
fn a_notice_link_repudiates_its_own_reset_and_nothing_else() {
    let mut world = World::new();
    let performer = world.enrolled("performer", "help-desk");
    let (one, two) = (world.enrolled("one", "general-staff"), world.enrolled("two", "general-staff"));
    world.reset(&performer, super::world::id(&one));
    let first = world.state.position();
    world.reset(&performer, super::world::id(&two));
    let second = world.state.position();
    let repudiate = |reset| Attempt::of(RepudiateReset { reset, note: None });
    let link = Caller::NoticeLink(first);
    world.refuses(&link, repudiate(second), RefusalCode::PermissionDenied);
    let Event::ResetRepudiated(event) = world.run(&link, repudiate(first)) else { panic!("not repudiated") };
    assert!(event.frozen);
    world.refuses(&link, repudiate(first), RefusalCode::AlreadyRepudiated);
    world.refuses(&link, acknowledge(1), RefusalCode::PermissionDenied);
}
