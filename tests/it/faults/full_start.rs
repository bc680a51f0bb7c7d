//! A start with a full disk: nothing can be signed for, so the last checkpoint stays the newest; the server
//! is there, takes no commands, says so, and goes on by itself when there is room.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::data_dir::{Means, Opened, init_with, keyring, open_with};
use mfa_ledger::disk::{Disk, Fate, Faults, Space};
use mfa_ledger::http::{Options, router};
use mfa_ledger::service::Failure;
use mfa_ledger::tiles::CHECKPOINT;
use serde_json::{Value, json};

use super::ledger::{Told, checkpoint, command, config, first, goes_on, means};
use crate::support::client::Client;
use crate::support::ram;
use crate::support::server::{FIRST, Place, Server, text};
use crate::support::tmpfs::Tmpfs;

const MIB: u64 = 1024 * 1024;
const WITHIN: Duration = Duration::from_secs(20);

/// The next step that needs room fails, and all others like it, once the checkpoint is to be written.
async fn open_without_room(dir: &Path) -> (Opened, Arc<Faults>) {
    let copy = ram::dir();
    ram::copy_all(dir, copy.path());
    let (disk, recorded) = Disk::recorded();
    open_with(&config(copy.path()), &means(disk)).await.unwrap().close().await.unwrap();
    let steps = recorded.steps();
    let first = steps.iter().position(|step| step.act.path().starts_with(copy.path().join("ledger/tile")));
    let (disk, faults) = Disk::faulty(first.unwrap() as u64 + 1, Fate::Full);
    faults.pretend_space(Some(Space { free: 0, total: 100 * MIB }));
    let mut config = config(dir);
    config.log.reserve_mib = 16;
    (open_with(&config, &means(disk)).await.unwrap(), faults)
}

async fn serve(opened: &Opened) -> (String, tokio::task::JoinHandle<()>) {
    let options = Options { sealer: Some(Arc::clone(&opened.sealer)), ..Options::default() };
    let app =
        router(Arc::clone(&opened.service), options).into_make_service_with_connect_info::<SocketAddr>();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (url, tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }))
}

async fn check(client: &Client, name: &str) -> String {
    let ready = client.get("/readyz?verbose").await.json;
    let checks = ready["checks"].as_array().expect("checks");
    let check = checks.iter().find(|it| it["name"] == name).expect("it is checked");
    check["status"].as_str().expect("a status").to_owned()
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(WITHIN, waiting).await.is_ok(), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_cannot_sign_is_there_and_signs_when_there_is_room() {
    let dir = ram::dir();
    let data_dir = config(dir.path()).data_dir;
    init_with(&config(dir.path()), first(), &means(Disk::real())).await.unwrap();
    let keys = keyring(&config(dir.path())).unwrap();
    let old = std::fs::read(data_dir.join(CHECKPOINT)).unwrap();
    let opened = open_with(&config(dir.path()), &means(Disk::real())).await.unwrap();
    command(&opened, "unsealed").await.unwrap();
    opened.close().await.unwrap();
    // As after a kill.
    std::fs::write(data_dir.join(CHECKPOINT), &old).unwrap();
    crate::support::server::unmark(&data_dir);
    std::fs::remove_dir_all(data_dir.join("tile")).unwrap();
    let last = checkpoint(&data_dir, &keys);

    let (opened, faults) = open_without_room(dir.path()).await;
    let (url, serving) = serve(&opened).await;
    let client = Client::new(&url);
    assert_eq!(opened.sealer.newest().signed, last, "what is not durable is not shown");
    assert!(opened.sealer.failing().unwrap().contains("injected failure"));
    assert_eq!((check(&client, "checkpoints").await, check(&client, "disk").await).0, "degraded");
    assert!(matches!(command(&opened, "refused").await, Err(Failure::ReadOnly(_))));
    assert_eq!(client.get("/checkpoint").await.text.as_bytes(), old);
    assert_eq!(std::fs::read(data_dir.join(CHECKPOINT)).unwrap(), old);

    faults.heal();
    faults.pretend_space(None);
    until("the checkpoint follows", async || {
        opened.sealer.newest().signed.checkpoint.size > last.checkpoint.size
    })
    .await;
    assert_eq!(opened.sealer.failing(), None);
    assert_eq!(check(&client, "checkpoints").await, "ready");
    until("commands are taken", async || command(&opened, "taken").await.is_ok()).await;
    let mut told = Told::default();
    told.listen(&opened.sealer);
    told.acknowledged.push((opened.service.head().await.unwrap().0, "taken".to_owned()));
    serving.abort();
    opened.close().await.unwrap();
    goes_on(&config(dir.path()), &told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tiles_that_cannot_be_made_anew_keep_nobody_from_starting() {
    for fate in Fate::ALL {
        let dir = ram::dir();
        let config = config(dir.path());
        init_with(&config, first(), &means(Disk::real())).await.unwrap();
        let opened = open_with(&config, &means(Disk::real())).await.unwrap();
        for _ in 0..260 {
            command(&opened, "many").await.unwrap();
        }
        opened.close().await.unwrap();
        std::fs::write(config.data_dir.join("tile/0/000"), b"no tile").unwrap();
        let copy = ram::dir();
        ram::copy_all(dir.path(), copy.path());
        let (disk, recorded) = Disk::recorded();
        open_with(&super::ledger::config(copy.path()), &means(disk)).await.unwrap().close().await.unwrap();
        let steps = recorded.steps();
        let tile = copy.path().join("ledger/tile");
        let wanted = |step: &mfa_ledger::disk::Step| {
            step.act.path().starts_with(&tile) && (fate != Fate::Full || step.act.kind().needs_room())
        };
        let step = steps.iter().position(wanted).unwrap() as u64 + 1;
        let (disk, faults) = Disk::faulty_once(step, fate);
        let Means { clock, chance, .. } = means(Disk::real());
        let opened = open_with(&config, &Means { disk, clock, chance }).await.unwrap();
        assert!(faults.failed().is_some());
        command(&opened, "goes on").await.unwrap();
        opened.close().await.unwrap();
        goes_on(&config, &Told::default()).await;
    }
}

async fn register(client: &Client, name: &str) -> (u16, Value) {
    let body = json!({
        "user_name": name, "display_name": name, "emails": ["new@example.org"], "role": "general-staff"
    });
    let answer = client.post("/v1/administrators", &body).await;
    (answer.status, answer.json["code"].clone())
}

/// The real program on a real disk of its own, killed with records that are not sealed, and started with a
/// few KiB left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_starts_on_a_full_disk_and_takes_commands_when_there_is_room() {
    const RESERVE: (&str, &str) = ("MFA_LEDGER__LOG__RESERVE_MIB", "16");
    let place = Place::empty();
    let Some(disk) = Tmpfs::mount(&place.data_dir(), 64) else { return };
    let init = place.command(&["init", "--user-name", FIRST, "--output", "json"]).envs([RESERVE]).output();
    let init = init.expect("the program starts");
    assert!(init.status.success(), "{}", text(&init.stderr));
    let shown: Value = serde_json::from_slice(&init.stdout).expect("init prints JSON");
    let password = shown["password"].as_str().expect("a password").to_owned();
    let server = Server::on(place, password, &[RESERVE]);
    let (client, _) = server.root().await;
    let token = client.token.clone().expect("logged in");
    for number in 0..20 {
        assert_eq!(register(&client, &format!("before-{number}")).await.0, 201);
    }
    let (place, password) = server.kill();

    disk.fill(16 * 1024);
    let server = Server::on(place, password, &[RESERVE]);
    let client = server.client().with_token(&token);
    assert_eq!(client.get("/readyz").await.status, 503);
    assert_eq!(register(&client, "refused").await, (503, json!("read-only")));
    assert!(["ready", "degraded"].contains(&check(&client, "checkpoints").await.as_str()));
    let listed = client.get("/v1/administrators?limit=1000").await.ok(200);
    assert_eq!(listed["data"].as_array().expect("a list").len(), 21, "nothing acknowledged is lost");

    disk.empty();
    until("it is ready again", async || client.get("/readyz").await.status == 200).await;
    assert_eq!(register(&client, "after").await.0, 201);
    let head = client.get("/readyz").await.json["head"].clone();
    let size = async || client.get("/checkpoint").await.text.lines().nth(1).map(str::to_owned);
    until("the checkpoint follows", async || size().await == Some(head.to_string())).await;
    let (status, place, _) = server.end();
    assert!(status.success());
    let verified = place.run(&["log", "verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
}
