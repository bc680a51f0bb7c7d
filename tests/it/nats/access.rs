//! Who may publish, and who may not: told, tried again, and nothing is lost.

use super::server::Nats;
use super::{caught_up, check, metric, records, the_stream_is_the_log, until};
use crate::support::server::{Server, text};

/// A pair of keys out of the documentation of NATS: worth nothing, known to everybody.
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const PUBLIC: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

const REFUSED: &str = "the NATS server does not accept who we are";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_tried_again() {
    let mut nats = Nats::with("authorization { user: ledger, password: right }");
    let url = nats.url.clone();
    let environment = [
        ("MFA_LEDGER__NATS__URLS", &*url),
        ("MFA_LEDGER__NATS__USER", "ledger"),
        ("MFA_LEDGER__NATS__PASSWORD", "hunter2"),
    ];
    let server = Server::start_with(&environment);
    let client = server.client();
    until(REFUSED, || async { server.told().contains(REFUSED) }).await;
    records(&client, 5).await;
    assert_eq!(check(&client).await.0, "degraded");
    let told = server.told();
    assert!(!told.contains("hunter2"), "{told}");
    assert_eq!(told.matches(REFUSED).count(), 1, "once, not with every attempt");
    // Somebody puts it right, on the other side.
    nats.kill();
    nats.configure("authorization { user: ledger, password: hunter2 }");
    nats.restart();
    caught_up(&client).await;
    let (status, place, _) = server.end();
    assert!(status.success());
    nats.kill();
    nats.configure("");
    nats.restart();
    the_stream_is_the_log(&nats, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_and_another_does_not() {
    let nats = Nats::with(&format!("authorization {{ users: [ {{ nkey: {PUBLIC} }} ] }}"));
    let file = nats.dir.path().join("seed");
    let path = file.display().to_string();
    let environment = [("MFA_LEDGER__NATS__URLS", &*nats.url), ("MFA_LEDGER__NATS__NKEY_FILE", &path)];
    let server = Server::start_with(&environment);
    let client = server.client();
    until("the file is missed", || async { server.told().contains("cannot be used to log in to NATS") })
        .await;
    std::fs::write(&file, "nothing of the kind\n").expect("a file can be made");
    until("it is no seed", || async { server.told().contains("it holds no seed of a user") }).await;
    std::fs::write(&file, format!("# of the ledger\n{SEED}\n")).expect("a file can be made");
    caught_up(&client).await;
    assert!(!server.told().contains(SEED));

    // Whoever has no key is told so with an exit code of its own.
    let output = super::run(&server.place, &nats, &["events", "replay"]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains(REFUSED), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_missing_is_named() {
    let nats = Nats::with(
        "authorization { users: [ { user: ledger, password: x, permissions: {\n\
         publish: [\"$JS.API.>\"], subscribe: [\"_INBOX_mfa_ledger.>\"] } } ] }",
    );
    let environment = [
        ("MFA_LEDGER__NATS__URLS", &*nats.url),
        ("MFA_LEDGER__NATS__USER", "ledger"),
        ("MFA_LEDGER__NATS__PASSWORD", "x"),
    ];
    let server = Server::start_with(&environment);
    let told = "Permissions Violation for Publish to \\\"mfa.v1.";
    until(told, || async { server.told().to_lowercase().contains(&told.to_lowercase()) }).await;
    until("it is degraded", || async { check(&server.client()).await.0 == "degraded" }).await;
}

/// What `deploy/nats.conf` grants is enough for the server, and for an operator at the command line.
#[tokio::test(flavor = "multi_thread")]
async fn the_permissions_of_the_deployment_are_enough() {
    let deployed = include_str!("../../../deploy/nats.conf").replace("$NATS_PASSWORD", "x");
    let (_, users) = deployed.split_once("authorization {").expect("it has users");
    let nats = Nats::with(&format!("authorization {{{users}"));
    let environment = [
        ("MFA_LEDGER__NATS__URLS", &*nats.url),
        ("MFA_LEDGER__NATS__USER", "mfa-ledger"),
        ("MFA_LEDGER__NATS__PASSWORD", "x"),
    ];
    let server = Server::start_with(&environment);
    let client = server.client();
    records(&client, 3).await;
    let head = caught_up(&client).await;
    until("checkpoints are published", || async {
        metric(&client, "mfa_ledger_nats_checkpoint").await.is_some_and(|size| size >= head)
    })
    .await;
    for arguments in [
        ["consumers", "add", "audit"].as_slice(),
        &["consumers", "list"],
        &["consumers", "remove", "audit"],
        &["events", "replay"],
        &["events", "verify"],
        &["events", "replay", "--filter", "mfa.v1.strangers.>", "--since", "2020-01-01T00:00:00Z"],
    ] {
        let output = server.place.command(arguments).envs(environment).output().expect("it starts");
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stdout).lines().count() > 0 || arguments[1] == "remove", "{arguments:?}");
    }
    assert!(!server.told().contains("Permissions Violation"), "{}", server.told());
}
