//! Nothing is delivered into this machine or the networks behind it.

use serde_json::{Value, json};

use super::{Receiver, attempts, create};
use crate::support::server::{FIRST, Server};

#[tokio::test]
async fn addresses_that_are_not_of_the_open_internet_are_refused_at_once() {
    let server = Server::start();
    let (root, _) = server.client().log_in(FIRST, &server.password).await;
    for url in [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://10.0.0.1/x",
        "https://[::1]/",
        "https://0x7f000001/",
        "https://[::ffff:192.168.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://u:p@example.org/",
        "https://example.org/#part",
        "https:///",
    ] {
        let body = json!({ "url": url, "description": "x" });
        let refused = root.post("/v1/webhooks", &body).await;
        assert_eq!((refused.status, &refused.json["code"]), (400, &json!("invalid-request")), "{url}");
        assert_eq!(refused.json["errors"][0]["pointer"], "#/url", "{url}");
    }
    assert_eq!(root.get("/v1/webhooks").await.ok(200)["data"], json!([]));
}

/// A name is looked at when it is resolved, each time.
#[tokio::test]
async fn a_name_that_leads_into_this_machine_is_never_connected_to() {
    let receiver = Receiver::start();
    let server = Server::start_with(&[("MFA_LEDGER__WEBHOOKS__ALLOW_HTTP", "true")]);
    let (root, _) = server.client().log_in(FIRST, &server.password).await;
    let (id, _) = create(&root, &format!("http://localhost:{}/ok", receiver.port), json!({})).await;
    root.post(&format!("/v1/webhooks/{id}/test"), &Value::Null).await.ok(202);
    let attempt = attempts(&root, &id, 1).await.remove(0);
    assert!(attempt["failure"].as_str().is_some_and(|why| why.contains("is loopback")), "{attempt}");
    assert_eq!((&attempt["status"], &attempt["outcome"]), (&Value::Null, &json!("to_be_repeated")));
    assert_eq!(receiver.seen("/ok").await, Vec::<Value>::new());
}
