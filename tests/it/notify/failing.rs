//! Mail hosts that are away, that refuse, or that cannot be trusted; and a server that is killed.

use serde_json::json;

use super::post::Post;
use super::{RESET, Scene, record_about, recorded, serve};
use crate::anchors::{metric, until};

/// The check of mail at `/readyz`, and what is owed.
async fn owed(scene: &Scene) -> u64 {
    metric(&scene.server.client(), "mfa_ledger_notices_owed").await.expect("it is told")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_away_loses_nothing_and_slows_nobody() {
    let mut post = Post::secured();
    let scene = Scene::begin(&post).await;
    post.wait_for("MFA is now enabled", 1).await;
    post.close();
    let began = tokio::time::Instant::now();
    let position = scene.reset().await;
    assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
    until("it is owed", async || owed(&scene).await == 1).await;
    let told = "no mail can be sent; to be tried again";
    until("it is told", async || scene.server.told().contains(told)).await;
    post.open();
    assert_eq!(post.wait_for(RESET, 1).await.len(), 1);
    let record = record_about(&scene.root, position).await;
    assert_eq!((&record["delivery"], &record["addresses"]), (&json!("sent"), &json!(2)), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_outlives_a_server_that_is_killed() {
    let mut post = Post::secured();
    let scene = Scene::begin(&post).await;
    post.wait_for("MFA is now enabled", 1).await;
    post.close();
    let position = scene.reset().await;
    let token = scene.root.token.clone().expect("logged in");
    let (place, password) = scene.server.kill();
    post.open();
    let server = serve(place, password, &post, &[]);
    assert_eq!(post.wait_for(RESET, 1).await.len(), 1);
    let root = server.client().with_token(&token);
    assert_eq!(record_about(&root, position).await["delivery"], "sent");
}

/// The host has the message, and the server dies before it hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_twice_has_the_same_id() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    post.wait_for("MFA is now enabled", 1).await;
    post.behave(&json!({ "after": 4 }));
    let position = scene.reset().await;
    post.wait_for(RESET, 1).await;
    let token = scene.root.token.clone().expect("logged in");
    let (place, password) = scene.server.kill();
    post.behave(&json!({}));
    let server = serve(place, password, &post, &[]);
    let mails = post.wait_for(RESET, 2).await;
    assert_eq!(mails[0]["headers"]["message-id"], mails[1]["headers"]["message-id"]);
    let root = server.client().with_token(&token);
    record_about(&root, position).await;
    let about = recorded(&root).await.into_iter().filter(|it| it["about"] == position).count();
    assert_eq!((about, mails.len()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_on_record_and_names_no_address() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    post.wait_for("MFA is now enabled", 1).await;
    post.behave(&json!({ "rcpt": { "jane@example.org": "550 5.1.1 <jane@example.org> is not here" } }));
    let position = scene.reset().await;
    let mail = &post.wait_for(RESET, 1).await[0];
    assert_eq!(mail["to"], json!(["jane@home.example"]), "the other address gets it all the same");
    let record = record_about(&scene.root, position).await;
    assert_eq!(
        (&record["delivery"], &record["addresses"], &record["error"]),
        (&json!("sent"), &json!(1), &json!("the mail server refused an address (550)"))
    );

    post.behave(&json!({ "data": "554 5.7.1 not from jane@example.org" }));
    let path = format!("/v1/administrators/{}/password-reset", scene.jane);
    let done = scene.root.post(&path, &json!({})).await.ok(200);
    let record = record_about(&scene.root, done["position"].as_u64().expect("a position")).await;
    assert_eq!(
        (&record["delivery"], &record["addresses"], &record["error"]),
        (&json!("failed"), &json!(0), &json!("the mail server refused an address (554)"))
    );
    assert!(!scene.server.told().contains("jane@"), "{}", scene.server.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_taken_now_is_tried_again() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    post.wait_for("MFA is now enabled", 1).await;
    post.behave(&json!({ "data": "451 4.7.1 greylisted" }));
    let position = scene.reset().await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!((owed(&scene).await, post.wait_for(RESET, 0).await.len()), (1, 0));
    post.behave(&json!({}));
    post.wait_for(RESET, 1).await;
    let record = record_about(&scene.root, position).await;
    assert_eq!((&record["delivery"], &record["attempts"]), (&json!("sent"), &json!(2)), "{record}");
}

/// A wrong password, or a certificate that nobody vouches for, is about us and not about any notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_cannot_be_trusted_or_does_not_let_us_in_gets_nothing_and_costs_nothing() {
    let (post, other) = (Post::secured(), Post::secured());
    let stranger = other.ca_file().display().to_string();
    let wrong = [
        ("MFA_LEDGER__MAIL__PASSWORD", "close sesame", "it answers 535"),
        ("MFA_LEDGER__MAIL__CA_FILE", stranger.as_str(), "ertificate"),
    ];
    for (name, value, told) in wrong {
        let scene = Scene::with(&post, &[(name, value)], "Jane Doe").await;
        let position = scene.reset().await;
        until(told, async || scene.server.told().contains(told)).await;
        assert!(owed(&scene).await >= 1);
        assert_eq!(post.mails().len(), 0);
        let token = scene.root.token.clone().expect("logged in");
        let (_, place, password) = scene.server.end();
        let right = Post::secured();
        let server = serve(place, password, &right, &[]);
        right.wait_for(RESET, 1).await;
        record_about(&server.client().with_token(&token), position).await;
    }
}

/// A host that takes calls and says what it is told to, or nothing; it never hangs up.
async fn odd_host(says: &'static [u8]) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut call, _)) = listener.accept().await {
            tokio::spawn(async move {
                // Until the other side hangs up.
                while !says.is_empty() && tokio::io::AsyncWriteExt::write_all(&mut call, says).await.is_ok() {
                }
                std::future::pending::<()>().await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_hangs_or_talks_without_end_holds_up_nothing() {
    for (says, told) in
        [(b"".as_slice(), "it does not answer in time"), (&[b'2'; 4_096], "to be tried again")]
    {
        let post = Post::secured();
        let odd = odd_host(says).await.to_string();
        let odd = [("MFA_LEDGER__MAIL__PORT", odd.as_str()), ("MFA_LEDGER__MAIL__TIMEOUT_SECONDS", "1")];
        let scene = Scene::with(&post, &odd, "Jane Doe").await;
        let began = tokio::time::Instant::now();
        let position = scene.reset().await;
        assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
        until(told, async || scene.server.told().contains(told)).await;
        let bytes =
            metric(&scene.server.client(), "process_resident_memory_bytes").await.expect("it is told");
        assert!(bytes < 200 * 1024 * 1024, "{bytes} bytes");
        assert!(owed(&scene).await >= 1);
        let token = scene.root.token.clone().expect("logged in");
        let began = tokio::time::Instant::now();
        let (status, place, password) = scene.server.end();
        assert!(status.success() && began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
        let server = serve(place, password, &post, &[]);
        post.wait_for(RESET, 1).await;
        record_about(&server.client().with_token(&token), position).await;
    }
}

/// More than are taken in hand at once: the rest waits in the log, and follows.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_notices_are_in_hand_at_once_and_the_next_follows() {
    let mut post = Post::secured();
    let scene = Scene::begin(&post).await;
    post.wait_for("MFA is now enabled", 1).await;
    until("nothing is owed", async || owed(&scene).await == 0).await;
    post.close();
    let path = format!("/v1/administrators/{}/password-reset", scene.jane);
    for _ in 0..=1_000 {
        scene.root.post(&path, &json!({})).await.ok(200);
    }
    assert_eq!(owed(&scene).await, 1_001);
    let token = scene.root.token.clone().expect("logged in");
    let (place, password) = scene.server.kill();
    let server = serve(place, password, &post, &[]);
    // The one that was killed has told it too, once.
    let about = |told: &str| -> Vec<String> {
        told.lines().filter(|line| line.contains("no mail can be sent")).map(str::to_owned).collect()
    };
    until("it is told", async || about(&server.told()).len() > 1).await;
    let line = about(&server.told()).pop().expect("it was told");
    assert!(line.contains("\"waiting\":1000,"), "{line}");
    // Two rounds of sending later there was room for the last one: all that is owed is in hand.
    post.open();
    let root = server.client().with_token(&token);
    let left = async || metric(&root, "mfa_ledger_notices_owed").await.expect("it is told");
    until("many are sent", async || left().await <= 930).await;
    post.close();
    until("it is told anew", async || about(&server.told()).len() > 2).await;
    let line = about(&server.told()).pop().expect("it was told");
    let left = left().await;
    assert!(line.contains(&format!("\"waiting\":{left},")), "{left}: {line}");
}
