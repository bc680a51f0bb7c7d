//! What is published, and how that is told.

use super::server::Nats;
use super::{EVENTS, caught_up, check, metric, publishing_to, records, the_stream_is_the_log, until};

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_published_as_it_is_stored_and_every_checkpoint_beside() {
    let nats = Nats::start();
    let server = publishing_to(&nats);
    let client = server.client();
    let (root, _) = server.root().await;
    let email = "dana@example.org";
    let dana = serde_json::json!({
        "user_name": "dana", "display_name": "Dana", "emails": [email], "role": "general-staff",
    });
    let made = root.post("/v1/administrators", &dana).await.ok(201);
    let id = made["administrator"].as_str().expect("an id").to_owned();
    let renamed = root
        .ask(
            reqwest::Method::PATCH,
            &format!("/v1/administrators/{id}"),
            &[],
            Some(&serde_json::json!({"display_name": "D"})),
        )
        .await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    records(&client, 20).await;
    let head = caught_up(&client).await;
    let leaf = root.get(&format!("/v1/activity/{head}/leaf")).await;
    let messages = nats.messages(EVENTS).await;
    let message = &messages[usize::try_from(head).unwrap() - 1];
    assert_eq!(message.payload, leaf.text.as_bytes(), "what is published is what is served");
    let subjects: Vec<_> = messages.iter().map(|message| message.subject.as_str()).collect();
    for wanted in [
        "mfa.v1.strangers._.session_failed".to_owned(),
        "mfa.v1.directory._.administrator_registered".to_owned(),
        format!("mfa.v1.administrator.{id}.changed"),
    ] {
        assert!(subjects.contains(&wanted.as_str()), "{wanted} is not among {subjects:?}");
    }

    until("the check says that it keeps up", || async { check(&client).await.0 == "ready" }).await;
    for (name, wanted) in [("connected", 1), ("stopped", 0), ("lag_records", 0)] {
        assert_eq!(metric(&client, &format!("mfa_ledger_nats_{name}")).await, Some(wanted), "{name}");
    }
    let (status, place, _) = server.end();
    assert!(status.success());
    the_stream_is_the_log(&nats, &place).await;
    let checkpoints = nats.messages("MFA_CHECKPOINTS").await;
    let last = checkpoints.last().expect("there are checkpoints");
    let kept = std::fs::read(place.data_dir().join("checkpoint")).expect("there is one");
    assert_eq!(last.payload, kept, "the last checkpoint is published when the server ends");
    assert_eq!(last.subject.as_str(), format!("mfa-cp.v1.{}", super::ledger(&place)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_published_before_the_end_is_published_at_the_end() {
    let nats = Nats::start();
    let server = publishing_to(&nats);
    records(&server.client(), 200).await;
    let (status, place, _) = server.end();
    assert!(status.success());
    the_stream_is_the_log(&nats, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_where_no_server_is_named() {
    let server = crate::support::server::Server::start();
    let client = server.client();
    let ready = client.get("/readyz?verbose").await.ok(200);
    let checks = ready["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["name"] != "nats"), "{ready}");
    assert_eq!(metric(&client, "mfa_ledger_nats_position").await, None);
}
