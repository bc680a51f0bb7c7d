//! Requests as no library sends them.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::scene::{Person, Scene};
use crate::support::server::Server;

/// The status that a request is answered with.
pub async fn status(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(address(server)).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    answered(&mut stream).await
}

fn address(server: &Server) -> &str {
    server.url.trim_start_matches("http://")
}

async fn answered(stream: &mut TcpStream) -> String {
    let mut answer = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer["HTTP/1.1 ".len()..]).into_owned()
}

/// Requests as no library sends them.
pub async fn by_hand(scene: &mut Scene, dana: &Person) {
    let address = address(&scene.server).to_owned();
    let secret = "walnut telegraph 88 northward";
    scene.note("password in a broken request", secret);
    let whole = format!("{{\"user_name\":\"dana\",\"password\":\"{secret}\"}}");
    let escaped = whole.replace("walnut", "wal\\u006eut");
    scene.note("password with an escape, as it was sent", "wal\\u006eut telegraph 88");
    let cut = &whole[..whole.len() - 1];
    let head = |length: usize, more: &str| {
        format!(
            "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n"
        )
    };
    let mut number = 0;
    for (pieces, status) in [
        (vec![format!("{}{whole}", head(whole.len(), ""))], "401"),
        (vec![format!("{}{escaped}", head(escaped.len(), ""))], "401"),
        (vec![format!("{}{whole}", head(whole.len(), "connection: close\r\n"))], "401"),
        (vec![format!("{}{cut}", head(cut.len(), ""))], "400"),
        (vec![head(whole.len(), ""), whole[..30].to_owned(), whole[30..].to_owned()], "401"),
        (
            vec![head(whole.len(), "")[..40].to_owned(), format!("{}{whole}", &head(whole.len(), "")[40..])],
            "401",
        ),
        // Broken off within the body.
        (vec![head(whole.len() + 50, ""), whole.clone()], ""),
        // Refused before the body is asked for.
        (vec![format!("{}{whole}", head(whole.len(), "").replace("session", "webhooks"))], "401"),
        (vec![format!("{}{whole}", head(whole.len(), "").replace("/json", "/xml"))], "415"),
    ] {
        // Failed log-ins of one name are throttled.
        number += 1;
        let name = format!("us{number:02}");
        let pieces: Vec<_> = pieces.iter().map(|piece| piece.replace("dana", &name)).collect();
        let mut stream = TcpStream::connect(&address).await.expect("a connection");
        for piece in &pieces {
            stream.write_all(piece.as_bytes()).await.expect("it is sent");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        if !status.is_empty() {
            assert_eq!(answered(&mut stream).await, status, "{pieces:?}");
        }
    }
    // The token of a caller who asks for the connection to be closed.
    let token = dana.client.token.clone().expect("logged in");
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let asked = format!(
        "GET /v1/session HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await.expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", answer.escape_ascii());
}
