//! The consumers of `schemas/examples`, run as a reader would run them: with a real nats-server, the real binary,
//! and no more permissions than `consumers add` prints.

mod example;
mod lines;

use std::collections::HashSet;

use async_nats::HeaderMap;
use serde_json::{Value, json};

use crate::nats::server::Nats;
use crate::nats::{EVENTS, caught_up, records, run, until};
use crate::support::client::Client;
use crate::support::server::{Server, now, text, totp};
use example::Example;
use lines::{all, reach};

const CONSUMER: &str = "example";

#[tokio::test(flavor = "multi_thread")]
async fn the_consumer_in_python_gets_every_event_once_and_in_order() {
    gets_every_event_once_and_in_order(&Example::python()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consumer_in_typescript_gets_every_event_once_and_in_order() {
    gets_every_event_once_and_in_order(&Example::typescript()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_consumer_takes_a_filter_for_everything() {
    let nats = Nats::start();
    let server = Server::start_with(&[("MFA_LEDGER__NATS__URLS", &nats.url)]);
    caught_up(&server.client()).await;
    let made = run(&server.place, &nats, &["consumers", "add", CONSUMER, "--filter", "mfa.v1.*.*.mfa_reset"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    for example in [Example::python(), Example::typescript()] {
        let out = nats.dir.path().join("out");
        let output = example.command(&nats.url, CONSUMER, &out).output().expect("it starts");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("this one has a filter"), "{}", text(&output.stderr));
        assert!(!out.exists(), "nothing was read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_the_lines_is_told_since_what_was_acknowledged_does_not_come_again() {
    let nats = Nats::start();
    let server = Server::start_with(&[("MFA_LEDGER__NATS__URLS", &nats.url)]);
    let head = caught_up(&server.client()).await;
    for (name, example) in [("python", Example::python()), ("typescript", Example::typescript())] {
        let made = run(&server.place, &nats, &["consumers", "add", name]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let file = |kind: &str| nats.dir.path().join(format!("{name}-{kind}"));
        let running = example.start(&nats.url, name, &file("kept"));
        reach(&file("kept"), head, &running).await;
        running.end();
        let acknowledged = async || {
            let listed = run(&server.place, &nats, &["consumers", "list", "--output", "json"]);
            let listed: Value = serde_json::from_slice(&listed.stdout).expect("it is JSON");
            listed
                .as_array()
                .expect("a list")
                .iter()
                .any(|it| it["name"] == name && it["acknowledged"] == head)
        };
        until("everything is acknowledged", acknowledged).await;
        let output = example.command(&nats.url, name, &file("lost")).output().expect("it starts");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let told = format!("ends at 0, but {head} was acknowledged");
        assert!(text(&output.stderr).contains(&told), "{}", text(&output.stderr));
    }
}

async fn gets_every_event_once_and_in_order(example: &Example) {
    let mut nats = Nats::start();
    let url = nats.url.clone();
    let environment = [
        ("MFA_LEDGER__NATS__URLS", &*url),
        ("MFA_LEDGER__NATS__USER", "ledger"),
        ("MFA_LEDGER__NATS__PASSWORD", "l"),
    ];
    let server = Server::start_with(&environment);
    let client = server.client();
    let (root, people) = people(&server).await;
    records(&client, 300).await;
    caught_up(&client).await;
    close(&mut nats, &server);

    // Killed in the middle of reading, in the middle of a line at worst.
    let out = nats.dir.path().join("events.ndjson");
    let running = example.start(&url, CONSUMER, &out);
    reach(&out, 20, &running).await;
    running.kill();
    let mut torn = std::fs::read(&out).expect("it is there");
    let seen = text(&torn).matches('\n').count() as u64;
    torn.extend(b"{\"position\":");
    std::fs::write(&out, torn).expect("it can be written");

    let running = example.start(&url, CONSUMER, &out);
    records(&client, 30).await;
    nats.kill();
    records(&client, 30).await;
    nats.restart();
    let position = caught_up(&client).await;
    reach(&out, position, &running).await;
    assert!(seen < position, "it was killed before it had everything");
    running.end();

    for person in &people {
        reset(&root, person).await;
    }
    let (place, password) = server.kill();
    let running = example.start(&url, CONSUMER, &out);
    let server = Server::on(place, password, &environment);
    records(&server.client(), 30).await;
    let last = caught_up(&server.client()).await;
    reach(&out, last, &running).await;
    let (status, ..) = server.end();
    assert!(status.success());

    open(&mut nats);
    let strange = strange(&nats).await;
    let last = nats.messages(EVENTS).await.len() as u64;
    reach(&out, last, &running).await;
    running.end();
    is_the_stream(&all(&out), &nats, &people, &strange).await;
}

/// Whoever may do what from here on: the ledger everything, the example what `consumers add` says.
fn close(nats: &mut Nats, server: &Server) {
    let made = run(&server.place, nats, &["consumers", "add", CONSUMER]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let permissions = text(&made.stdout);
    nats.kill();
    nats.configure(&format!(
        "authorization {{ users: [\n{{ user: ledger, password: l }}\n{{ user: reader, password: r\n{permissions}\n}} ] }}"
    ));
    nats.restart();
}

fn open(nats: &mut Nats) {
    nats.kill();
    nats.configure("");
    nats.restart();
}

/// The first administrator and three others, all of them enrolled: their ids and user names.
async fn people(server: &Server) -> (Client, Vec<(String, String)>) {
    let (root, _) = server.root().await;
    let mut people = Vec::new();
    for name in ["ada", "bob", "cid"] {
        let who = json!({
            "user_name": name, "display_name": name, "emails": ["p@example.org"], "role": "general-staff",
        });
        let made = root.post("/v1/administrators", &who).await.ok(201);
        let text = |key: &str| made[key].as_str().expect("a text").to_owned();
        let (client, _) = server.client().log_in(name, &text("password")).await;
        enroll(&client).await;
        people.push((text("administrator"), name.to_owned()));
    }
    (root, people)
}

async fn enroll(client: &Client) -> Client {
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    let seed = begun["manual_key"].as_str().expect("a key");
    let enabled = client.post("/v1/me/mfa/enrollment/confirm", &json!({"code": totp(seed, 0)})).await.ok(200);
    enabled["token"].as_str().map_or_else(|| client.clone(), |token| client.with_token(token))
}

async fn reset(root: &Client, (id, name): &(String, String)) {
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": name,
        "requester_contact": "+1 555 0100", "requested_at": now(),
        "ticket": "HD-1042", "confirmation": name,
    });
    root.post(&format!("/v1/administrators/{id}/mfa/reset"), &story).await.ok(201);
}

/// Messages that a server of this version does not publish, and what is to be said of each.
async fn strange(nats: &Nats) -> Vec<Option<&'static str>> {
    let messages = nats.messages(EVENTS).await;
    let last = messages.last().expect("there are some");
    let ledger = last.headers.get("Nats-Msg-Id").expect("an id").as_str().split('/').next().expect("a log");
    let event: Value = serde_json::from_slice(&last.payload).expect("it is JSON");
    let with = |name: &str, value: Value| {
        let mut event = event.clone();
        event[name] = value;
        event.to_string()
    };
    let bodies = [
        (with("partitionkey", json!({"new": [1]})), None),
        (with("type", "mfa-ledger.mfa.teleported.v1".into()), None),
        (
            with("type", "mfa-ledger.mfa.reset.v3".into()),
            Some("the type mfa-ledger.mfa.reset.v3 is not known here"),
        ),
        (with("specversion", "2.0".into()), Some("CloudEvents 2.0 is not known here")),
        ("no event".to_owned(), Some("it is no CloudEvent")),
        (with("data", Value::Null), Some("it is no CloudEvent")),
        (event.to_string(), Some("its Nats-Msg-Id is \"foreign\"")),
    ];
    let context = nats.jetstream().await;
    let mut said = Vec::new();
    for (position, (body, told)) in (messages.len() as u64 + 1..).zip(bodies) {
        let foreign = told.is_some_and(|told| told.contains("foreign"));
        let id = if foreign { "foreign".to_owned() } else { format!("{ledger}/{position}") };
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", id);
        let sent = context.publish_with_headers("mfa.v1.alert.x.raised", headers, body.into()).await;
        assert_eq!(sent.expect("it is sent").await.expect("it is stored").sequence, position);
        said.push(told);
    }
    said
}

/// The lines are the stream: every event once, in order, whole; and one pattern was seen.
async fn is_the_stream(
    lines: &[Value],
    nats: &Nats,
    people: &[(String, String)],
    strange: &[Option<&'static str>],
) {
    let messages = nats.messages(EVENTS).await;
    assert_eq!(lines.len(), messages.len());
    let real = messages.len() - strange.len();
    let channels = lines::Subjects::documented();
    for (index, (line, message)) in lines.iter().zip(&messages).enumerate() {
        assert_eq!(line["position"], index + 1, "once, in order");
        let body = text(&message.payload);
        let event = serde_json::from_str(&body).unwrap_or_else(|_| Value::String(body.clone()));
        assert_eq!(line["event"], event, "position {}", index + 1);
        let said = strange.get(index.wrapping_sub(real)).copied().flatten();
        assert_eq!(line["parked"].as_str().map(|it| it.replace('\'', "\"")).as_deref(), said, "{line}");
        if index < real {
            assert!(channels.has(&message.subject), "{} is in no channel of the document", message.subject);
        }
    }
    let alerts: Vec<_> = lines.iter().filter(|line| !line["alert"].is_null()).collect();
    assert_eq!(alerts.len(), 1, "the third reset, and no other event: {alerts:?}");
    assert_eq!(alerts[0]["event"]["type"], "mfa-ledger.mfa.reset.v2");
    assert_eq!(alerts[0]["alert"]["actor"], "root");
    let targets: HashSet<_> =
        alerts[0]["alert"]["targets"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(targets, people.iter().map(|(id, _)| id.as_str()).collect());
}
