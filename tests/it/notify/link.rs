//! "This wasn't me": the link of the mail, as a browser follows it.

use mfa_ledger::service::LINK_DAYS;
use mfa_ledger_schemas::Position;
use serde_json::{Value, json};

use super::post::Post;
use super::{RESET, Scene};
use crate::support::house::House;

/// The path of the link in a mail.
fn path(mail: &Value) -> String {
    let told = mail["text"].as_str().expect("text");
    let from = told.find("/this-was-not-me/").expect("a link");
    told[from..].split_whitespace().next().expect("a word").to_owned()
}

/// What a browser sends with the button of the page.
const BUTTON: &[(&str, &str)] =
    &[("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];

#[tokio::test(flavor = "multi_thread")]
async fn the_link_freezes_the_account_once() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    let position = scene.reset().await;
    let path = path(&post.wait_for(RESET, 1).await[0]);
    let browser = scene.server.client();

    // Scanners of mail follow links, several times.
    for _ in 0..3 {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        let policy = page.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.text.contains("<html lang=\"en\">") && page.text.contains("<button type=\"submit\">"));
        assert!(!page.text.contains("<script"), "{}", page.text);
        assert!(page.text.contains("<dd>jane</dd>") && page.text.contains("<dd>HD-1</dd>"), "{}", page.text);
    }
    let (_, session) = scene.server.client().log_in("jane", &scene.password).await;
    assert_eq!(session["next"], "done", "looking changes nothing");

    let foreign = browser.ask(reqwest::Method::POST, &path, &[("sec-fetch-site", "cross-site")], None).await;
    assert_eq!(foreign.status, 403, "{}", foreign.text);
    let done = browser.ask(reqwest::Method::POST, &path, BUTTON, None).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("<h1>Your account is frozen</h1>"), "{}", done.text);
    let body = json!({ "user_name": "jane", "password": scene.password });
    assert_eq!(browser.post("/v1/session", &body).await.status, 401, "frozen");

    let entries = scene.root.get("/v1/activity?action=reset.repudiated").await.ok(200);
    let entry = &entries["data"][0];
    assert_eq!(entries["data"].as_array().expect("a page").len(), 1, "{entries}");
    assert_eq!(
        (&entry["details"]["reset"], &entry["details"]["frozen"]),
        (&json!(position), &json!(true)),
        "{entry}"
    );
    assert_eq!(
        (&entry["actor"]["type"], &entry["actor"]["name"], &entry["origin"]["address"]),
        (&json!("anonymous"), &json!("notice-link"), &json!("127.0.0.1"))
    );

    for method in [reqwest::Method::GET, reqwest::Method::POST] {
        let again = browser.ask(method, &path, BUTTON, None).await;
        assert_eq!(again.status, 410, "{}", again.text);
        assert!(again.text.contains("<h1>This link was used before</h1>"), "{}", again.text);
    }
    let entries = scene.root.get("/v1/activity?action=reset.repudiate_refused").await.ok(200);
    assert_eq!(entries["data"], json!([]), "a link that was used asks for nothing");
    // The token is nowhere on disk: the log names the reset, and the key makes the token of it.
    let token = path.rsplit('/').next().expect("a token");
    assert_eq!(crate::support::grep::hits(&scene.server.place.data_dir(), token.as_bytes()), []);
}

/// By a clock that is set by hand: on its last second the link works, once; a second later it does not.
#[tokio::test(flavor = "multi_thread")]
async fn the_link_works_for_its_days_and_then_says_so() {
    let house = House::open().await;
    let (ann, bob) = (house.enrolled("ann", "auditor").await, house.enrolled("bob", "auditor").await);
    let mut paths = Vec::new();
    for person in [&ann, &bob] {
        super::watchdog::reset(&house, person).await;
        let token = house.service.notice_token(Position(house.records()));
        paths.push(format!("/this-was-not-me/{}", token.expose()));
    }
    let press = async |path: &str| {
        let (name, value) = BUTTON[0];
        house.post(path).header(name, value).header(BUTTON[1].0, BUTTON[1].1).send().await
    };
    house.pass(LINK_DAYS * 24 * 3_600);
    assert_eq!(house.get(&paths[0]).send().await.status, 200);
    let done = press(&paths[0]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("<h1>Your account is frozen</h1>"), "{}", done.text);
    let again = press(&paths[0]).await;
    assert_eq!(again.status, 410);
    assert!(again.text.contains("<h1>This link was used before</h1>"), "{}", again.text);

    house.pass(1);
    let before = house.records();
    for answer in [house.get(&paths[1]).send().await, press(&paths[1]).await] {
        assert_eq!(answer.status, 410, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(answer.text.contains("expired") || answer.text.contains("too old"), "{}", answer.text);
    }
    assert_eq!(house.records(), before, "and nothing is done");
    let used = house.get(&paths[0]).send().await;
    assert!(used.text.contains("<h1>This link was used before</h1>"), "what was done stays so");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_links_do_nothing() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    scene.reset().await;
    let path = path(&post.wait_for(RESET, 1).await[0]);
    let mut changed = path.clone();
    let last = if changed.pop() == Some('A') { 'Q' } else { 'A' };
    changed.push(last);
    let session = format!("/this-was-not-me/{}", scene.root.token.as_deref().expect("a token"));
    let browser = scene.server.client();
    for path in [changed.as_str(), session.as_str(), "/this-was-not-me/x", "/this-was-not-me/%00%ff"] {
        for method in [reqwest::Method::GET, reqwest::Method::POST] {
            let answer = browser.ask(method, path, BUTTON, None).await;
            assert!([400, 404].contains(&answer.status), "{path}: {}", answer.text);
        }
    }
    assert!(scene.server.client().log_in("jane", &scene.password).await.1["next"] == "done");
    assert_eq!(scene.root.get("/v1/activity?action=reset.repudiated").await.ok(200)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_links_is_as_slow_as_guessing_passwords() {
    let server =
        crate::support::server::Server::start_with(&[("MFA_LEDGER__HTTP__ATTEMPTS_PER_SECOND", "1")]);
    let browser = server.client();
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(browser.get("/this-was-not-me/x").await.status);
    }
    assert_eq!(statuses[..10], [404; 10], "a burst of ten");
    assert!(statuses[10..].contains(&429), "{statuses:?}");
}
