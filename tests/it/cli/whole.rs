//! The command line and the API on one ledger: a person enrolls over HTTP with an authenticator app, is
//! reset from the command line through the running server, and, with the server stopped, by break glass.

use serde_json::{Value, json};

use super::json as printed;
use crate::support::client::Client;
use crate::support::server::{FIRST, Place, Server, text, totp};

/// Logs in and gives the caller with the session's token, and what comes next.
async fn log_in(server: &Server, user_name: &str, password: &str) -> (Client, Value) {
    let body = json!({ "user_name": user_name, "password": password });
    let answer = server.client().post("/v1/session", &body).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    let token = answer.json["token"].as_str().expect("a log-in gives a token");
    (server.client().with_token(token), answer.json["next"].clone())
}

/// Enrolls, and gives the caller with the token that counts from then on. A time step is accepted once
/// from one person, whatever the seed: who enrolls again at once needs the code of the next one.
async fn enroll(client: &Client, seconds_fast: u32) -> Client {
    let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await;
    let seed = begun.json["manual_key"].as_str().unwrap_or_else(|| panic!("{}", begun.text));
    let code = json!({ "code": totp(seed, seconds_fast) });
    let enabled = client.post("/v1/me/mfa/enrollment/confirm", &code).await;
    assert_eq!(enabled.json["status"], "enabled", "{}", enabled.text);
    enabled.json["token"].as_str().map_or_else(|| client.clone(), |token| client.with_token(token))
}

const RESET: [&str; 14] = [
    "mfa",
    "reset",
    "--user-name",
    "ada",
    "--reason",
    "lost_or_stolen_device",
    "--verification",
    "video_call",
    "--requester-name",
    "Ada",
    "--requester-contact",
    "+420 1",
    "--ticket",
    "T-9",
];

/// Runs the program through the server, as this caller.
fn through(place: &Place, client: &Client, arguments: &[&str]) -> std::process::Output {
    let mut command = place.command(arguments);
    let token = client.token.as_deref().expect("the caller is logged in");
    command.env("MFA_LEDGER_TOKEN", token).output().expect("the program starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_reset_through_the_server_and_by_break_glass() {
    let server = Server::start();
    let place = server.place.clone();
    let (root, _) = log_in(&server, FIRST, &server.password).await;
    let root = enroll(&root, 0).await;
    let create =
        ["administrator", "create", "--user-name", "ada", "--email", "ada@example.org", "--output", "json"];
    let created = printed(&through(&place, &root, &create));
    let password = created["password"].as_str().expect("shown once").to_owned();

    let (ada, _) = log_in(&server, "ada", &password).await;
    enroll(&ada, 0).await;
    let shown = printed(&through(&place, &root, &["administrator", "show", "ada", "--output", "json"]));
    assert_eq!(
        (&shown["mfa"]["status"], &shown["security"]["backup_codes_left"]),
        (&"enabled".into(), &10.into())
    );

    let refused = through(&place, &ada, &[&RESET[..], &["--confirm", "ada"]].concat());
    assert_eq!(
        refused.status.code(),
        Some(4),
        "the session waits for a second factor: {}",
        text(&refused.stderr)
    );
    let reset =
        printed(&through(&place, &root, &[&RESET[..], &["--confirm", "ada", "--output", "json"]].concat()));
    assert_eq!((&reset["action"], &reset["break_glass"]), (&"mfa.reset".into(), &false.into()));
    let (ada, next) = log_in(&server, "ada", &password).await;
    assert_eq!(next, "done", "MFA is off again");
    enroll(&ada, 30).await;

    let resets = ["--action", "mfa.reset", "--ticket", "T-9"];
    let mut forms = vec![printed(&through(
        &place,
        &root,
        &[&["activity", "list", "--output", "json"][..], &resets].concat(),
    ))];
    forms.push(printed(&through(
        &place,
        &root,
        &[&["activity", "export", "--output", "json"][..], &resets].concat(),
    )));
    assert!(place.run(&["health", "--url", &server.url]).status.success());

    let (status, ..) = server.end();
    assert!(status.success());
    // The same entry, whether a server shows it or the data directory does.
    forms.push(printed(&place.run(&[&["activity", "list", "--output", "json"][..], &resets].concat())));
    assert!(
        forms.iter().all(|form| *form == forms[0] && form[0]["words"]["requester_name"] == "Ada"),
        "{forms:#?}"
    );
    let reset = printed(&place.run(&[&RESET[..], &["--confirm", "ada", "--output", "json"]].concat()));
    assert_eq!((&reset["action"], &reset["break_glass"]), (&"mfa.reset".into(), &true.into()));
    let listed = printed(&place.run(&["activity", "list", "--action", "mfa.reset", "--output", "json"]));
    let by: Vec<_> =
        listed.as_array().expect("a list").iter().map(|it| it["actor"]["type"].clone()).collect();
    assert_eq!(by, ["operator", "administrator"]);
    assert_eq!(listed[0]["details"]["break_glass"], true);
}
