//! `kill -9` in the middle of work, over and over, in one data directory.

use std::collections::HashMap;
use std::time::Duration;

use mfa_ledger::chance::Chance;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{Place, Server};

const ROUNDS: u64 = 50;
/// Clients that command at the same time, each in a way of its own.
const CLIENTS: u64 = 6;
/// A round is killed this many milliseconds after its clients began, at the most.
const LONGEST_MS: u64 = 180;

/// What the clients were told is on record: position and request id.
type Acknowledged = HashMap<u64, String>;

/// One after another, until the server is gone.
async fn command_until_killed(client: Client, round: u64, number: u64) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    for turn in 0.. {
        let request = format!("r{round}-{number}-{turn}");
        let (method, path, body) = match (number, turn % 2) {
            (0 | 1, _) => {
                let name = format!("u{round}-{number}-{turn}");
                let email = format!("{name}@example.org");
                let who = json!({
                    "user_name": name, "display_name": name, "emails": [email], "role": "general-staff",
                });
                (Method::POST, "/v1/administrators", Some(who))
            }
            (2, 0) => (Method::POST, "/v1/me/mfa/enrollment", None),
            (2, _) => (Method::DELETE, "/v1/me/mfa/enrollment", None),
            // Refused, and on record: the role does not allow it.
            (3, _) => (Method::PUT, "/v1/roles/general-staff", Some(role())),
            // Confirms what was never begun, or what the other client gives up.
            (4, _) => (Method::POST, "/v1/me/mfa/enrollment/confirm", Some(json!({"code": "000000"}))),
            // No position is told, so that nobody learns which cause it was.
            _ => (Method::POST, "/v1/session", Some(json!({"user_name": "nobody", "password": "wrong"}))),
        };
        let answer = client.try_ask(method, path, &[("x-request-id", &request)], body.as_ref()).await;
        let Ok(answer) = answer else { return acknowledged };
        assert!(answer.status < 500, "{request}: {}", answer.text);
        if let Some(position) = answer.position() {
            assert_eq!(acknowledged.insert(position, request), None, "one position, one record");
        }
    }
    acknowledged
}

fn role() -> Value {
    json!({"name": "General Staff", "permissions": ["manage-mfa"], "mfa_required": false})
}

/// All entries behind a position.
async fn entries_after(client: &Client, mut after: u64) -> Vec<Value> {
    let mut entries: Vec<Value> = Vec::new();
    loop {
        let page = client.get(&format!("/v1/activity?order=asc&limit=1000&after={after}")).await.ok(200);
        entries.extend(page["data"].as_array().expect("a page").iter().cloned());
        after = entries.last().and_then(|entry| entry["position"].as_u64()).unwrap_or(after);
        if page["has_more"] == false {
            return entries;
        }
    }
}

/// No gap behind `after`, and what was acknowledged is there, once, where it was said to be. Gives the head.
async fn judge(root: &Client, after: u64, acknowledged: &Acknowledged, seed: u64) -> u64 {
    let entries = entries_after(root, after).await;
    let positions: Vec<u64> = entries.iter().filter_map(|entry| entry["position"].as_u64()).collect();
    let head = after + entries.len() as u64;
    assert_eq!(positions, (after + 1..=head).collect::<Vec<_>>(), "no gap (seed {seed})");
    for entry in &entries {
        assert!(entry["details"].is_object() && entry["id"].is_string(), "whole (seed {seed}): {entry}");
        assert_eq!(entry["void"], false, "one node never writes a void record (seed {seed}): {entry}");
    }
    for (position, request) in acknowledged {
        let at = usize::try_from(position - after - 1).expect("it is of this round");
        assert_eq!(entries.get(at).map(|it| &it["request"]), Some(&json!(request)), "lost (seed {seed})");
        let times = entries.iter().filter(|it| it["request"] == *request).count();
        assert_eq!(times, 1, "{request} is on record once (seed {seed})");
    }
    head
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_however_often_the_server_is_killed() {
    let seed = u64::from_le_bytes(Chance::System.bytes());
    let draws = Chance::seeded(seed);
    let (mut place, mut password) = Place::initialised();
    let (mut head, mut told, mut total) = (0, Acknowledged::new(), 0);
    let mut tokens: Option<(String, String)> = None;
    for round in 0..=ROUNDS {
        let server = Server::on(place, password, &[]);
        // Sessions outlive the server: their tokens are asked for once.
        let (root, staff) = match &tokens {
            Some((root, staff)) => (server.client().with_token(root), server.client().with_token(staff)),
            None => callers(&server).await,
        };
        tokens = Some((root.token.clone().expect("logged in"), staff.token.clone().expect("logged in")));
        head = judge(&root, head, &told, seed).await;
        for (position, request) in told.iter().take(10) {
            let entry = root.get(&format!("/v1/activity/{position}")).await.ok(200);
            assert_eq!(entry["request"], *request, "seed {seed}");
        }
        let clients = (0..CLIENTS).map(|number| {
            let client = if number < 2 { root.clone() } else { staff.clone() };
            tokio::spawn(command_until_killed(client, round, number))
        });
        let clients: Vec<_> = clients.collect();
        let wait = u64::from_le_bytes(draws.bytes()) % LONGEST_MS;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        (place, password) = server.kill();
        told = Acknowledged::new();
        for client in clients {
            told.extend(client.await.unwrap_or_else(|error| panic!("seed {seed}: {error}")));
        }
        total += told.len();
    }
    let server = Server::on(place, password, &[]);
    let root = server.client().with_token(&tokens.expect("logged in").0);
    judge(&root, head, &told, seed).await;
    let all = judge(&root, 0, &Acknowledged::new(), seed).await;
    println!("{all} records, {total} of them acknowledged with their position (seed {seed})");
    assert!(all > 20 * ROUNDS, "the clients did command");
    let (status, ..) = server.end();
    assert!(status.success());
}

/// The first administrator, and one who may do nothing but enroll.
async fn callers(server: &Server) -> (Client, Client) {
    let (root, _) = server.root().await;
    let who = json!({
        "user_name": "staff", "display_name": "Staff", "emails": ["s@example.org"], "role": "general-staff",
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let password = made["password"].as_str().expect("a password");
    let (staff, _) = server.client().log_in("staff", password).await;
    (root, staff)
}
