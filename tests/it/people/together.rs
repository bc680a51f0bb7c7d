//! A class that enrolls at the same moment, with hashes that cost what they cost in service, while guessers sign in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::client::Client;
use crate::support::server::{Server, totp};

/// People who confirm at the same moment: each of them costs ten hashes.
const PEOPLE: usize = 60;

/// Callers who guess passwords, one after the other, all the time.
const GUESSERS: u32 = 50;

/// The cost that is the default; other tests pay less.
const COST: &[(&str, &str)] = &[
    ("MFA_LEDGER__HASHING__MEMORY_KIB", "19456"),
    ("MFA_LEDGER__HASHING__PASSES", "2"),
    ("MFA_LEDGER__HTTP__TRUSTED_PROXIES", "127.0.0.1"),
];

/// What the guessers were answered.
#[derive(Debug, Default)]
struct Guessing {
    ended: AtomicBool,
    /// 401: a hash was made for it.
    compared: AtomicU32,
    /// 503, with the time to come again.
    busy: AtomicU32,
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_people_who_confirm_at_once_are_all_served_while_guessers_sign_in() {
    let server = Server::start_with(COST);
    let client = server.client();
    let (root, _) = server.root().await;
    let enrolling = join_all((0..PEOPLE).map(async |number| enrolling(&client, &root, number).await)).await;
    let codes: Vec<_> = enrolling.iter().map(|(_, seed)| totp(seed, 0)).collect();

    let guessing = Arc::new(Guessing::default());
    let guessers: Vec<_> = (0..GUESSERS)
        .map(|number| tokio::spawn(guess(client.clone(), number, Arc::clone(&guessing))))
        .collect();
    let first = async || guessing.compared.load(Ordering::Relaxed) > 0;
    crate::anchors::until("the guessers have begun", first).await;
    let before = guessing.compared.load(Ordering::Relaxed);

    let confirm = |(person, _): &(Client, String), code: &String| {
        let (person, body) = (person.clone(), json!({ "code": code }));
        async move { person.post("/v1/me/mfa/enrollment/confirm", &body).await }
    };
    let answers = join_all(enrolling.iter().zip(&codes).map(|(person, code)| confirm(person, code))).await;
    let compared = guessing.compared.load(Ordering::Relaxed) - before;
    guessing.ended.store(true, Ordering::Relaxed);
    join_all(guessers).await.into_iter().for_each(|ended| ended.expect("no guesser panicked"));

    for answer in answers {
        let codes = answer.ok(200)["backup_codes"].as_array().expect("codes").len();
        assert_eq!(codes, 10);
    }
    assert!(compared > 0, "nobody could sign in meanwhile: {guessing:?}");
}

/// Somebody whose enrollment has begun, and its seed.
async fn enrolling(client: &Client, root: &Client, number: usize) -> (Client, String) {
    let who = json!({
        "user_name": format!("person-{number}"), "display_name": "A Person", "role": "general-staff",
        "emails": [format!("person-{number}@example.org")],
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let (name, password) = (format!("person-{number}"), made["password"].as_str().expect("a password"));
    let (person, _) = client.log_in(&name, password).await;
    let begun = person.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
    (person, begun["manual_key"].as_str().expect("a key").to_owned())
}

/// Guesses under a new name from a new address each time, so that nothing but the pool of hashes holds it up.
async fn guess(client: Client, number: u32, guessing: Arc<Guessing>) {
    for attempt in 0_u32.. {
        if guessing.ended.load(Ordering::Relaxed) {
            return;
        }
        let address = format!("10.{}.{}.{number}", attempt / 256 % 256, attempt % 256);
        let body =
            json!({ "user_name": format!("nobody-{number}-{attempt}"), "password": "guessed 1 of many" });
        let headers = [("x-forwarded-for", address.as_str())];
        let answer = client.ask(reqwest::Method::POST, "/v1/session", &headers, Some(&body)).await;
        match answer.status {
            401 => guessing.compared.fetch_add(1, Ordering::Relaxed),
            503 => {
                assert!(answer.headers.contains_key("retry-after"), "{}", answer.text);
                tokio::time::sleep(Duration::from_millis(100)).await;
                guessing.busy.fetch_add(1, Ordering::Relaxed)
            }
            other => panic!("{other}: {}", answer.text),
        };
    }
}
