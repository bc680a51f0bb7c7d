//! The real server on a disk whose syncs fail or hang: what callers, `/readyz`, `/metrics` and the exit code tell.

use std::collections::BTreeSet;
use std::time::Duration;

use mfa_ledger::config::Config;
use mfa_ledger::data_dir::master_key_at_hand;
use mfa_ledger::vault::Vault;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::support::client::{Answer, Client};
use crate::support::server::{FIRST, Place, Server};
use crate::support::shim::Shim;

/// What the server does by itself, and every answer, comes within this; most of it takes a few seconds.
const WITHIN: Duration = Duration::from_mins(1);
/// No test here waits for the server to end because of a hang, but for one.
const PATIENT: (&str, &str) = ("MFA_LEDGER__LOG__HANG_EXIT_SECONDS", "3600");

fn start(limit: (&str, &str)) -> (Server, Shim) {
    let (place, password) = Place::initialised();
    let shim = Shim::make(&place);
    let [preload, control] = shim.environment();
    let server = Server::on(place, password, &[preload, control, limit]);
    (server, shim)
}

/// The answer, unless the server ends before it comes.
async fn try_register(client: &Client, name: &str) -> Option<Answer> {
    let body = json!({
        "user_name": name, "display_name": name, "emails": ["new@example.org"], "role": "general-staff"
    });
    let key = [("idempotency-key", name)];
    let asked = client.try_ask(Method::POST, "/v1/administrators", &key, Some(&body));
    timeout(WITHIN, asked).await.expect("it answers").ok()
}

async fn register(client: &Client, name: &str) -> Answer {
    try_register(client, name).await.expect("it is there")
}

async fn post(client: &Client, path: &str, key: &str) -> Answer {
    let key = [("idempotency-key", key)];
    let asked = client.ask(Method::POST, path, &key, None);
    timeout(WITHIN, asked).await.expect("it answers")
}

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.json["code"].as_str().unwrap_or_default())
}

/// Waits until `/readyz` has this status, and has one of its checks.
async fn check(client: &Client, status: u16, name: &str) -> Value {
    let since = Instant::now();
    loop {
        let ready = timeout(WITHIN, client.get("/readyz?verbose")).await.expect("it answers");
        if ready.status == status {
            let checks = ready.json["checks"].as_array().expect("checks").clone();
            return checks.into_iter().find(|it| it["name"] == name).expect("it is checked");
        }
        assert!(since.elapsed() < WITHIN, "/readyz is not {status}: {}", ready.text);
        sleep(Duration::from_millis(50)).await;
    }
}

async fn metric(client: &Client, name: &str) -> u64 {
    let page = timeout(WITHIN, client.get("/metrics")).await.expect("it answers").text;
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is not in {page}")).parse().expect("a number")
}

/// Waits until it has said something on standard error.
async fn says(server: &Server, what: &str) {
    let since = Instant::now();
    while !server.told().contains(what) {
        assert!(since.elapsed() < WITHIN, "{what} is not in {}", server.told());
        sleep(Duration::from_millis(50)).await;
    }
}

fn entries(server: &Server) -> BTreeSet<[u8; 16]> {
    let config = Config { data_dir: server.place.data_dir(), ..Config::default() };
    let key = master_key_at_hand(&config).expect("the key is there");
    Vault::look(&config.data_dir.join("vault"), &key).expect("it opens").into_iter().collect()
}

async fn people(client: &Client) -> Vec<String> {
    let listed =
        timeout(WITHIN, client.get("/v1/administrators?limit=1000")).await.expect("it answers").ok(200);
    let data = listed["data"].as_array().expect("a list");
    data.iter().map(|it| it["user_name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_cannot_destroy_refuses_commands_says_so_and_is_reopened_without_a_restart() {
    let (server, shim) = start(PATIENT);
    let (client, _) = server.root().await;
    let jane = register(&client, "jane").await.ok(201)["administrator"].as_str().expect("an id").to_owned();
    let path = |what: &str| format!("/v1/administrators/{jane}/{what}");
    post(&client, &path("deactivate"), "deactivate").await.ok(200);
    let before = entries(&server);

    shim.fail("/vault/slots");
    let erase = path("personal-data/erase");
    let first = post(&client, &erase, "erase").await;
    assert_eq!(
        told(&first),
        (503, "outcome-unknown"),
        "it is recorded, and nothing was destroyed: {}",
        first.text
    );
    let vault = check(&client, 503, "vault").await;
    assert_eq!(vault["status"], "unavailable", "{vault}");
    assert!(vault["since"].is_string(), "{vault}");
    let head = client.get("/readyz").await.json["head"].clone();
    for path in [path("password-reset"), path("reactivate"), erase.clone()] {
        let refused = post(&client, &path, "more").await;
        assert_eq!(told(&refused), (503, "vault-unavailable"), "{path}: {}", refused.text);
        assert_eq!(refused.headers["retry-after"], "5");
    }
    assert_eq!(
        client.get("/readyz").await.json["head"],
        head,
        "nothing is recorded that cannot be destroyed"
    );
    assert_eq!(people(&client).await.len(), 2, "reads go on");
    assert_eq!(metric(&client, "mfa_ledger_vault_writable").await, 0);
    assert_eq!(metric(&client, "mfa_ledger_log_writable").await, 1);
    assert_eq!(metric(&client, "mfa_ledger_ready").await, 0);
    assert!(metric(&client, "mfa_ledger_vault_unwritable_seconds").await > 0);
    let page = client.get("/problems/vault-unavailable").await;
    assert!(page.status == 200 && page.text.contains("HTTP status 503"), "{}", page.text);

    says(&server, "the disk does not take writes").await;
    shim.heal();
    check(&client, 200, "vault").await;
    post(&client, &erase, "erase").await.ok(200);
    assert!(entries(&server).len() < before.len(), "what was ended is destroyed");
    assert!(metric(&client, "mfa_ledger_reopenings_total").await >= 1);
    for line in ["a write has failed", "log and vault are reopened", "log and vault are open again"] {
        says(&server, line).await;
    }
    assert_eq!(told(&register(&client, "after").await).0, 201);
    let (status, place, _) = server.end();
    assert!(status.success());
    assert!(place.run(&["log", "verify"]).status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_whose_sync_hangs_is_seen_and_ends_the_server() {
    let (mut server, shim) = start(("MFA_LEDGER__LOG__HANG_EXIT_SECONDS", "8"));
    let (client, _) = server.root().await;
    shim.hang("/journal/");
    let hanging = tokio::spawn({
        let client = client.clone();
        async move { try_register(&client, "jane").await }
    });
    let log = check(&client, 503, "log").await;
    assert_eq!(log["status"], "unavailable", "{log}");
    assert!(
        log["detail"].as_str().is_some_and(|it| it.contains("a commit to the log has not returned")),
        "{log}"
    );
    assert!(log["since"].is_string(), "{log}");
    assert_eq!(client.get("/livez").await.text, "ok");
    assert!(metric(&client, "mfa_ledger_log_write_seconds").await >= 2);
    assert_eq!(metric(&client, "mfa_ledger_log_writable").await, 0);
    assert_eq!(people(&client).await, [FIRST], "reads go on");
    assert_eq!(told(&register(&client, "other").await), (503, "log-unavailable"));
    // Its reading is a record itself: refused at once, instead of waiting for the disk.
    assert_eq!(told(&client.get("/v1/activity/1").await), (503, "log-unavailable"));

    let status = tokio::task::spawn_blocking(move || (server.wait(), server));
    let (status, server) = timeout(WITHIN, status).await.expect("it ends by itself").expect("no panic");
    assert_eq!(status.code(), Some(1), "{}", server.told());
    for line in ["mfa-ledger: a commit to the log has not returned for", "log.hang_exit_seconds", "not ready"]
    {
        assert!(server.told().contains(line), "{line} is not in {}", server.told());
    }
    drop(hanging);
    shim.heal();
    let [preload, control] = shim.environment();
    let server = Server::on(server.place.clone(), server.password.clone(), &[preload, control]);
    let (client, _) = server.root().await;
    register(&client, "jane").await.ok(201);
    assert_eq!(people(&client).await, [FIRST, "jane"], "its key tells, and it is there once");
}

/// What waits for a sync that hangs hears so in the end, and nothing is done twice when the sync returns.
async fn answered_at_the_deadline(word: &str, check_name: &str, codes: [&str; 2]) {
    let (server, shim) = start(PATIENT);
    let (client, _) = server.root().await;
    shim.hang(word);
    let answers = tokio::join!(register(&client, "one"), register(&client, "two"));
    for answer in [&answers.0, &answers.1] {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(codes.contains(&told(answer).1), "{}", answer.text);
    }
    let hanging = check(&client, 503, check_name).await;
    assert_eq!(hanging["status"], "unavailable", "{hanging}");
    shim.heal();
    check(&client, 200, check_name).await;
    for name in ["one", "two", "three"] {
        register(&client, name).await.ok(201);
    }
    let mut there = people(&client).await;
    there.sort_unstable();
    assert_eq!(there, ["one", FIRST, "three", "two"]);
    assert!(server.end().0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_commit_that_hangs_hears_that_the_outcome_is_unknown() {
    answered_at_the_deadline("/journal/", "log", ["outcome-unknown", "log-unavailable"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_vault_that_hangs_hears_that_it_is_not_available() {
    answered_at_the_deadline("/vault/slots", "vault", ["vault-unavailable", "vault-unavailable"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_turns_out_to_be_altered_when_it_is_reopened_ends_the_server() {
    let (mut server, shim) = start(PATIENT);
    let (client, _) = server.root().await;
    register(&client, "before").await.ok(201);
    shim.fail("/journal/");
    assert_eq!(register(&client, "failed").await.status, 503);
    check(&client, 503, "log").await;
    let segment = server.place.data_dir().join("journal/00000000000000000001.segment");
    let mut bytes = std::fs::read(&segment).expect("it is there");
    bytes[400] ^= 1;
    std::fs::write(&segment, bytes).expect("it can be written");
    shim.heal();
    let ended = tokio::task::spawn_blocking(move || (server.wait(), server));
    let (status, server) = timeout(WITHIN, ended).await.expect("it ends by itself").expect("no panic");
    assert_eq!(status.code(), Some(10), "{}", server.told());
    assert!(server.told().contains("the journal is damaged"), "{}", server.told());
}
