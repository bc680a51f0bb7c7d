//! What differs between two moments.

use serde_json::{Value, json};

use super::{boss, reset};
use crate::support::house::{House, Person};

async fn diff(house: &House, by: &Person, from: &str, to: &str) -> Value {
    house.get(&format!("/v1/diff?from={from}&to={to}")).as_(by).send().await.ok(200)
}

/// The changes as `field: before -> after`.
fn told(changes: &Value) -> Vec<String> {
    let line = |it: &Value| format!("{}: {} -> {}", it["field"].as_str().unwrap(), it["before"], it["after"]);
    changes.as_array().unwrap().iter().map(line).collect()
}

fn of<'a>(difference: &'a Value, user_name: &str) -> &'a Value {
    let mut all = difference["administrators"].as_array().unwrap().iter();
    all.find(|it| it["user_name"] == user_name).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn two_moments_differ_by_what_happened_between_them() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let mut dana = house.enrolled("dana", "general-staff").await;
    let (start, morning) = (house.records(), house.now().to_string());
    house.pass(60);
    let late = house.admin("late", "help-desk").await;
    house.step_up(&boss).await;
    let position = reset(&house, &boss, &dana).await.ok(201)["position"].clone();
    let path = format!("/v1/administrators/{}", dana.id);
    house.patch(&path).as_(&boss).json(&json!({"role": "auditor"})).send().await.ok(200);
    house.pass(60);
    let noon = house.now().to_string();
    house.pass(60);
    house.require_mfa().await;
    house.log_in(&mut dana).await;
    house.enroll(&mut dana).await;
    house.post(&format!("{path}/deactivate")).as_(&boss).json(&json!({})).send().await.ok(200);
    let end = house.records();

    let before_noon = diff(&house, &boss, &morning, &noon).await;
    assert_eq!(before_noon["from"], json!({"position": start, "at": morning}));
    let lines = told(&of(&before_noon, "dana")["changes"]);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(
        lines[1].starts_with("enrolled_at: \"2026-05-04T09:") && lines[1].ends_with("-> null"),
        "{lines:?}"
    );
    let plain = [&lines[0], &lines[2], &lines[3], &lines[4]];
    let wanted = [
        "backup_codes_left: 10 -> null".to_owned(),
        format!("last_reset: null -> {position}"),
        "mfa_status: \"enabled\" -> \"not_enabled\"".to_owned(),
        "role: \"general-staff\" -> \"auditor\"".to_owned(),
    ];
    assert_eq!(plain, wanted.each_ref());
    assert_eq!(of(&before_noon, "dana")["appeared"], false);
    let appeared = of(&before_noon, "late");
    assert_eq!((&appeared["appeared"], &appeared["administrator"]), (&json!(true), &json!(late.id)));
    assert!(told(&appeared["changes"]).contains(&"user_name: null -> \"late\"".to_owned()), "{appeared}");
    assert_eq!(of(&before_noon, "boss"), &Value::Null, "who is as before is not told");
    assert_eq!((&before_noon["roles"], &before_noon["settings"]), (&json!([]), &json!([])));

    let after_noon = diff(&house, &boss, &noon, &end.to_string()).await;
    assert_eq!(told(&after_noon["settings"]), ["mfa_required_for_all: false -> true"]);
    let lines = told(&of(&after_noon, "dana")["changes"]);
    assert!(lines.contains(&"active: true -> false".to_owned()), "{lines:?}");
    assert!(lines.contains(&"mfa_status: \"not_enabled\" -> \"enabled\"".to_owned()), "{lines:?}");
    assert_eq!(told(&of(&after_noon, "boss")["changes"]), ["mfa_required: false -> true"]);

    let none = diff(&house, &boss, &end.to_string(), &end.to_string()).await;
    assert_eq!((&none["administrators"], &none["settings"]), (&json!([]), &json!([])));
    let from_the_start = diff(&house, &boss, "1", "9").await;
    let roles = from_the_start["roles"].as_array().unwrap();
    assert!(roles.len() > 3 && roles.iter().all(|role| role["appeared"] == true), "{from_the_start}");
}

#[tokio::test]
async fn an_enrollment_that_runs_out_differs_without_a_record() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    house.post("/v1/me/mfa/enrollment").as_(&dana).send().await.ok(201);
    let begun = house.records();
    house.pass(3_600);
    let later = house.get(&format!("/v1/diff?from={begun}")).as_(&boss).send().await.ok(200);
    // The look itself has a record, and nothing else has.
    assert_eq!((&later["from"]["position"], &later["to"]["position"]), (&json!(begun), &json!(begun + 1)));
    assert_eq!(told(&of(&later, "dana")["changes"]), ["mfa_status: \"pending\" -> \"not_enabled\""]);
}
