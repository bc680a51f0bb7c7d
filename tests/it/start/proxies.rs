//! Behind a real proxy callers keep their own address, where the configuration names the proxy.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};

use crate::anchors::metric;
use crate::support::nginx::Nginx;
use crate::support::server::Server;

const NAME: &str = "MFA_LEDGER__HTTP__TRUSTED_PROXIES";
const CALLER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Fails to log in through the proxy from an address of its own, and claims to be somewhere else.
async fn guess(nginx: &Nginx) {
    let client = reqwest::Client::builder().no_proxy().local_address(IpAddr::from(CALLER)).build();
    let body = json!({ "user_name": "root", "password": "not the password" });
    let asked = client.expect("a client").post(format!("http://{}/v1/session", nginx.address));
    let answer = asked.header("x-forwarded-for", "192.0.2.77").json(&body).send().await.expect("an answer");
    assert_eq!(answer.status(), 401);
}

/// The newest failure, and how many requests came through a proxy that is not trusted.
async fn seen(environment: &[(&str, &str)]) -> (Value, Option<u64>, String) {
    let server = Server::start_with(environment);
    let (root, _) = server.root().await;
    let behind = root.base.trim_start_matches("http://").to_owned();
    let nginx = Nginx::start(&behind, std::time::Duration::from_secs(5));
    guess(&nginx).await;
    guess(&nginx).await;
    let found = root.get("/v1/activity?action=session.failed&limit=1").await.ok(200);
    let counted = metric(&root, "mfa_ledger_untrusted_forwarded_requests_total").await;
    (found["data"][0]["origin"]["address"].clone(), counted, server.told())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_named_says_who_calls_and_one_that_is_not_is_noticed() {
    let (address, counted, told) = seen(&[(NAME, "127.0.0.1")]).await;
    assert_eq!((address, counted), (json!("127.0.0.2"), Some(0)), "not what the caller claims");
    assert!(!told.contains("X-Forwarded-For"), "{told}");

    let (address, counted, told) = seen(&[]).await;
    assert_eq!((address, counted), (json!("127.0.0.1"), Some(2)), "the proxy's own");
    assert_eq!(told.matches("X-Forwarded-For comes from a peer").count(), 1, "once an hour: {told}");
}

/// A proxy may ask for another host than the browser, where the configuration says which that is.
#[tokio::test(flavor = "multi_thread")]
async fn the_public_address_is_one_of_ours_whatever_host_a_proxy_asks_for() {
    let server = Server::start_with(&[("MFA_LEDGER__HTTP__PUBLIC_URL", "https://MFA.example.org:443/")]);
    let body = json!({ "user_name": "nobody", "password": "not the password" });
    let from = async |origin: &str| {
        let headers = [("origin", origin)];
        server.client().ask(reqwest::Method::POST, "/v1/session", &headers, Some(&body)).await
    };
    assert_eq!(from("https://mfa.example.org").await.status, 401, "it is heard, and the password is wrong");
    for other in ["https://evil.example", "http://mfa.example.org", "null"] {
        let answer = from(other).await;
        assert_eq!((answer.status, &answer.json["code"]), (403, &json!("cross-site-request")), "{other}");
        assert!(
            answer.json["detail"].as_str().expect("words").contains("http.public_url"),
            "{}",
            answer.text
        );
    }
}
