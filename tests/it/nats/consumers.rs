//! `consumers add|list|remove`: what is printed lets a client read its events, and do nothing else.

use serde_json::Value;

use super::server::Nats;
use super::{EVENTS, caught_up, publishing_to, python, records, run};
use crate::support::server::{Place, text};

fn list(place: &Place, nats: &Nats) -> Value {
    let output = run(place, nats, &["consumers", "list", "--output", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_are_made_listed_and_removed() {
    let nats = Nats::start();
    let empty = Place::initialised().0;
    let none = run(&empty, &nats, &["consumers", "add", "early"]);
    assert_eq!(none.status.code(), Some(5), "there is no stream yet: {}", text(&none.stderr));
    let server = publishing_to(&nats);
    let head = caught_up(&server.client()).await;
    let place = &server.place;
    let made = run(place, &nats, &["consumers", "add", "audit"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let made = run(place, &nats, &["consumers", "add", "resets", "--filter", "mfa.v1.*.*.mfa_reset"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let made = run(place, &nats, &["consumers", "add", "late", "--from-sequence", &head.to_string()]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let listed = list(place, &nats);
    let row = |name: &str| listed.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().clone();
    assert_eq!((&row("audit")["waiting"], &row("audit")["filter"]), (&head.into(), &Value::Null));
    assert_eq!((row("resets")["waiting"].as_u64(), row("late")["waiting"].as_u64()), (Some(0), Some(1)));
    for (arguments, code, why) in [
        (["add", "audit", "--filter", "mfa.v1.>"].as_slice(), 6, "there is a consumer audit already"),
        (&["add", "a.b"], 2, "is no name for a consumer"),
        (&["add", &"a".repeat(65)], 2, "is no name for a consumer"),
        (&["add", "x", "--filter", "$JS.>"], 2, "is no filter for events"),
        (&["remove", "nobody"], 5, "there is no consumer nobody"),
    ] {
        let output = run(place, &nats, &[&["consumers"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
    assert_eq!(listed, list(place, &nats), "a refusal changes nothing");
    let longest = run(place, &nats, &["consumers", "add", &"a".repeat(64)]);
    assert!(longest.status.success(), "{}", text(&longest.stderr));
    assert!(run(place, &nats, &["consumers", "remove", "late"]).status.success());
    assert_eq!(list(place, &nats).as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_permissions_let_a_client_read_and_nothing_else() {
    let mut nats = Nats::start();
    let server = publishing_to(&nats);
    records(&server.client(), 5).await;
    let head = caught_up(&server.client()).await;
    let (_, place, _) = server.end();
    let made = run(&place, &nats, &["consumers", "add", "audit"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let permissions = text(&made.stdout);
    assert!(!permissions.contains("CREATE"), "{permissions}");
    nats.kill();
    nats.configure(&format!(
        "authorization {{ users: [\n{{ user: audit, password: x\n{permissions}\n}}\n{{ user: other, password: x }} ] }}"
    ));
    nats.restart();
    let output = python("restricted.py", &[&nats.url, EVENTS, "audit"]).output().expect("it starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(seen["read"], head);
    assert_eq!(seen["left"], 0, "what was acknowledged does not come again");
    for refused in ["create", "delete", "publish", "purge", "read_others"] {
        assert_eq!(seen[refused], "refused", "{refused}: {seen}");
    }
}
