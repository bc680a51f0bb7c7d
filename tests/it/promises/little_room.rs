//! When there is less room than the reserve: commands are refused before anything is written, reading
//! goes on, and so do commands once there is room again. The room is made up here; see `full_disk` for a
//! real one.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::disk::{Disk, Fate, Faults, Space};
use mfa_ledger::http::Options;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::service::Guard;
use mfa_ledger::service::guard::{CHECK_EVERY, MARGIN};
use serde_json::json;

use crate::support::house::{House, Person};

const RESERVE: u64 = 80 * 1024 * 1024;

fn room(faults: &Faults, free: u64) {
    faults.pretend_space(Some(Space { free, total: 10 * RESERVE }));
}

async fn house(free: u64) -> (House, Arc<Faults>) {
    let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
    room(&faults, free);
    let dir = tempfile::tempdir().expect("a directory");
    let guard = Guard::start(disk, dir.path(), RESERVE).await;
    let options = Options { attempts_per_second: 0, ..Options::default() };
    (House::open_guarded(Arc::new(Memory::new()), options, guard).await, faults)
}

/// Waits until the guard has looked, and found that it is so.
async fn until(house: &House, status: u16) {
    for _ in 0..100 {
        if house.get("/readyz").send().await.status.as_u16() == status {
            return;
        }
        tokio::time::sleep(CHECK_EVERY / 10).await;
    }
    panic!("not {status} within {:?}", CHECK_EVERY * 10);
}

/// Longer than it takes the guard to look again.
async fn a_look_later() {
    tokio::time::sleep(CHECK_EVERY + Duration::from_millis(500)).await;
}

async fn register(house: &House, person: &Person) -> (u16, String) {
    let name = format!("new-{}", house.records());
    let body = json!({
        "user_name": name, "display_name": "New", "emails": ["new@example.org"], "role": "general-staff"
    });
    let answer = house.post("/v1/administrators").as_(person).json(&body).send().await;
    (answer.told().0, answer.told().1.to_owned())
}

/// What stands in for a real disk where none can be mounted.
pub(super) async fn without_a_disk_to_fill() {
    closes_and_opens().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_closes_below_the_reserve_and_opens_by_itself_at_the_margin() {
    closes_and_opens().await;
}

async fn closes_and_opens() {
    let (house, faults) = house(RESERVE).await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    room(&faults, RESERVE);
    a_look_later().await;
    assert_eq!(register(&house, &root).await.0, 201, "exactly the reserve is enough");

    room(&faults, RESERVE - 1);
    until(&house, 503).await;
    let before = house.records();
    let refused = (503, "read-only".to_owned());
    assert_eq!(register(&house, &root).await, refused);
    let log_in = json!({"user_name": "root", "password": "wrong"});
    let answer = house.post("/v1/session").json(&log_in).send().await;
    assert_eq!(answer.told(), (503, "read-only"), "even a refusal needs its record");
    assert_eq!(
        (answer.header("retry-after"), answer.header("content-type")),
        ("30", "application/problem+json")
    );
    for path in ["/v1/session", "/v1/administrators", "/v1/roles", "/v1/settings"] {
        house.get(path).as_(&root).send().await.ok(200);
    }
    let page = house.get(answer.body["type"].as_str().expect("a type")).send().await;
    assert!(page.text.contains("goes on by itself"), "{}", page.text);
    assert_eq!(house.records(), before, "nothing was recorded");

    room(&faults, RESERVE + RESERVE / MARGIN - 1);
    a_look_later().await;
    assert_eq!(register(&house, &root).await, refused, "not yet");
    room(&faults, RESERVE + RESERVE / MARGIN);
    until(&house, 200).await;
    assert_eq!(register(&house, &root).await.0, 201);
    room(&faults, RESERVE);
    a_look_later().await;
    assert_eq!(register(&house, &root).await.0, 201, "open again, it closes below the reserve only");
}

#[tokio::test(flavor = "multi_thread")]
async fn monitoring_sees_it() {
    let (house, faults) = house(RESERVE).await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let lines = |read_only: u8, free: u64| {
        [
            format!("mfa_ledger_read_only {read_only}\n"),
            format!("mfa_ledger_log_writable {}\n", 1 - read_only),
            format!("mfa_ledger_disk_reserve_bytes {RESERVE}\n"),
            format!("mfa_ledger_disk_free_bytes {free}\n"),
        ]
    };
    let metrics = house.get("/metrics").send().await.text;
    assert!(lines(0, RESERVE).iter().all(|line| metrics.contains(line)), "{metrics}");

    room(&faults, 7);
    until(&house, 503).await;
    register(&house, &root).await;
    let metrics = house.get("/metrics").send().await.text;
    assert!(lines(1, 7).iter().all(|line| metrics.contains(line)), "{metrics}");
    assert!(metrics.contains("mfa_ledger_unrecorded_commands_total{cause=\"read_only\"} 1\n"), "{metrics}");
    let ready = house.get("/readyz?verbose").send().await;
    let disk = ready.body["checks"].as_array().and_then(|all| all.iter().find(|it| it["name"] == "disk"));
    let disk = disk.expect("it is checked");
    let (status, detail) = ("unavailable", "has too little room: nothing is recorded");
    assert_eq!(
        (&ready.body["status"], &disk["status"], &disk["detail"]),
        (&status.into(), &status.into(), &detail.into())
    );
    assert!(disk["since"].is_string(), "{disk}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_is_answered_once_there_is_room() {
    let (house, faults) = house(RESERVE).await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let change = |key: &'static str| {
        let ask = house.patch("/v1/settings").as_(&root).header("idempotency-key", key);
        ask.json(&json!({"step_up_minutes": 20})).send()
    };
    room(&faults, 0);
    until(&house, 503).await;
    let before = house.records();
    assert_eq!(change("k").await.told(), (503, "read-only"));
    room(&faults, 2 * RESERVE);
    until(&house, 200).await;
    change("k").await.ok(200);
    change("k").await.ok(200);
    assert_eq!(house.records(), before + 1, "recorded once, under the key that was refused before");
}
