//! What comes back with a backup: nothing that may have been revoked since.

use serde_json::{Value, json};

use super::{below, create, enrolled, restored};
use crate::support::client::Client;
use crate::support::server::{Server, text, totp};

/// What was there when the backup was made.
struct Before {
    server: Server,
    root: Client,
    dana: super::Person,
    program: String,
    token: String,
    webhook: String,
    code: String,
}

async fn before() -> Before {
    let server = Server::start();
    let (root, _) = server.root().await;
    let dana = enrolled(&server, &root, "dana", "general-staff").await;
    let body = json!({ "name": "tickets", "scopes": ["view-mfa"] });
    let account = root.post("/v1/service-accounts", &body).await.ok(201);
    let hook =
        json!({ "url": "https://hooks.example.org/in", "actions": ["mfa.reset"], "description": "a test" });
    let hook = root.post("/v1/webhooks", &hook).await.ok(201);
    let codes = dana.client.post("/v1/me/mfa/backup-codes", &json!({ "code": totp(&dana.seed, 30) })).await;
    let codes = codes.ok(200);
    let of = |value: &Value| value.as_str().expect("a text").to_owned();
    Before {
        program: of(&account["service_account"]),
        token: of(&account["token"]),
        webhook: of(&hook["webhook"]),
        code: of(&codes["backup_codes"][0]),
        server,
        root,
        dana,
    }
}

async fn restores(root: &Client) -> Vec<Value> {
    let found = root.get("/v1/activity?action=log.restored").await.ok(200);
    found["data"].as_array().expect("a page").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_ends_on_record_whatever_may_have_been_revoked_since() {
    let Before { server, root, dana, program, token, webhook, code } = before().await;
    let backup = below(&server.place, "b");
    create(&server.place, &backup);
    // After the backup the program is revoked, and the code is used.
    root.delete(&format!("/v1/service-accounts/{program}")).await.ok(200);
    let (again, session) = server.client().log_in("dana", &dana.password).await;
    assert_eq!(session["next"], "verify", "{session}");
    again.post("/v1/session/second-factor", &json!({ "backup_code": code })).await.ok(200);

    let place = restored(&server.place, &backup);
    let served = Server::on(place, server.password.clone(), &[]);
    for old in [root.token.as_deref(), dana.client.token.as_deref(), Some(token.as_str())] {
        let old = served.client().with_token(old.expect("a token"));
        assert_eq!(old.get("/v1/administrators").await.status, 401);
    }
    let (root, _) = served.root().await;
    let found = restores(&root).await;
    let details = &found[0]["details"];
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["actor"]["type"], &details["service_accounts_suspended"]),
        (&json!("operator"), &json!(1))
    );
    assert_eq!((&details["webhooks_suspended"], &details["backup_codes_voided"]), (&json!(1), &json!(2)));
    assert!(details["backup_at"].is_string() && details["sessions_ended"].as_u64() >= Some(2), "{details}");

    let (again, _) = served.client().log_in("dana", &dana.password).await;
    let refused = again.post("/v1/session/second-factor", &json!({ "backup_code": code })).await;
    assert_eq!(refused.status, 401, "{}", refused.text);
    let hooks = root.get("/v1/webhooks").await.ok(200);
    assert_eq!(
        (&hooks["data"][0]["id"], &hooks["data"][0]["active"]),
        (&json!(webhook), &json!(false)),
        "{hooks}"
    );
    let alerts = alerts(&root).await;
    assert_eq!(alerts["data"][0]["severity"], "high", "{alerts}");

    resumed(&served, &root, &program, &token).await;
    let (status, place, password) = served.end();
    assert!(status.success());
    let served = Server::on(place, password, &[]);
    let (root, _) = served.root().await;
    assert_eq!(restores(&root).await.len(), 1, "once, whatever starts follow");
}

/// The program is let in again, once.
async fn resumed(served: &Server, root: &Client, program: &str, token: &str) {
    let listed = root.get("/v1/service-accounts").await.ok(200);
    assert_eq!(
        (&listed["data"][0]["suspended"], &listed["data"][0]["revoked"]),
        (&json!(true), &json!(false))
    );
    let path = format!("/v1/service-accounts/{program}/resume");
    root.post(&path, &json!({})).await.ok(200);
    served.client().with_token(token).get("/v1/administrators").await.ok(200);
    let again = root.post(&path, &json!({})).await;
    assert_eq!((again.status, &again.json["code"]), (422, &json!("not-suspended")), "{}", again.text);
}

async fn alerts(root: &Client) -> Value {
    for _ in 0..200 {
        let page = root.get("/v1/alerts?rule=restored-to-an-earlier-moment").await.ok(200);
        if page["data"][0].is_object() {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no alert")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_went_back_without_a_backup_is_treated_alike() {
    let Before { server, root, token, .. } = before().await;
    let (status, place, _) = server.end();
    assert!(status.success());
    let export = below(&place, "log.export");
    let output = place.run(&["log", "export", "--output", &export.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let again = super::with_keys(&place);
    let output = again.run(&["log", "import", &export.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let served = Server::accepting(again, "moved without its vault");
    for old in [root.token.as_deref(), Some(token.as_str())] {
        let old = served.client().with_token(old.expect("a token"));
        assert_eq!(old.get("/v1/administrators").await.status, 401);
    }
    let (status, again, _) = served.end();
    assert!(status.success());
    let told = again.run(&["activity", "list", "--action", "log.restored", "--output", "ndjson"]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    assert_eq!(text(&told.stdout).lines().count(), 1, "{}", text(&told.stdout));
}

#[test]
fn a_backup_in_the_place_of_a_data_directory_is_refused_with_advice() {
    let (place, _) = crate::support::server::Place::initialised();
    create(&place, &below(&place, "b"));
    let again = super::with_keys(&place);
    std::fs::rename(below(&place, "b"), again.data_dir()).expect("it can be put there");
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["administrator", "list"]] {
        let told = again.run(command);
        let words = text(&told.stderr);
        assert!(!told.status.success(), "{words}");
        assert!(words.contains("is a backup") && words.contains("backup restore"), "{words}");
    }
}
