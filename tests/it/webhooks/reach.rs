//! Nothing is delivered into this machine or the networks behind it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{Receiver, attempts, create};
use crate::support::server::Server;

#[tokio::test]
async fn addresses_that_are_not_of_the_open_internet_are_refused_at_once() {
    let server = Server::start();
    let (root, _) = server.root().await;
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
    let (root, _) = server.root().await;
    let (id, _) = create(&root, &format!("http://localhost:{}/ok", receiver.port), json!({})).await;
    root.post(&format!("/v1/webhooks/{id}/test"), &Value::Null).await.ok(202);
    let attempt = attempts(&root, &id, 1).await.remove(0);
    assert!(attempt["failure"].as_str().is_some_and(|why| why.contains("is loopback")), "{attempt}");
    assert_eq!((&attempt["status"], &attempt["outcome"]), (&Value::Null, &json!("to_be_repeated")));
    assert_eq!(receiver.seen("/ok").await, Vec::<Value>::new());
}

/// Certificates are checked: against the system's authorities and those of the configuration, and the name.
#[tokio::test]
async fn deliveries_over_tls_go_to_whoever_has_a_certificate_that_is_trusted() {
    let dir = tempfile::tempdir().expect("a directory");
    let (certificate, key) = certificate(dir.path());
    let pem = std::fs::read(&certificate).expect("there is one");
    let authority = reqwest::Certificate::from_pem(&pem).expect("a certificate");
    mfa_ledger::tls::install();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().expect("a client");
    let arguments = ["0".as_ref(), certificate.as_os_str(), key.as_os_str()];
    let receiver = Receiver::with(&arguments, http);
    let loopback = ("MFA_LEDGER__WEBHOOKS__ALLOW_NETWORKS", "127.0.0.0/8,::1");
    let file = certificate.to_str().expect("UTF-8");
    let trusting = Server::start_with(&[loopback, ("MFA_LEDGER__WEBHOOKS__AUTHORITIES_FILE", file)]);
    let other = Server::start_with(&[loopback]);
    for (server, host, arrives) in
        [(&trusting, "127.0.0.1", true), (&trusting, "localhost", false), (&other, "127.0.0.1", false)]
    {
        let (root, _) = server.root().await;
        let url = format!("https://{host}:{}/ok", receiver.port);
        let (id, _) = create(&root, &url, json!({})).await;
        root.post(&format!("/v1/webhooks/{id}/test"), &Value::Null).await.ok(202);
        let attempt = attempts(&root, &id, 1).await.remove(0);
        assert_eq!(attempt["outcome"] == "delivered", arrives, "{attempt}");
        if !arrives {
            let why = attempt["failure"].as_str().unwrap_or_default();
            assert!(why.contains("certificate"), "{why}");
        }
    }
    let seen = receiver.seen_at(&format!("https://127.0.0.1:{}/seen", receiver.port), "/ok").await;
    assert_eq!(seen.len(), 1);
}

/// A certificate for 127.0.0.1 that stands for itself, and its key.
fn certificate(dir: &Path) -> (PathBuf, PathBuf) {
    let (config, certificate, key) = (dir.join("config"), dir.join("cert.pem"), dir.join("key.pem"));
    std::fs::write(&config, "[req]\ndistinguished_name = name\n[name]\n").expect("a file can be written");
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "1",
        ])
        .args(["-subj", "/CN=receiver", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-config"])
        .arg(&config)
        .arg("-out")
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", crate::support::server::text(&made.stderr));
    (certificate, key)
}
