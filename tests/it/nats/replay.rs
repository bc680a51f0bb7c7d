//! The past sent to NATS once more, read by a client that is not ours.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Output, Stdio};

use data_encoding::BASE64;
use serde_json::Value;

use super::server::Nats;
use super::{EVENTS, caught_up, leaves, ledger, python, records, run};
use crate::support::server::{Place, Server, text};

struct Listener {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Listener {
    fn on(nats: &Nats, subject: &str) -> Self {
        let mut command = python("replayed.py", &[&nats.url, subject]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut ready = String::new();
        lines.read_line(&mut ready).expect("it can be read");
        assert_eq!(ready, "ready\n");
        Self { child, lines }
    }

    /// Everything it has heard.
    fn heard(mut self) -> Vec<Value> {
        drop(self.child.stdin.take());
        let lines = self.lines.lines();
        let heard =
            lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("it is JSON")).collect();
        assert!(self.child.wait().expect("it ends").success());
        heard
    }
}

async fn some_past() -> Place {
    let server = Server::start();
    records(&server.client(), 20).await;
    let (_, place, _) = server.end();
    place
}

#[track_caller]
fn failed(output: &Output, code: i32, why: &str) {
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(why), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_client_hears_every_leaf_of_the_range_marked_as_a_replay() {
    let (nats, place) = (Nats::start(), some_past().await);
    let (leaves, ledger) = (leaves(&place).await, ledger(&place));
    let listener = Listener::on(&nats, "drill.>");
    let ask = ["replay", "--to-nats", "drill.mfa", "--speed", "max", "--from", "3", "--to", "17"];
    let output = run(&place, &nats, &ask);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("sent positions 3 to 17, 15 messages"), "{}", text(&output.stderr));
    let heard = listener.heard();
    assert_eq!(heard.len(), 15);
    for (position, message) in (3_usize..).zip(&heard) {
        let leaf = &leaves[position - 1];
        assert_eq!(message["data"], BASE64.encode(leaf.as_bytes()), "byte for byte");
        let event: Value = serde_json::from_str(leaf).expect("it is JSON");
        let headers = &message["headers"];
        assert_eq!(headers["Mfa-Ledger-Replay"], "true");
        assert_eq!(headers["Mfa-Ledger-Position"], position.to_string());
        assert_eq!(headers["Mfa-Ledger-Time"], event["time"]);
        let id = headers["Nats-Msg-Id"].as_str().expect("an id");
        assert!(id.starts_with(&format!("{ledger}/{position}/replay/")), "{id}");
        let subject = message["subject"].as_str().expect("a subject");
        assert_eq!(subject.split('.').count(), 5, "{subject}");
        assert!(subject.starts_with("drill.mfa."), "{subject}");
    }
    // Nor would two replays be taken for one.
    let listener = Listener::on(&nats, "drill.>");
    assert!(run(&place, &nats, &ask).status.success());
    assert_ne!(listener.heard()[0]["headers"]["Nats-Msg-Id"], heard[0]["headers"]["Nats-Msg-Id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_stream_takes_no_notice_and_its_subjects_are_refused() {
    let nats = Nats::start();
    let server = super::publishing_to(&nats);
    records(&server.client(), 5).await;
    let count = caught_up(&server.client()).await;
    for live in ["mfa.v1", "mfa.v1.administrator", "mfa-cp.v1", "mfa.v2", "MFA.V1"] {
        let output = run(&server.place, &nats, &["replay", "--to-nats", live, "--speed", "max"]);
        failed(&output, 2, "where ledgers publish what really happens");
    }
    for none in ["mfa.*", "a b", "x.>", "$SYS.x"] {
        failed(&run(&server.place, &nats, &["replay", "--to-nats", none]), 2, "no subject to publish to");
    }
    // Beside a server that publishes.
    let output = run(&server.place, &nats, &["replay", "--to-nats", "drill", "--speed", "max"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let stream = nats.jetstream().await.get_stream(EVENTS).await.expect("it is there");
    assert_eq!(stream.cached_info().state.messages, count);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_as_far_apart_as_they_were_divided_by_the_speed() {
    let (nats, place) = (Nats::start(), Place::empty());
    place.init();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let noted = place.run(&["activity", "list"]);
    assert!(noted.status.success(), "{}", text(&noted.stderr));
    let past = leaves(&place).await;
    let ms = |leaf: &String| {
        let event: Value = serde_json::from_str(leaf).expect("it is JSON");
        let time: mfa_ledger_schemas::Instant =
            event["time"].as_str().expect("a time").parse().expect("a time");
        time.unix_ms()
    };
    let gap = ms(&past[past.len() - 1]) - ms(&past[past.len() - 2]);
    assert!(gap >= 2_000, "{gap}");
    let from = (past.len() - 1).to_string();
    for (speed, divided) in [("2x", 2), ("1x", 1), ("1000x", 1000)] {
        let listener = Listener::on(&nats, "drill.>");
        let output = run(&place, &nats, &["replay", "--to-nats", "drill", "--speed", speed, "--from", &from]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let heard: Vec<_> = listener.heard().iter().map(|it| it["at"].as_f64().expect("a time")).collect();
        assert_eq!(heard.len(), 2);
        #[expect(clippy::cast_possible_truncation, reason = "a few thousand milliseconds")]
        let apart = ((heard[1] - heard[0]) * 1000.0) as i64;
        let due = gap / divided;
        assert!(apart >= due - 250 && apart < due + 1_500, "{speed}: {apart} ms apart, {gap} ms it was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nats_does_not_allow_is_told_with_an_exit_code_of_its_own() {
    let place = some_past().await;
    // Allowed for some of the subjects alone, and not for its own inbox: the last of them is refused late.
    for publish in ["[\"other.>\"]", "[\"drill.settings.>\", \"drill.role.>\"]", "[\"_INBOX_mfa_ledger.>\"]"]
    {
        let nats = Nats::with(&format!(
            "authorization {{ users: [ {{ user: drill, password: x, permissions: {{\n\
             publish: {publish}, subscribe: [\"_INBOX_mfa_ledger.>\"] }} }} ] }}"
        ));
        let environment = [
            ("MFA_LEDGER__NATS__URLS", &*nats.url),
            ("MFA_LEDGER__NATS__USER", "drill"),
            ("MFA_LEDGER__NATS__PASSWORD", "x"),
        ];
        let mut command = place.command(&["replay", "--to-nats", "drill", "--speed", "max"]);
        let output = command.envs(environment).output().expect("it starts");
        failed(&output, 4, "did not allow it");
        let told = text(&output.stderr).to_lowercase();
        assert!(told.contains("permissions violation for publish to \"drill."), "{told}");
    }
    // Allowed for all of them, and not for its own inbox: that is enough.
    let nats = Nats::with(
        "authorization { users: [ { user: drill, password: x, permissions: {\n\
         publish: [\"drill.>\"], subscribe: [\"_INBOX_mfa_ledger.>\"] } } ] }",
    );
    let environment = [
        ("MFA_LEDGER__NATS__URLS", &*nats.url),
        ("MFA_LEDGER__NATS__USER", "drill"),
        ("MFA_LEDGER__NATS__PASSWORD", "x"),
    ];
    let mut command = place.command(&["replay", "--to-nats", "drill", "--speed", "max"]);
    let output = command.envs(environment).output().expect("it starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let wrong = [("MFA_LEDGER__NATS__PASSWORD", "y")];
    let mut command = place.command(&["replay", "--to-nats", "drill"]);
    let output = command.envs(environment).envs(wrong).output().expect("it starts");
    failed(&output, 4, "does not accept who we are");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_and_a_range_that_is_not_there_are_told() {
    let place = some_past().await;
    let mut nats = Nats::start();
    let count = leaves(&place).await.len() as u64;
    let beyond = (count + 1).to_string();
    let output = run(&place, &nats, &["replay", "--to-nats", "drill", "--from", &beyond]);
    failed(&output, 5, &format!("the log ends at position {count}"));
    let output = run(&place, &nats, &["replay", "--to-nats", "drill", "--speed", "max", "--to", &beyond]);
    failed(&output, 5, &format!("there is no position {beyond} yet"));
    failed(
        &run(&place, &nats, &["replay", "--to-nats", "drill", "--from", "5", "--to", "4"]),
        2,
        "--to lies before",
    );

    let mut command = place.command(&["replay", "--to-nats", "drill", "--speed", "0.001x"]);
    let mut child =
        command.env("MFA_LEDGER__NATS__URLS", &nats.url).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(child.try_wait().expect("it can be asked").is_none(), "it waits for the next message");
    nats.kill();
    failed(&child.wait_with_output().expect("it ends"), 3, "the connection to the NATS server was lost");
}
