//! Backups while people enroll and are reset: each of them is a ledger in which everybody whose MFA is on
//! gets in, or is named as missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{Person, below, create, enrolled, gets_in, reset, restored, verify};
use crate::support::client::Client;
use crate::support::server::{Server, totp};

const BACKUPS: usize = 4;
const WORKERS: usize = 3;

/// Enrolls people one after another, and has every second of them reset; those enrolled, ever.
async fn enroll_and_reset(
    server: Arc<Server>,
    root: Client,
    desk: Person,
    number: usize,
    over: Arc<AtomicBool>,
) -> Vec<Person> {
    let mut people = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let name = format!("w{number}-{}", people.len());
        let person = enrolled(&server, &root, &name, "general-staff").await;
        if people.len() % 2 == 0 {
            reset(&desk, &person).await;
        }
        people.push(person);
    }
    people
}

/// Begins to enroll and gives up, over and over: secrets that live for a moment.
async fn begin_and_cancel(client: Client, over: Arc<AtomicBool>) -> usize {
    let mut times = 0;
    while !over.load(Ordering::SeqCst) {
        client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
        client.delete("/v1/me/mfa/enrollment").await.ok(200);
        times += 1;
    }
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_backup_taken_under_load_lets_in_whom_its_log_lets_in() {
    let server = Arc::new(Server::start());
    let (root, _) = server.root().await;
    // The limit of resets an hour is not what is tried here.
    let settings = json!({"resets_per_actor_per_hour": 0});
    root.ask(reqwest::Method::PATCH, "/v1/settings", &[], Some(&settings)).await.ok(200);
    let desk = enrolled(&server, &root, "desk", "help-desk").await;
    desk.client.post("/v1/session/second-factor", &json!({"code": totp(&desk.seed, 30)})).await.ok(200);
    let who = json!({
        "user_name": "fickle", "display_name": "F", "emails": ["f@example.org"], "role": "general-staff",
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let (fickle, _) = server.client().log_in("fickle", made["password"].as_str().expect("one")).await;

    let over = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let (server, root, desk) = (Arc::clone(&server), root.clone(), desk.clone());
            tokio::spawn(enroll_and_reset(server, root, desk, number, Arc::clone(&over)))
        })
        .collect();
    let fickle = tokio::spawn(begin_and_cancel(fickle, Arc::clone(&over)));
    let mut backups = Vec::new();
    for number in 0..BACKUPS {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        let (place, to) = (server.place.clone(), below(&server.place, &format!("b{number}")));
        let path = to.clone();
        let made = tokio::task::spawn_blocking(move || create(&place, &path)).await.expect("a backup");
        backups.push((to, made));
    }
    over.store(true, Ordering::SeqCst);
    let mut people = Vec::new();
    for worker in workers {
        people.extend(worker.await.expect("the server goes on"));
    }
    let times = fickle.await.expect("the server goes on");
    println!("{} people enrolled, {times} times begun and given up", people.len());
    assert!(people.len() > 2 * BACKUPS && times > 20);

    let mut before = 0;
    for (backup, made) in &backups {
        let records = made["records"].as_u64().expect("a number");
        assert!(records > before, "the log went on: {made}");
        before = records;
        assert!(verify(&server.place, backup).status.success());
        let place = restored(&server.place, backup);
        let again = Server::on(place, server.password.clone(), &[]);
        let enabled = judge(&again, &people, made).await;
        println!("{records} records, {enabled} enabled, {} missing", made["entries_missing"]);
        assert!(again.end().0.success());
    }
}

/// How many have MFA there; all of them get in, but for those who are named.
async fn judge(server: &Server, people: &[Person], made: &Value) -> usize {
    let (root, _) = server.root().await;
    let page = root.get("/v1/administrators?mfa=enabled&limit=1000").await.ok(200);
    let enabled = page["data"].as_array().expect("a page");
    let missing = made["missing"].as_array().expect("a list");
    let mut judged = 0;
    for person in people {
        if !enabled.iter().any(|it| it["id"] == person.id || it["administrator"] == person.id) {
            continue;
        }
        judged += 1;
        let named = missing.iter().any(|it| it["administrator"] == person.id);
        assert!(named || gets_in(server, person).await, "{} is shut out: {made}", person.user_name);
    }
    assert!(
        judged + 2 >= enabled.len(),
        "all but the desk and root are known: {judged} of {}",
        enabled.len()
    );
    judged
}
