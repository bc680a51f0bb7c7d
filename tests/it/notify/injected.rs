//! Somebody between this server and its mail host, who puts replies in clear behind the reply to STARTTLS. They would
//! be read as if they had come through TLS, and a notice would be on record as sent that never was.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::post::Post;
use super::{RESET, Scene, record_about, recorded};
use crate::anchors::until;

/// Replies to all that is said to send one message to two addresses.
const REPLIES: &str = "250-localhost\r\n250 AUTH LOGIN PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n250 ok\r\n\
    354 go on\r\n250 queued\r\n";

/// Between two segments, so that they are two.
const APART: Duration = Duration::from_millis(20);

/// What is done with what the mail host says.
#[derive(Clone, Debug)]
enum Manner {
    /// It is passed on a byte at a time.
    ByteByByte,
    /// These segments come in the place of the reply to STARTTLS.
    Instead(Vec<String>),
}

/// A connection in the middle; ended when dropped.
struct Wire {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    task: tokio::task::JoinHandle<()>,
}

impl Wire {
    async fn to(host: &Post, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (manner, to) = (Arc::new(Mutex::new(manner)), host.port);
        let current = Arc::clone(&manner);
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let manner = current.lock().expect("nobody panicked").clone();
                if let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await {
                    near.set_nodelay(true).expect("it is a connection");
                    tokio::spawn(pass(near, far, manner));
                }
            }
        });
        Self { port, manner, task }
    }

    fn change(&self, manner: Manner) {
        *self.manner.lock().expect("nobody panicked") = manner;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Both ways until one side hangs up.
async fn pass(near: TcpStream, far: TcpStream, manner: Manner) {
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let asked = Arc::new(Mutex::new(false));
    tokio::join!(commands(near_read, far_write, &asked), replies(far_read, near_write, manner, &asked));
}

async fn commands(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, asked: &Mutex<bool>) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if &bytes[..count] == b"STARTTLS\r\n" {
            *asked.lock().expect("nobody panicked") = true;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

async fn replies(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, manner: Manner, asked: &Mutex<bool>) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let asked = std::mem::take(&mut *asked.lock().expect("nobody panicked"));
        let segments: Vec<Vec<u8>> = match &manner {
            Manner::ByteByByte => bytes[..count].chunks(1).map(<[u8]>::to_vec).collect(),
            Manner::Instead(segments) if asked => segments.iter().map(|it| it.clone().into_bytes()).collect(),
            Manner::Instead(_) => vec![bytes[..count].to_vec()],
        };
        let pause = if asked { APART } else { Duration::ZERO };
        for segment in segments {
            if to.write_all(&segment).await.is_err() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// The mail host takes nothing: what is on record as sent was injected.
#[tokio::test(flavor = "multi_thread")]
async fn replies_that_were_injected_into_starttls_send_nothing() {
    let injected = [
        vec!["220-ready\r\n".to_owned(), format!("220 go\r\n{REPLIES}")],
        vec!["220-rea".to_owned(), format!("dy\r\n220 go\r\n{REPLIES}")],
        vec![format!("220 go\r\n{REPLIES}")],
        vec!["220 go\r\n".to_owned(), REPLIES.to_owned()],
    ];
    for segments in injected {
        let post = Post::secured();
        post.behave(&json!({ "data": "554 5.7.1 nothing is taken" }));
        let wire = Wire::to(&post, Manner::Instead(segments.clone())).await;
        let at_wire = wire.port.to_string();
        let scene = Scene::with(&post, &[("MFA_LEDGER__MAIL__PORT", &at_wire)], "Jane Doe").await;
        let position = scene.reset().await;
        let sent = async || -> Vec<Value> {
            let recorded = recorded(&scene.root).await.into_iter();
            recorded.filter(|it| it["delivery"] == "sent").collect()
        };
        let away = "no mail can be sent; to be tried again";
        until("it is told", async || scene.server.told().contains(away) || !sent().await.is_empty()).await;
        // Longer than an answer that was injected takes to be on record.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(sent().await, [] as [Value; 0], "{segments:?}");
        let why = scene.server.told();
        assert!(why.contains("may be injecting replies") || why.contains("corrupt message"), "{why}");

        // The notice is not lost: once nobody is in between, it arrives.
        post.behave(&json!({}));
        wire.change(Manner::ByteByByte);
        assert_eq!(post.wait_for(RESET, 1).await.len(), 1);
        assert_eq!(record_about(&scene.root, position).await["delivery"], "sent");
    }
}

/// An honest host on a slow line: every byte of every reply, and of TLS, comes by itself.
#[tokio::test(flavor = "multi_thread")]
async fn replies_that_come_byte_by_byte_are_understood() {
    let post = Post::secured();
    let wire = Wire::to(&post, Manner::ByteByByte).await;
    let at_wire = wire.port.to_string();
    let scene = Scene::with(&post, &[("MFA_LEDGER__MAIL__PORT", &at_wire)], "Jane Doe").await;
    scene.reset().await;
    let mail = &post.wait_for(RESET, 1).await[0];
    assert_eq!((&mail["tls"], &mail["login"]), (&json!(true), &json!("ledger")), "{mail}");
}

/// An offer that is taken away on its way: nothing is sent where TLS is required, and in clear where it is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_starttls_gets_mail_only_where_it_is_optional() {
    for (tls, arrives) in [("starttls", false), ("starttls-if-offered", true)] {
        let post = Post::plain();
        let scene = Scene::with(&post, &[("MFA_LEDGER__MAIL__TLS", tls)], "Jane Doe").await;
        scene.reset().await;
        if arrives {
            assert_eq!(post.wait_for(RESET, 1).await[0]["tls"], json!(false));
        } else {
            let told = "does not offer STARTTLS";
            until(told, async || scene.server.told().contains(told)).await;
            assert_eq!(post.mails().len(), 0);
        }
    }
}
