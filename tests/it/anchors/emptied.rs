//! Anchors that were emptied, or put back to an earlier state: they hide a data directory that is rolled back, and are
//! no clean start.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;

use super::directory::{ANCHORS, anchor, checkpoint, size};
use super::host::Host;
use super::web::{borrowed, environment};
use super::witness::Witness;
use super::{check, copy, ended, head, memory, metric, more, put_back, refused, until};
use crate::support::server::{Place, Server, text};

const WITNESSES: &str = "MFA_LEDGER__LOG__WITNESSES";

/// What a start says to an anchor that holds less, and what to do.
pub const LESS: &str = "does not hold what it held";
pub const WAY_OUT: &str = "mfa-ledger anchors forget";

/// Served once with these anchors, up to a checkpoint at each of them that this server remembers.
pub async fn anchored(place: Place, password: &str, environment: &[(&str, &str)]) -> Place {
    let server = Server::on(place, password.to_owned(), environment);
    let client = server.client();
    let head = head(&client).await;
    until("it is anchored", async || {
        let page = client.get("/metrics").await.text;
        let positions = page.lines().filter(|line| line.starts_with("mfa_ledger_anchor_position{"));
        let positions: Vec<_> = positions.collect();
        !positions.is_empty() && positions.iter().all(|line| line.ends_with(&format!(" {head}")))
    })
    .await;
    ended(server)
}

pub fn doctor(place: &Place, environment: &[(&str, &str)]) -> (Option<i32>, Value) {
    let mut doctor = place.command(&["doctor", "--output", "json"]);
    let output = doctor.envs(environment.iter().copied()).output().expect("it starts");
    let checks: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checks = checks["checks"].as_array().or(checks.as_array()).expect("checks").clone();
    let anchors =
        checks.into_iter().find(|check| check["name"] == "anchors").expect("a check of the anchors");
    (output.status.code(), anchors)
}

pub fn forget(place: &Place, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut forget = place.command(&[&["anchors", "forget"], arguments].concat());
    let output = forget.envs(environment.iter().copied()).output().expect("it starts");
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[tokio::test]
async fn a_directory_that_was_emptied_is_refused_until_it_is_back_or_forgotten() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let place = anchored(place, &password, &anchors).await;
    let name = format!("anchor {}", dir.display());
    let (file, held) = (checkpoint(&dir).expect("it is anchored"), size(&dir));
    let sound = std::fs::read(&file).expect("it is read");

    std::fs::remove_dir_all(file.parent().expect("a directory")).expect("it can be removed");
    let held_one = format!("held one of {held} records at 2");
    refused(&place, &anchors, &[&name, LESS, "it holds no checkpoint of this log", &held_one, WAY_OUT]);
    refused(&place, &anchors, &["the log itself is whole", "take it out of the configuration"]);
    let (code, found) = doctor(&place, &anchors);
    assert_eq!((code, found["status"].as_str()), (Some(10), Some("fail")), "{found}");
    assert!(found["detail"].as_str().is_some_and(|it| it.contains(&held_one)), "{found}");
    let verify = place.command(&["log", "verify"]).envs(anchors).output().expect("it starts");
    assert_eq!(verify.status.code(), Some(10), "{}", text(&verify.stderr));
    // Its own verdict, and that an anchor disputes it.
    assert!(text(&verify.stderr).contains(LESS), "{}", text(&verify.stderr));
    let told = text(&verify.stdout);
    assert!(told.contains("sound") && told.contains(LESS), "{told}");
    let mut accept = place.command(&["serve", "--listen", "127.0.0.1:0", "--accept-loss", "why"]);
    let accept = accept.envs(anchors).output().expect("it starts");
    assert_eq!(accept.status.code(), Some(10), "nothing is lost that could be accepted");

    // Back again: all is well.
    std::fs::create_dir(file.parent().expect("a directory")).expect("it is made");
    std::fs::write(&file, &sound).expect("it is written");
    let place = anchored(place, &password, &anchors).await;
    assert!(size(&dir) >= held);

    // Emptied on purpose.
    std::fs::remove_dir_all(file.parent().expect("a directory")).expect("it can be removed");
    refused(&place, &anchors, &[LESS]);
    let (code, told) = forget(&place, &["/mnt/other", "--reason", "moved"], &anchors);
    assert!(code == Some(5) && told.contains("nothing is remembered of /mnt/other"), "{code:?} {told}");
    let (code, told) = forget(&place, &[&name, "--reason", " "], &anchors);
    assert_eq!(code, Some(2), "{told}");
    let (code, told) = forget(&place, &[&name, "--reason", "the share was made anew"], &anchors);
    assert!(code == Some(0) && told.contains("the share was made anew"), "{code:?} {told}");
    let place = anchored(place, &password, &anchors).await;
    assert!(size(&dir) >= held, "it is filled again");
    let list = place.run(&["anchors", "list", "--forgotten", "--output", "json"]);
    let list: Value = serde_json::from_slice(&list.stdout).expect("JSON");
    assert_eq!(
        (list[0]["target"].as_str(), list[0]["reason"].as_str()),
        (Some(&*name), Some("the share was made anew"))
    );
    assert!(list[0]["operator"].as_str().is_some_and(|it| !it.is_empty()) && list[1].is_null(), "{list}");
}

/// The attack: the data directory of yesterday, and nothing at the anchor that contradicts it.
#[tokio::test]
async fn a_directory_that_was_rolled_back_is_refused_although_its_anchor_was_emptied() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let place = anchored(place, &password, &anchors).await;
    let held = size(&dir);
    std::fs::remove_dir_all(checkpoint(&dir).expect("one").parent().expect("a directory")).expect("removed");
    put_back(&place, &yesterday);
    let name = format!("anchor {}, as it was at 2", dir.display());
    refused(&place, &anchors, &[&name, "records are missing at the end", "--accept-loss"]);
    // Forgetting is no way around it.
    let (code, told) = forget(&place, &["--all", "--reason", "why"], &anchors);
    assert!(code == Some(10) && told.contains("records are missing"), "{code:?} {told}");
    refused(&place, &anchors, &[&name]);
    // Nor is it of use that the anchor is away.
    std::fs::remove_dir(&dir).expect("it can be removed");
    refused(&place, &anchors, &[&name, &format!("of {held} records")]);
    // Where the memory was taken along too, nothing on this machine can tell.
    std::fs::create_dir(&dir).expect("it is made");
    std::fs::remove_file(memory(&place)).expect("it is there");
    assert!(ended(Server::on(place, password, &anchors)).data_dir().exists());
}

#[tokio::test]
async fn an_anchor_that_was_put_back_to_an_earlier_checkpoint_is_refused() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let place = anchored(place, &password, &anchors).await;
    let file = checkpoint(&dir).expect("it is anchored");
    let (earlier, less) = (std::fs::read(&file).expect("it is read"), size(&dir));
    more(&place, "ann");
    let place = anchored(place, &password, &anchors).await;
    assert!(size(&dir) > less);
    std::fs::write(&file, &earlier).expect("it is written");
    refused(&place, &anchors, &[LESS, &format!("it holds a checkpoint of {less} records")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_answers_404_is_refused_and_one_that_is_away_is_not() {
    let host = Host::start().await;
    let environment = environment(&host);
    let environment = borrowed(&environment);
    let (place, password) = Place::initialised();
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let place = anchored(place, &password, &environment).await;
    let notes = host.change(|kept| std::mem::take(&mut kept.notes));
    let name = format!("anchor {}", host.url);
    refused(&place, &environment, &[&name, LESS]);
    for away in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::FORBIDDEN, StatusCode::INTERNAL_SERVER_ERROR] {
        host.change(|kept| kept.refusal = Some(away));
        assert!(ended(Server::on(place.clone(), password.clone(), &environment)).data_dir().exists());
    }
    host.change(|kept| kept.refusal = Some(StatusCode::GONE));
    refused(&place, &environment, &[&name, LESS]);
    host.change(|kept| (kept.refusal, kept.notes) = (None, notes));
    let place = anchored(place, &password, &environment).await;
    host.change(|kept| kept.notes.clear());
    put_back(&place, &yesterday);
    refused(&place, &environment, &[&name, "records are missing at the end"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_forgot_is_refused_whether_it_shows_what_it_remembers_or_not() {
    let (place, password) = Place::initialised();
    let witness = Witness::of(&place);
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let named = witness.named();
    let place = anchored(place, &password, &[(WITNESSES, &named)]).await;
    // Not every witness answers GET: this one is asked to cosign what it held once more.
    let silent = Silent::before(&witness.url).await;
    let named = witness.named_at(&silent.url);
    let place = anchored(place, &password, &[(WITNESSES, &named)]).await;

    let witness = witness.again(&place, |file| std::fs::remove_file(file).expect("it can be removed"));
    let silent = Silent::before(&witness.url).await;
    for url in [&witness.url, &silent.url] {
        let named = witness.named_at(url);
        let told = ["witness witness.example/w1", LESS, WAY_OUT];
        refused(&place, &[(WITNESSES, &named)], &told);
    }
    put_back(&place, &yesterday);
    let named = witness.named();
    refused(
        &place,
        &[(WITNESSES, &named)],
        &["witness witness.example/w1, as it was at 2", "records are missing"],
    );
}

/// While the log is served it is known to be whole: an anchor that was emptied is told, gets nothing, and stops nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_that_is_emptied_while_the_log_is_served_is_told_and_not_filled_again() {
    let (host, (place, password)) = (Host::start().await, Place::initialised());
    let dir = anchor(&place);
    let both = format!("{},{}", dir.display(), host.url);
    let server = Server::on(place, password.clone(), &[(ANCHORS, &both)]);
    let (client, _) = server.root().await;
    let position = |number: u32| format!("mfa_ledger_anchor_position{{anchor=\"anchor-{number}\"}}");
    let caught_up = async || {
        let head = Some(head(&client).await);
        metric(&client, &position(1)).await == head && metric(&client, &position(2)).await == head
    };
    until("both are anchored", caught_up).await;
    let file = checkpoint(&dir).expect("it is anchored");
    let sound = std::fs::read(&file).expect("it is read");
    std::fs::remove_file(&file).expect("it can be removed");
    let notes = host.change(|kept| std::mem::take(&mut kept.notes));
    client.delete("/v1/session").await;
    let disputed = |number: u32| format!("mfa_ledger_anchor_disputed{{anchor=\"anchor-{number}\"}}");
    until("both are disputed", async || {
        metric(&client, &disputed(1)).await == Some(1) && metric(&client, &disputed(2)).await == Some(1)
    })
    .await;
    assert_eq!(check(&client).await, "degraded");
    let ready = client.get("/readyz?verbose").await.text;
    assert!(ready.contains("one of them was emptied, or put back to an earlier state"), "{ready}");
    assert!(server.told().contains("an anchor was emptied"), "{}", server.told());
    assert!(!file.exists() && host.note().is_none(), "nothing is put there");
    std::fs::write(&file, &sound).expect("it is written");
    host.change(|kept| kept.notes = notes);
    until("they go on", async || check(&client).await == "ready").await;
    ended(server);
}

/// What stands before a witness and lets only `POST` through.
struct Silent {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Silent {
    async fn before(witness: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = Router::new().route("/add-checkpoint", post(pass)).with_state(witness.to_owned());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { url, task }
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(witness): State<String>, body: Bytes) -> (StatusCode, String) {
    let answer = crate::support::http().post(format!("{witness}/add-checkpoint")).body(body).send().await;
    let answer = answer.expect("the witness answers");
    (answer.status(), answer.text().await.expect("a text"))
}
