//! Strangers who send a head and then hardly anything hold up nobody else.

use std::net::SocketAddr;
use std::time::Duration;

use mfa_ledger::http::{BODIES_PER_ADDRESS, BODY_WITHIN};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};

use crate::support::server::Server;

/// Connections of one address; each of them sends a head and one byte of its body.
const CONNECTIONS: usize = 1_024;

/// Long enough for a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(5);

const HEAD: &[u8] = b"POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                      content-length: 60000\r\n\r\n{";

fn address(server: &Server) -> SocketAddr {
    server.url.trim_start_matches("http://").parse().expect("an address")
}

/// Connects from an address of this machine.
async fn from(own: [u8; 4], to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from((own, 0))).expect("an address of this machine");
    socket.connect(to).await.expect("it listens")
}

/// The status of the answer; `None` where the connection ends without one.
async fn status(stream: &mut TcpStream) -> Option<u16> {
    let mut answer = Vec::new();
    let _reset_counts_as_an_end = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).and_then(|status| status.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_bodies_that_do_not_arrive_cost_their_sender_alone() {
    mfa_ledger::files::open_files();
    let server = Server::start();
    let (root, _) = server.root().await;
    let mut slow = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let mut stream = from([127, 0, 0, 9], address(&server)).await;
        stream.write_all(HEAD).await.expect("it is there");
        slow.push(stream);
    }
    let began = Instant::now();
    let body = json!({ "user_name": "nobody", "password": "no such password" });
    let answer = timeout(SOON, server.client().post("/v1/session", &body)).await.expect("at once");
    assert_eq!(answer.status, 401, "{}", answer.text);
    println!("a stranger is answered after {:?}", began.elapsed());
    timeout(SOON, root.get("/v1/administrators")).await.expect("at once").ok(200);
    let ready = root.get("/readyz?verbose").await.ok(200);
    let callers = ready["checks"].as_array().expect("checks").iter().find(|it| it["name"] == "callers");
    assert_eq!(callers.expect("there is one")["status"], "ready", "{ready}");

    let answered = futures_util::future::join_all(slow.iter_mut().map(status));
    let answered = timeout(BODY_WITHIN + SOON, answered).await.expect("all of them are let go");
    let count = |wanted: u16| answered.iter().filter(|status| **status == Some(wanted)).count();
    assert_eq!((count(408), count(503)), (BODIES_PER_ADDRESS, CONNECTIONS - BODIES_PER_ADDRESS));
    let metrics = root.get("/metrics").await.text;
    for line in [
        format!("mfa_ledger_bodies_late_total {BODIES_PER_ADDRESS}"),
        format!("mfa_ledger_bodies_refused_total {}", CONNECTIONS - BODIES_PER_ADDRESS),
    ] {
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
    }
    let mut again = from([127, 0, 0, 9], address(&server)).await;
    again
        .write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .expect("it is there");
    assert_eq!(status(&mut again).await, Some(200), "the address is not shut out for good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_or_half_a_word_is_let_go() {
    let server = Server::start();
    let said: [&[u8]; 4] =
        [b"", b"PRI * HTTP/2.0\r\n", b"GET /live", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0"];
    let to = address(&server);
    let gone = said.map(|words| async move {
        let mut stream = TcpStream::connect(to).await.expect("it listens");
        stream.write_all(words).await.expect("it is there");
        let mut rest = Vec::new();
        let ended = timeout(BODY_WITHIN + SOON, stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "still there: {words:?}");
    });
    futures_util::future::join_all(gone).await;
}
