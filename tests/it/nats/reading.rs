//! `events tail` and `events replay`: by position, by time, by subject.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::server::Nats;
use super::{caught_up, leaves, publishing_to, records, run};
use crate::support::server::{Place, text};

/// What a replay prints.
fn replay(place: &Place, nats: &Nats, arguments: &[&str]) -> Vec<Value> {
    let output = run(place, nats, &[&["events", "replay"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
}

fn positions(lines: &[Value]) -> Vec<u64> {
    lines.iter().map(|line| line["position"].as_u64().expect("a position")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_read_by_position_time_and_subject() {
    let nats = Nats::start();
    let server = publishing_to(&nats);
    let client = server.client();
    records(&client, 5).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let (root, _) = client.log_in("root", &server.password).await;
    let started = super::head(&root).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    records(&client, 5).await;
    let last = caught_up(&client).await;
    let (_, place, _) = server.end();

    let all = replay(&place, &nats, &[]);
    assert_eq!(positions(&all), (1..=last).collect::<Vec<_>>());
    let output = run(&place, &nats, &["events", "replay"]);
    for (line, leaf) in text(&output.stdout).lines().zip(leaves(&place).await) {
        assert!(line.ends_with(&format!(",\"event\":{leaf}}}")), "the leaf is in it, byte for byte: {line}");
    }
    assert_eq!(positions(&replay(&place, &nats, &["--from-sequence", "3"])), (3..=last).collect::<Vec<_>>());
    assert!(replay(&place, &nats, &["--from-sequence", "100000"]).is_empty());

    let at = |position: u64| all[usize::try_from(position).unwrap() - 1]["event"]["time"].as_str().unwrap();
    let since = replay(&place, &nats, &["--since", at(started)]);
    assert_eq!(positions(&since), (started..=last).collect::<Vec<_>>());
    let both = replay(&place, &nats, &["--since", at(started), "--until", at(started)]);
    assert_eq!(positions(&both), [started]);
    let until = replay(&place, &nats, &["--until", at(started)]);
    assert_eq!(positions(&until), (1..=started).collect::<Vec<_>>());
    assert!(replay(&place, &nats, &["--since", "2999-01-01T00:00:00Z"]).is_empty());

    let filtered = replay(&place, &nats, &["--filter", "mfa.v1.*.*.session_started"]);
    assert_eq!(positions(&filtered), [started]);
    assert!(replay(&place, &nats, &["--filter", "mfa.v1.alert.>"]).is_empty());
    let wrong = run(&place, &nats, &["events", "replay", "--filter", "other.>"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));

    let wrong = place.run(&["events", "replay"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("no NATS server is named"), "{}", text(&wrong.stderr));
    let away = place.run(&["events", "replay", "--nats", "nats://127.0.0.1:1"]);
    assert_eq!(away.status.code(), Some(3), "{}", text(&away.stderr));
    nats.jetstream().await.delete_stream(super::EVENTS).await.expect("it can be deleted");
    let none = run(&place, &nats, &["events", "replay"]);
    assert_eq!(none.status.code(), Some(5), "{}", text(&none.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_goes_on_over_a_restart_of_nats() {
    let mut nats = Nats::start();
    let server = publishing_to(&nats);
    let client = server.client();
    let first = caught_up(&client).await + 1;
    let mut tail = server
        .place
        .command(&["events", "tail", "--from-sequence", &first.to_string(), "--nats", &nats.url])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = BufReader::new(tail.stdout.take().expect("it is piped")).lines();
    let (sender, mut read) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    for round in 0..3 {
        records(&client, 10).await;
        for position in (first + 10 * round..).take(10) {
            let next = tokio::time::timeout(std::time::Duration::from_mins(1), read.recv()).await;
            let line: Value = serde_json::from_str(&next.expect("in time").expect("a line")).expect("JSON");
            assert_eq!(line["position"], position);
        }
        nats.kill();
        nats.restart();
    }
    tail.kill().expect("it runs");
    tail.wait().expect("it ends");
}
