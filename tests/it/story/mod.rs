//! The past told anew: one administrator's story, and evidence of it, with the real binary.

mod anew;
mod checked;
mod made;
mod told;

use std::process::Output;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{Place, Server, text, totp};

/// What somebody might write into a ticket.
const TICKET: &str = "<script>alert('ticket')</script>";
/// What somebody might say their name is; it lies sealed.
const REQUESTER: &str = "<img src=x onerror=alert(1)>";

/// A ledger in which Ada was reset, and enrolled again.
struct Played {
    server: Server,
    root: Client,
    /// Where the reset stands.
    reset: u64,
}

#[track_caller]
fn printed(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stdout)))
}

/// Runs the program through the server, as this caller.
fn through(place: &Place, client: &Client, arguments: &[&str]) -> Output {
    let token = client.token.as_deref().expect("the caller is logged in");
    place.command(arguments).env("MFA_LEDGER_TOKEN", token).output().expect("the program starts")
}

async fn enroll(client: &Client, seconds_fast: u32) -> Client {
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    let seed = begun["manual_key"].as_str().expect("a key");
    let enabled =
        client.post("/v1/me/mfa/enrollment/confirm", &json!({"code": totp(seed, seconds_fast)})).await;
    let enabled = enabled.ok(200);
    enabled["token"].as_str().map_or_else(|| client.clone(), |token| client.with_token(token))
}

impl Played {
    async fn new() -> Self {
        let server = Server::start();
        let (root, _) = server.root().await;
        let create = [
            "administrator",
            "create",
            "--user-name",
            "ada",
            "--email",
            "ada@example.org",
            "--output",
            "json",
        ];
        let created = printed(&through(&server.place, &root, &create));
        let password = created["password"].as_str().expect("shown once").to_owned();
        let (ada, _) = server.client().log_in("ada", &password).await;
        enroll(&ada, 0).await;
        let reset = [
            "mfa",
            "reset",
            "--user-name",
            "ada",
            "--confirm",
            "ada",
            "--reason",
            "lost_or_stolen_device",
            "--verification",
            "video_call",
            "--requester-name",
            REQUESTER,
            "--reason-text",
            "The name on file is another.",
            "--requester-contact",
            "+420 1",
            "--ticket",
            TICKET,
            "--output",
            "json",
        ];
        let reset = printed(&through(&server.place, &root, &reset));
        let reset = reset["position"].as_u64().expect("a position");
        let (ada, _) = server.client().log_in("ada", &password).await;
        enroll(&ada, 30).await;
        Self { server, root, reset }
    }

    /// Without its server.
    async fn over() -> (Place, u64) {
        let played = Self::new().await;
        let (status, place, _) = played.server.end();
        assert!(status.success());
        (place, played.reset)
    }
}

/// The actions of the newest records, oldest first.
fn actions(place: &Place) -> Vec<Value> {
    printed(&place.run(&["activity", "list", "--oldest-first", "--limit", "1000", "--output", "json"]))
        .as_array()
        .expect("a list")
        .clone()
}
