//! Endpoints are for whoever manages the settings; the system alone switches one off that takes nothing.

use mfa_ledger_schemas::limits::{WEBHOOK_OVERLAP_HOURS, WEBHOOKS};
use mfa_ledger_schemas::{
    CredentialId, Event, Permission, Position, RefusalCode, WebhookFault, WebhookForm, WebhookId,
    WebhookSigning,
};

use super::attempt::Attempt;
use super::world::{World, operator};
use crate::Caller;
use crate::command::{
    ChangeWebhook, CreateWebhook, DefineRole, DisableWebhook, RemoveWebhook, ResendDelivery,
    RotateWebhookSecret, TestWebhook,
};

const DELIVER: Caller = Caller::System("webhooks");
const ID: WebhookId = WebhookId::from_bytes([1; 16]);

fn secret(id: u8) -> CredentialId {
    CredentialId::from_bytes([id; 16])
}

fn create(id: u8) -> Attempt {
    Attempt::of(CreateWebhook {
        url: "https://example.org/".to_owned(),
        actions: vec!["alert.".to_owned(), "mfa.reset".to_owned()],
        form: WebhookForm::CloudEvents,
        signing: WebhookSigning::Hmac,
        description: "x".to_owned(),
    })
    .fresh([id; 16])
}

fn active(webhook: WebhookId, active: bool) -> Attempt {
    let (url, actions, form, description) = (None, None, None, None);
    Attempt::of(ChangeWebhook { webhook, url, actions, form, description, active: Some(active) })
}

fn rotate(id: u8) -> Attempt {
    Attempt::of(RotateWebhookSecret { webhook: ID }).fresh([id; 16])
}

fn disable() -> Attempt {
    Attempt::of(DisableWebhook { webhook: ID, fault: WebhookFault::Gone, since: None })
}

fn resend(position: Position) -> Attempt {
    Attempt::of(ResendDelivery { webhook: ID, position })
}

fn test() -> Attempt {
    Attempt::of(TestWebhook { webhook: ID })
}

fn remove() -> Attempt {
    Attempt::of(RemoveWebhook { webhook: ID })
}

#[test]
fn whoever_does_not_manage_the_settings_may_do_nothing_with_them() {
    let mut world = World::new();
    let (help_desk, boss) = (world.person("desk", "help-desk"), world.super_administrator("boss"));
    world.run(&boss, create(1));
    let before = world.state.webhooks.clone();
    for command in [create(2), active(ID, false), rotate(3), remove(), test(), resend(Position(1)), disable()]
    {
        for caller in [&help_desk, &Caller::Anonymous] {
            world.refuses(caller, command.clone(), RefusalCode::PermissionDenied);
        }
    }
    for caller in [&boss, &operator()] {
        world.refuses(caller, disable(), RefusalCode::PermissionDenied);
    }
    assert!(world.state.webhooks == before);
}

#[test]
fn who_may_not_read_the_activity_log_sends_it_nowhere() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    world.run(&boss, create(1));
    let role = |permissions: &[Permission]| {
        Attempt::of(DefineRole {
            role: "wirer".parse().expect("a role id"),
            name: "Wirer".to_owned(),
            permissions: permissions.iter().copied().collect(),
            mfa_required: false,
        })
    };
    world.run(&boss, role(&[Permission::ManageSettings]));
    let wirer = world.enrolled("wirer", "wirer");
    for command in [create(2), active(ID, true), rotate(3), resend(Position(1))] {
        world.refuses(&wirer, command, RefusalCode::PrivilegeTooHigh);
    }
    world.run(&boss, role(&[Permission::ManageSettings, Permission::ViewActivity]));
    assert!(matches!(world.run(&wirer, resend(Position(1))), Event::DeliveryResent(_)));
}

#[test]
fn an_endpoint_that_is_off_is_neither_tested_nor_repeated_nor_switched_off_again() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    world.refuses(&boss, test(), RefusalCode::WebhookNotFound);
    world.refuses(&DELIVER, disable(), RefusalCode::WebhookNotFound);
    world.run(&boss, create(1));
    world.run(&DELIVER, disable());
    let webhook = world.state.webhooks.get(ID).expect("it is there");
    assert_eq!((webhook.active, webhook.fault), (false, Some(WebhookFault::Gone)));
    for (caller, command) in [(&boss, test()), (&boss, resend(Position(1))), (&DELIVER, disable())] {
        world.refuses(caller, command, RefusalCode::WebhookInactive);
    }
    world.run(&boss, active(ID, true));
    let webhook = world.state.webhooks.get(ID).expect("it is there");
    assert_eq!((webhook.active, webhook.fault), (true, None));
    assert_eq!(webhook.active_since, world.state.position());
    let since = webhook.active_since;
    world.run(&boss, active(ID, true));
    assert_eq!(world.state.webhooks.get(ID).expect("it is there").active_since, since, "it was on already");
    assert!(matches!(world.run(&boss, test()), Event::WebhookTested(_)));
}

#[test]
fn only_records_that_there_are_can_be_repeated() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    world.run(&boss, create(1));
    let newest = world.state.position();
    world.refuses(&boss, resend(Position(0)), RefusalCode::DeliveryNotFound);
    assert!(matches!(world.run(&boss, resend(newest)), Event::DeliveryResent(_)));
    let beyond = Position(world.state.position().0 + 1);
    world.refuses(&boss, resend(beyond), RefusalCode::DeliveryNotFound);
}

#[test]
fn a_secret_that_is_replaced_signs_for_a_day_unless_it_is_replaced_again() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    world.run(&boss, create(1));
    let Event::WebhookSecretRotated(first) = world.run(&boss, rotate(2)) else { panic!("not rotated") };
    assert_eq!((first.replaced, first.ended), (secret(1), None));
    assert_eq!(first.signs_until, world.now.plus_hours(WEBHOOK_OVERLAP_HOURS));
    let webhook = world.state.webhooks.get(ID).expect("it is there").clone();
    assert_eq!(webhook.replaced_secret(first.signs_until.plus_seconds(-1)), Some(secret(1)));
    assert_eq!(webhook.replaced_secret(first.signs_until), None);
    let Event::WebhookSecretRotated(second) = world.run(&boss, rotate(3)) else { panic!("not rotated") };
    assert_eq!((second.replaced, second.ended), (secret(2), Some(secret(1))));
    let event = world.run(&boss, remove());
    assert_eq!(event.ended_entries(), [secret(3).bytes(), secret(2).bytes()]);
    world.refuses(&boss, remove(), RefusalCode::WebhookNotFound);
}

#[test]
fn the_last_endpoint_that_fits_is_created_and_one_more_is_not() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    for id in 1..=WEBHOOKS {
        world.run(&boss, create(u8::try_from(id).expect("a small number")));
    }
    world.refuses(&boss, create(200), RefusalCode::TooManyWebhooks);
    world.run(&boss, remove());
    world.run(&boss, create(200));
}

#[test]
fn an_endpoint_wants_actions_by_name_or_by_how_they_begin() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    world.run(&boss, create(1));
    let webhook = world.state.webhooks.get(ID).expect("it is there");
    for (action, wanted) in [
        ("alert.raised", true),
        ("alert.", true),
        ("mfa.reset", true),
        ("mfa.reset_refused", false),
        ("alerts.raised", false),
        ("mfa.", false),
        ("session.started", false),
    ] {
        assert_eq!(webhook.wants(action), wanted, "{action}");
    }
}
