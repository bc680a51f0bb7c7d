//! TLS with certificates that fit, and with such as do not.

use std::path::Path;
use std::process::Command;

use super::server::Nats;
use super::{caught_up, check, records, until};
use crate::support::server::{Server, text};

const FAILED: &str = "TLS with the NATS server failed";

const HERE: &str = "IP:127.0.0.1,DNS:localhost";

fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output();
    let output = output.expect("openssl is installed: see .ci/install");
    assert!(output.status.success(), "openssl {arguments}: {}", text(&output.stderr));
}

/// An authority, and a certificate of it: `NAME.ca.pem`, `NAME.pem`, `NAME.key`, for a host.
fn certificates(dir: &Path, name: &str, host: &str) {
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(dir, &format!("req -x509 {new} -keyout {name}.ca.key -out {name}.ca.pem -subj /CN={name}-ca"));
    openssl(
        dir,
        &format!("req {new} -keyout {name}.key -out {name}.csr -subj /CN={name}").replace(" -days 2", ""),
    );
    std::fs::write(dir.join("names"), format!("subjectAltName={host}\nbasicConstraints=CA:FALSE\n"))
        .expect("a file can be made");
    openssl(
        dir,
        &format!(
            "x509 -req -in {name}.csr -CA {name}.ca.pem -CAkey {name}.ca.key -CAcreateserial -days 2 \
             -extfile names -out {name}.pem"
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_do_not_fit_are_told_and_tried_again() {
    let mut nats = Nats::not_started();
    let dir = nats.dir.path().to_owned();
    for name in ["ours", "theirs"] {
        certificates(&dir, name, HERE);
    }
    let tls = |name: &str, more: &str| {
        let dir = dir.display();
        format!("tls {{ cert_file: \"{dir}/{name}.pem\", key_file: \"{dir}/{name}.key\" {more} }}")
    };
    let file = |name: &str| dir.join(name).display().to_string();
    let (ca, certificate, key) = (file("ours.ca.pem"), file("ours.pem"), file("ours.key"));

    // Without TLS on the other side nothing is sent, although it does not ask for any.
    nats.restart();
    let url = nats.url.clone();
    let environment = [("MFA_LEDGER__NATS__URLS", &*url), ("MFA_LEDGER__NATS__CA_FILE", &ca)];
    let server = Server::start_with(&environment);
    let client = server.client();
    until("it is not connected", || async { server.told().contains("events are not published") }).await;
    assert_eq!(check(&client).await.0, "degraded");

    // A certificate of an authority that we do not know.
    nats.kill();
    nats.configure(&tls("theirs", ""));
    nats.restart();
    until(FAILED, || async { server.told().contains(FAILED) }).await;
    records(&client, 5).await;
    assert_eq!(check(&client).await.0, "degraded");

    // One that we do.
    nats.kill();
    nats.configure(&tls("ours", ""));
    nats.restart();
    caught_up(&client).await;

    // The server wants to see one of ours, and we show none.
    let (_, place, password) = server.end();
    nats.kill();
    nats.configure(&tls("ours", &format!(", ca_file: \"{ca}\", verify: true")));
    nats.restart();
    let server = Server::on(place, password, &environment);
    records(&server.client(), 5).await;
    until("it is degraded", || async { check(&server.client()).await.0 == "degraded" }).await;
    let (_, place, password) = server.end();
    let shown = [
        environment[0],
        environment[1],
        ("MFA_LEDGER__NATS__CLIENT_CERTIFICATE_FILE", &certificate),
        ("MFA_LEDGER__NATS__CLIENT_KEY_FILE", &key),
    ];
    let server = Server::on(place, password, &shown);
    caught_up(&server.client()).await;
}

/// The authority is one that we trust, and has vouched for another host.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_host_is_told_and_nothing_is_sent() {
    let mut nats = Nats::not_started();
    let dir = nats.dir.path().to_owned();
    certificates(&dir, "elsewhere", "DNS:nats.elsewhere.example");
    let file = |name: &str| dir.join(name).display().to_string();
    let (certificate, key) = (file("elsewhere.pem"), file("elsewhere.key"));
    nats.configure(&format!("tls {{ cert_file: \"{certificate}\", key_file: \"{key}\" }}"));
    nats.restart();
    let (url, ca) = (nats.url.clone(), file("elsewhere.ca.pem"));
    let environment = [("MFA_LEDGER__NATS__URLS", &*url), ("MFA_LEDGER__NATS__CA_FILE", &ca)];
    let server = Server::start_with(&environment);
    let client = server.client();
    until(FAILED, || async { server.told().contains(FAILED) }).await;
    records(&client, 5).await;
    assert_eq!(check(&client).await.0, "degraded");

    // With one for this host it goes on.
    nats.kill();
    certificates(&dir, "elsewhere", HERE);
    std::fs::write(&ca, std::fs::read(dir.join("elsewhere.ca.pem")).expect("it is there")).expect("a file");
    nats.restart();
    caught_up(&client).await;
}
