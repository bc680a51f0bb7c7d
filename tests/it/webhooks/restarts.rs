//! At least once, whoever dies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{LOOPBACK, Receiver, attempts, create, define_role, header, server};
use crate::support::server::Server;

#[tokio::test]
async fn a_receiver_that_was_dead_gets_what_it_missed() {
    let (receiver, (_server, root)) = (Receiver::start(), server().await);
    let port = receiver.port;
    let (id, key) = create(&root, &receiver.url("/ok"), json!({})).await;
    drop(receiver);
    define_role(&root, "one").await;
    let attempt = attempts(&root, &id, 1).await.remove(0);
    assert_eq!((&attempt["status"], &attempt["outcome"]), (&json!(null), &json!("to_be_repeated")));
    let receiver = Receiver::on(port);
    receiver.knows(&[&key]).await;
    let seen = receiver.wait_for("/ok", 1).await;
    assert_eq!(seen[0]["verified"], json!([key]), "signed anew for a timestamp of now");
    assert_eq!(header(&seen[0], "webhook-id"), attempt["webhook_id"]);
    let listed = attempts(&root, &id, 2).await;
    assert_eq!((&listed[0]["outcome"], &listed[0]["attempt"]), (&json!("delivered"), &json!(2)));
}

/// Killed again and again in the middle of it: everything arrives, and twice only under the same id.
#[tokio::test]
async fn a_server_that_is_killed_delivers_everything_under_the_same_ids() {
    let (receiver, (mut server, mut root)) = (Receiver::start(), server().await);
    let (id, key) = create(&root, &receiver.url("/ok"), json!({})).await;
    receiver.knows(&[&key]).await;
    let mut positions = BTreeSet::new();
    for round in 0..3 {
        for number in 0..10 {
            positions.insert(define_role(&root, &format!("role-{round}-{number}")).await);
        }
        let (place, password) = server.kill();
        server = Server::on(place, password, LOOPBACK);
        (root, _) = server.root().await;
    }
    receiver.wait_for("/ok", positions.len()).await;
    let mut by_record: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for _ in 0..200 {
        by_record.clear();
        for seen in receiver.seen("/ok").await {
            assert_eq!(seen["verified"], json!([key]));
            let leaf: serde_json::Value = serde_json::from_slice(&super::body(&seen)).expect("JSON");
            let record = leaf["id"].as_str().expect("an id").to_owned();
            by_record.entry(record).or_default().insert(header(&seen, "webhook-id").to_owned());
        }
        if by_record.len() == positions.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(by_record.len(), positions.len());
    assert!(by_record.values().all(|ids| ids.len() == 1), "{by_record:?}");
    // What became of it is known after the restarts as well.
    assert!(attempts(&root, &id, 10).await.len() >= 10);

    // Without its file, what the log holds is looked through again.
    let before = receiver.seen("/ok").await.len();
    let (status, place, password) = server.end();
    assert!(status.success());
    std::fs::remove_file(place.data_dir().join("webhooks").join(format!("{id}.json"))).expect("it is there");
    let _server = Server::on(place, password, LOOPBACK);
    let seen = receiver.wait_for("/ok", before + positions.len()).await;
    let ids: BTreeSet<_> = seen.iter().map(|it| header(it, "webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), positions.len());
}
