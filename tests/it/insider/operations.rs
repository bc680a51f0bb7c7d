//! Every operation that changes something gives a command, and asks for the proof that the table in the manual says.

use std::collections::{BTreeMap, BTreeSet};

use mfa_ledger::service::command::{ChangeSettings, RecordRestore};
use serde_json::{Value, json};

use super::{filed, reset, story};
use crate::openapi::{document, operations};
use crate::support::house::{House, Person};

/// The table, as the manual has it.
const ASKS: &str = include_str!("../../../src/domain/asks.md");

/// Operations that change something, and the command that each gives. To add an operation: its line, and below what is sent
/// to it where the table asks for a fresh code.
const COMMANDS: &[(&str, &str)] = &[
    ("DELETE /v1/me/mfa", "mfa.disable"),
    ("DELETE /v1/me/mfa/enrollment", "mfa.cancel_enrollment"),
    ("DELETE /v1/service-accounts/{id}", "service_account.revoke"),
    ("DELETE /v1/session", "session.end"),
    ("DELETE /v1/silences/{id}", "rule.end_silence"),
    ("DELETE /v1/webhooks/{id}", "webhook.remove"),
    ("PATCH /v1/administrators/{id}", "administrator.change"),
    ("PATCH /v1/settings", "settings.change"),
    ("PATCH /v1/webhooks/{id}", "webhook.change"),
    ("POST /v1/administrators", "administrator.register"),
    ("POST /v1/administrators/{id}/deactivate", "administrator.deactivate"),
    ("POST /v1/administrators/{id}/mfa/report-suspicious", "reset.report_suspicious"),
    ("POST /v1/administrators/{id}/mfa/reset", "mfa.reset"),
    ("POST /v1/administrators/{id}/password-reset", "password.reset"),
    ("POST /v1/administrators/{id}/personal-data/erase", "personal_data.erase"),
    ("POST /v1/administrators/{id}/reactivate", "administrator.reactivate"),
    ("POST /v1/administrators/{id}/sessions/revoke", "sessions.revoke"),
    ("POST /v1/administrators/{id}/suspicion/clear", "suspicion.clear"),
    ("POST /v1/alerts/{id}/acknowledge", "alert.acknowledge"),
    ("POST /v1/alerts/{id}/resolve", "alert.resolve"),
    // A question about the past and one about the log: both are recorded as reading.
    ("POST /v1/log/verification", "activity.read"),
    ("POST /v1/rules/backtest", "activity.read"),
    ("POST /v1/me/mfa/backup-codes", "backup_codes.regenerate"),
    ("POST /v1/me/mfa/enrollment", "mfa.enroll"),
    ("POST /v1/me/mfa/enrollment/confirm", "mfa.confirm"),
    ("POST /v1/reset-requests", "reset.request"),
    ("POST /v1/reset-requests/{id}/approve", "reset.approve"),
    ("POST /v1/reset-requests/{id}/decline", "reset.decline"),
    ("POST /v1/reset-requests/{id}/report-suspicious", "reset.report_suspicious"),
    ("POST /v1/resets/{position}/follow-ups", "reset.record_follow_up"),
    ("POST /v1/resets/{position}/repudiate", "reset.repudiate"),
    ("POST /v1/service-accounts", "service_account.create"),
    ("POST /v1/service-accounts/{id}/resume", "service_account.resume"),
    ("POST /v1/session", "session.start"),
    ("POST /v1/session/second-factor", "second_factor.verify"),
    ("POST /v1/silences", "rule.silence"),
    ("POST /v1/verify", "second_factor.verify"),
    ("POST /v1/webhooks", "webhook.create"),
    ("POST /v1/webhooks/{id}/deliveries/{delivery}/resend", "webhook.resend"),
    ("POST /v1/webhooks/{id}/rotate-secret", "webhook.rotate_secret"),
    ("POST /v1/webhooks/{id}/test", "webhook.test"),
    ("PUT /v1/me/password", "password.set"),
    ("PUT /v1/roles/{id}", "role.define"),
];

/// What the table says that a command asks.
fn asks() -> BTreeMap<String, String> {
    let rows = ASKS.lines().skip(2).map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    rows.map(|cells| (cells[1].trim_matches('`').to_owned(), cells[2].to_owned())).collect()
}

#[test]
fn every_operation_that_changes_something_gives_a_command_of_the_table() {
    let changing = operations(&document()).into_iter().map(|(name, _)| name);
    let changing: BTreeSet<_> = changing.filter(|name| !name.starts_with("GET ")).collect();
    let listed: BTreeSet<_> = COMMANDS.iter().map(|(operation, _)| (*operation).to_owned()).collect();
    assert_eq!(changing, listed);
    let asks = asks();
    let unknown: Vec<_> = COMMANDS.iter().filter(|(_, command)| !asks.contains_key(*command)).collect();
    assert_eq!(unknown, [] as [&(&str, &str); 0]);
}

/// What is there to be changed, and whom it belongs to.
struct Scene {
    house: House,
    root: Person,
    dana: Person,
    /// What stands for the parts of an address.
    ids: BTreeMap<&'static str, String>,
}

async fn scene() -> Scene {
    let house = House::open().await;
    house.settings(ChangeSettings { approver_hours: Some(0), ..ChangeSettings::default() }).await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    // A log that was restored: the program waits to be resumed.
    let program = json!({ "name": "tickets", "scopes": ["request-reset"] });
    let resting = house.post("/v1/service-accounts").as_(&root).json(&program).send().await.ok(201);
    house.operate(RecordRestore { kept: 1, backup_at: None }).await;
    house.log_in(&mut root).await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let gone = house.enrolled("gone", "general-staff").await;
    let request = filed(&house, &desk, &dana).await;
    let reported = house.enrolled("reported", "general-staff").await;
    let flags = json!({ "red_flags": ["unusual_style"] });
    let path = format!("/v1/administrators/{}/mfa/report-suspicious", reported.id);
    house.post(&path).as_(&desk).json(&flags).send().await.ok(200);
    house.step_up(&root).await;
    let program = house.post("/v1/service-accounts").as_(&root).json(&program).send().await.ok(201);
    let hook = house.post("/v1/webhooks").as_(&root).json(&hook()).send().await.ok(201);
    let done = reset(&house, &root, &gone, &story(&house, "gone")).await.ok(201);
    house
        .post(&format!("/v1/administrators/{}/deactivate", gone.id))
        .as_(&root)
        .json(&json!({}))
        .send()
        .await
        .ok(200);
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let ids = BTreeMap::from([
        ("dana", dana.id.clone()),
        ("gone", gone.id.clone()),
        ("reported", reported.id.clone()),
        ("request", request),
        ("program", text(&program["service_account"])),
        ("resting", text(&resting["service_account"])),
        ("hook", text(&hook["webhook"])),
        ("reset", done["position"].to_string()),
    ]);
    Scene { house, root, dana, ids }
}

fn hook() -> Value {
    json!({
        "url": "https://hooks.example.org/x", "actions": ["mfa.reset"], "form": "cloudevents",
        "signing": "hmac", "description": "x",
    })
}

/// What would be done with a fresh code: the operation, what its `{…}` stand for, and what is sent.
fn attempts(scene: &Scene) -> Vec<(&'static str, &'static str, Value)> {
    let new = json!({
        "user_name": "mallory", "display_name": "Mallory", "emails": ["m@example.org"],
        "role": "help-desk", "super_administrator": false,
    });
    let told = super::with(story(&scene.house, "dana"), json!({ "confirmation": "dana" }));
    let note = json!({ "note": "looked into it" });
    let silence = json!({ "rule": "burst-of-resets", "hours": 1, "note": "drill" });
    vec![
        ("DELETE /v1/service-accounts/{id}", "program", Value::Null),
        ("DELETE /v1/webhooks/{id}", "hook", Value::Null),
        ("PATCH /v1/administrators/{id}", "dana", json!({ "emails": ["x@example.org"] })),
        ("PATCH /v1/settings", "", json!({ "step_up_minutes": 240 })),
        ("PATCH /v1/webhooks/{id}", "hook", json!({ "description": "y" })),
        ("POST /v1/administrators", "", new),
        ("POST /v1/administrators/{id}/deactivate", "dana", json!({})),
        ("POST /v1/administrators/{id}/mfa/reset", "dana", told),
        ("POST /v1/administrators/{id}/password-reset", "dana", Value::Null),
        ("POST /v1/administrators/{id}/personal-data/erase", "gone", Value::Null),
        ("POST /v1/administrators/{id}/reactivate", "gone", note.clone()),
        ("POST /v1/administrators/{id}/sessions/revoke", "dana", Value::Null),
        ("POST /v1/administrators/{id}/suspicion/clear", "reported", note.clone()),
        ("POST /v1/reset-requests/{id}/approve", "request", Value::Null),
        ("POST /v1/resets/{position}/repudiate", "reset", note),
        ("POST /v1/service-accounts", "", json!({ "name": "x", "scopes": ["request-reset"] })),
        ("POST /v1/service-accounts/{id}/resume", "resting", Value::Null),
        ("POST /v1/silences", "", silence),
        ("POST /v1/webhooks", "", hook()),
        ("POST /v1/webhooks/{id}/rotate-secret", "hook", Value::Null),
        ("PUT /v1/roles/{id}", "auditor", json!({ "name": "A", "permissions": [], "mfa_required": false })),
    ]
}

#[tokio::test]
async fn each_that_asks_for_a_fresh_code_is_refused_without_one() {
    let scene = scene().await;
    let (house, asks) = (&scene.house, asks());
    let wanted = COMMANDS.iter().filter(|(_, command)| asks[*command].contains("a fresh code"));
    // The role of somebody is a member of the account, and one operation with it.
    let wanted: BTreeSet<_> = wanted.map(|(operation, _)| *operation).collect();
    let attempts = attempts(&scene);
    assert_eq!(wanted, attempts.iter().map(|(operation, ..)| *operation).collect());
    house.pass(16 * 60);
    for (operation, stands_for, body) in attempts {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let id = scene.ids.get(stands_for).map_or(stands_for, String::as_str);
        let path = path.replace("{id}", id).replace("{position}", id);
        let asked = house.ask(method.parse().expect("a method"), &path).as_(&scene.root);
        let answer = if body.is_null() { asked } else { asked.json(&body) }.send().await;
        assert_eq!(answer.told(), (403, "step-up-required"), "{operation}: {}", answer.body);
        assert!(answer.body["position"].is_u64(), "the refusal is on record: {}", answer.body);
    }
    let dana =
        house.get(&format!("/v1/administrators/{}", scene.dana.id)).as_(&scene.root).send().await.ok(200);
    assert_eq!((&dana["active"], &dana["emails"]), (&json!(true), &json!(["dana@example.org"])));
}
