//! What people ask for: a test, a repetition, a change, an end.

use serde_json::{Value, json};

use super::{Receiver, attempts, body, create, define_role, header, server};

#[tokio::test]
async fn a_test_and_a_repetition_go_out_whatever_was_asked_for() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let (id, key) = create(&root, &receiver.url("/ok"), json!({ "actions": ["alert."] })).await;
    receiver.knows(&[&key]).await;
    let position = define_role(&root, "one").await;
    let tested = root.post(&format!("/v1/webhooks/{id}/test"), &Value::Null).await.ok(202);
    assert_eq!(tested["action"], "webhook.tested");
    let seen = receiver.wait_for("/ok", 1).await;
    let leaf: Value = serde_json::from_slice(&body(&seen[0])).expect("JSON");
    assert_eq!((&leaf["data"]["action"], &seen[0]["verified"]), (&json!("webhook.tested"), &json!([key])));

    let resend = format!("/v1/webhooks/{id}/deliveries/{position}/resend");
    for count in 2..4 {
        root.post(&resend, &Value::Null).await.ok(202);
        receiver.wait_for("/ok", count).await;
    }
    let seen = receiver.seen("/ok").await;
    let leaf: Value = serde_json::from_slice(&body(&seen[1])).expect("JSON");
    assert_eq!(leaf["data"]["action"], "role.defined");
    assert_eq!(header(&seen[1], "webhook-id"), header(&seen[2], "webhook-id"));
    let beyond = root.post(&format!("/v1/webhooks/{id}/deliveries/999999/resend"), &Value::Null).await;
    assert_eq!((beyond.status, &beyond.json["code"]), (404, &json!("delivery-not-found")));

    let listed = attempts(&root, &id, 3).await;
    let numbers: Vec<_> = listed.iter().filter_map(|it| it["number"].as_u64()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let page = root.get(&format!("/v1/webhooks/{id}/deliveries?limit=2")).await.ok(200);
    let next = page["next"].as_str().expect("a cursor");
    assert!(page["has_more"] == true && next.starts_with("2~"), "{next}");
    let rest = root.get(&format!("/v1/webhooks/{id}/deliveries?limit=2&after={next}")).await.ok(200);
    assert_eq!((rest["data"].as_array().map(Vec::len), &rest["has_more"]), (Some(1), &json!(false)));
}

#[tokio::test]
async fn an_endpoint_is_changed_and_removed_with_all_that_it_had() {
    let (receiver, (server, root)) = (Receiver::start(), server().await);
    let (id, _) = create(&root, &receiver.url("/ok"), json!({})).await;
    let path = format!("/v1/webhooks/{id}");
    let etag = root.get(&path).await.headers["etag"].to_str().expect("text").to_owned();
    let change =
        json!({ "url": receiver.url("/ok/other"), "actions": ["role."], "form": "ocsf", "description": "y" });
    let if_match = [("if-match", etag.as_str())];
    root.ask(reqwest::Method::PATCH, &path, &if_match, Some(&change)).await.ok(200);
    let late = root.ask(reqwest::Method::PATCH, &path, &if_match, Some(&change)).await;
    assert_eq!((late.status, &late.json["code"]), (412, &json!("version-mismatch")));
    define_role(&root, "one").await;
    receiver.wait_for("/ok/other", 1).await;
    assert_eq!(receiver.seen("/ok").await.len(), 0);
    let file = server.place.data_dir().join("webhooks").join(format!("{id}.attempts"));
    attempts(&root, &id, 1).await;
    assert!(file.exists());

    root.delete(&path).await.ok(200);
    for gone in [path.clone(), format!("{path}/deliveries")] {
        assert_eq!(root.get(&gone).await.status, 404);
    }
    let again = root.delete(&path).await;
    assert_eq!((again.status, &again.json["code"]), (404, &json!("webhook-not-found")));
    for _ in 0..200 {
        if !file.exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(!file.exists(), "its files go with it");
    define_role(&root, "two").await;
    assert_eq!(receiver.seen("/ok/other").await.len(), 1);
}

#[tokio::test]
async fn the_sixty_fifth_endpoint_is_one_too_many() {
    let (_server, root) = server().await;
    for number in 0..64 {
        create(&root, &format!("http://127.0.0.1:1/{number}"), json!({})).await;
    }
    let body = json!({ "url": "http://127.0.0.1:1/", "description": "x" });
    let refused = root.post("/v1/webhooks", &body).await;
    assert_eq!((refused.status, &refused.json["code"]), (422, &json!("too-many-webhooks")));
    let page = root.get("/v1/webhooks?limit=63").await.ok(200);
    assert_eq!((page["data"].as_array().map(Vec::len), &page["has_more"]), (Some(63), &json!(true)));
}
