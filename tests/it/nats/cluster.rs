//! Three servers: no leader at first, and one of them lost later.

use std::time::Duration;

use super::server::{Nats, free_port};
use super::{EVENTS, check, head, metric, records, the_stream_is_the_log};
use crate::support::client::Client;
use crate::support::server::Server;

/// Elections take some seconds each.
const WITHIN: Duration = Duration::from_mins(2);

async fn caught_up(client: &Client) {
    let wanted = head(client).await;
    let waiting = async {
        while metric(client, "mfa_ledger_nats_position").await.is_none_or(|position| position < wanted) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(WITHIN, waiting).await.expect("everything is published");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_leader_nothing_is_made_anew_and_nothing_is_lost() {
    let routes = [free_port(), free_port(), free_port()];
    let all = routes.map(|port| format!("nats-route://127.0.0.1:{port}")).join(", ");
    let mut nodes = routes.map(|port| {
        let node = Nats::not_started();
        node.configure(&format!(
            "server_name: node-{port}\ncluster {{ name: three, listen: 127.0.0.1:{port}, routes: [{all}] }}"
        ));
        node
    });
    let urls = nodes.each_ref().map(|node| node.url.clone()).join(",");
    let environment = [("MFA_LEDGER__NATS__URLS", &*urls), ("MFA_LEDGER__NATS__REPLICAS", "3")];
    // One of three elects nobody.
    nodes[0].restart();
    let server = Server::start_with(&environment);
    let client = server.client();
    records(&client, 20).await;
    assert_eq!(check(&client).await.0, "degraded");
    assert_eq!(metric(&client, "mfa_ledger_nats_stopped").await, Some(0), "it is for a while only");
    nodes[1].restart();
    nodes[2].restart();
    caught_up(&client).await;

    // Whoever leads may be the one that goes.
    for node in &mut nodes {
        node.kill();
        records(&client, 20).await;
        caught_up(&client).await;
        node.restart();
    }
    // Two are gone, and nobody leads: what is there must not be taken for lost.
    nodes[0].kill();
    nodes[1].kill();
    records(&client, 20).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(metric(&client, "mfa_ledger_nats_stopped").await, Some(0));
    nodes[0].restart();
    nodes[1].restart();
    caught_up(&client).await;
    assert!(!server.told().contains("the stream has lost messages"), "{}", server.told());
    let (status, place, _) = server.end();
    assert!(status.success());
    let stream = nodes[0].jetstream().await.get_stream(EVENTS).await.expect("it is there");
    assert_eq!(stream.cached_info().config.num_replicas, 3);
    the_stream_is_the_log(&nodes[0], &place).await;
}
