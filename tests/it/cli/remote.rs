//! When a server holds the data directory, commands go through the API that it announced. A stand-in
//! answers here, so that what is tested is how the command line asks and what it makes of the answers.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::support::server::{Server, text};

type Seen = Arc<Mutex<Vec<Value>>>;
type Parameters = Query<std::collections::BTreeMap<String, String>>;

fn note(seen: &Seen, what: Value) {
    seen.lock().expect("no test panics with it").push(what);
}

async fn administrators(Query(query): Parameters) -> impl IntoResponse {
    let (name, next) = if query.contains_key("after") { ("ada", None) } else { ("bob", Some("x")) };
    axum::Json(json!({
        "data": [{ "id": format!("adm_{name}"), "user_name": name }], "has_more": next.is_some(), "next": next,
    }))
}

async fn reset(State(seen): State<Seen>, headers: HeaderMap, body: axum::Json<Value>) -> impl IntoResponse {
    note(
        &seen,
        json!({ "body": body.0, "key": headers.contains_key("idempotency-key"),
        "token": headers[header::AUTHORIZATION].to_str().unwrap_or_default() }),
    );
    let problem = json!({ "type": "/problems/step-up-required", "title": "Prove your second factor again",
        "status": 403, "code": "step-up-required", "position": 7 });
    (StatusCode::FORBIDDEN, axum::Json(problem))
}

async fn activity(Query(query): Parameters, headers: HeaderMap) -> impl IntoResponse {
    let entry = |position: u32| json!({ "position": position, "action": query.get("action") });
    match headers[header::ACCEPT].to_str().unwrap_or_default() {
        "application/x-ndjson" => {
            assert!(!query.contains_key("limit"), "all of it is wanted");
            format!("{}\n{}\n", entry(1), entry(2)).into_response()
        }
        _ => axum::Json(json!({ "data": [entry(2), entry(1)], "has_more": false, "next": null }))
            .into_response(),
    }
}

/// Two events behind the one asked for, then the end.
async fn stream(State(seen): State<Seen>, headers: HeaderMap) -> impl IntoResponse {
    let after =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<u32>().ok()).unwrap_or(0);
    note(&seen, json!(after));
    if after > 5 {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let events: Vec<_> =
        (after + 1..=after + 2).map(|n| format!("id: {n}\ndata: {{\"position\":{n}}}\n\n")).collect();
    ([(header::CONTENT_TYPE, "text/event-stream")], events.concat()).into_response()
}

/// A real server holds the directory; the stand-in is what it seems to have announced.
async fn stand_in() -> (Server, Seen) {
    let seen = Seen::default();
    let app = Router::new()
        .route("/v1/administrators", get(administrators))
        .route("/v1/administrators/{id}/mfa/reset", post(reset))
        .route("/v1/activity", get(activity))
        .route("/v1/activity/stream", get(stream))
        .with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("the stand-in can be set up");
    let address = listener.local_addr().expect("the stand-in can be set up");
    tokio::spawn(axum::serve(listener, app).into_future());
    let server = tokio::task::spawn_blocking(Server::start).await.expect("the stand-in can be set up");
    let note = json!({ "listening": format!("http://{address}") }).to_string();
    std::fs::write(server.place.data_dir().join("listening.json"), note).expect("the stand-in can be set up");
    (server, seen)
}

/// Runs the program with a token; code, output, and what it told.
async fn run(server: &Server, arguments: &'static [&'static str]) -> (Option<i32>, String, String) {
    let mut command = server.place.command(arguments);
    command.env("MFA_LEDGER_TOKEN", "mls_test");
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("no panic")
        .expect("the program starts");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nobody_is_asked() {
    let (server, seen) = stand_in().await;
    let place = server.place.clone();
    let output = tokio::task::spawn_blocking(move || place.run(&["activity", "list"])).await.unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stderr).contains("MFA_LEDGER_TOKEN"), "{}", text(&output.stderr));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_asked_for_by_name_and_a_problem_has_its_exit_code() {
    let (server, seen) = stand_in().await;
    let (code, out, told) = run(
        &server,
        &[
            "mfa",
            "reset",
            "--user-name",
            "ada",
            "--reason",
            "new_phone",
            "--verification",
            "video_call",
            "--requester-name",
            "Ada",
            "--requester-contact",
            "x",
            "--requested-at",
            "2026-05-03T14:05:00Z",
            "--confirm",
            "ada",
        ],
    )
    .await;
    assert_eq!((code, out.as_str()), (Some(4), ""), "{told}");
    assert!(
        told.contains("step-up-required: Prove your second factor again (recorded at position 7)"),
        "{told}"
    );
    let body = json!({ "reason": "new_phone", "verification": "video_call", "requester_name": "Ada",
        "requester_contact": "x", "requested_at": "2026-05-03T14:05:00.000Z", "confirmation": "ada" });
    assert_eq!(*seen.lock().unwrap(), [json!({ "body": body, "key": true, "token": "Bearer mls_test" })]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_followed_to_their_last_page() {
    let (server, _) = stand_in().await;
    let (code, out, told) = run(&server, &["administrator", "list", "--output", "csv"]).await;
    assert_eq!(code, Some(0), "{told}");
    let names: Vec<_> = out.lines().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(names, ["User name", "bob", "ada"]);
    let (_, out, _) = run(&server, &["activity", "export", "--action", "mfa.reset"]).await;
    let positions: Vec<_> =
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].clone()).collect();
    assert_eq!(positions, [1, 2]);
    let (code, ..) = run(&server, &["administrator", "show", "nobody"]).await;
    assert_eq!(code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_goes_on_where_the_stream_broke_off() {
    let (server, seen) = stand_in().await;
    let (code, out, told) = run(&server, &["activity", "tail", "-n", "2", "--output", "ndjson"]).await;
    assert_eq!(code, Some(3), "{told}");
    let positions: Vec<_> =
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].clone()).collect();
    assert_eq!(positions, [1, 2, 3, 4, 5, 6]);
    assert_eq!(seen.lock().unwrap()[..3], [json!(2), json!(4), json!(6)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_ends_with_3() {
    let (server, _) = stand_in().await;
    std::fs::write(server.place.data_dir().join("listening.json"), "{\"listening\":\"http://127.0.0.1:1\"}")
        .unwrap();
    let (code, _, told) = run(&server, &["administrator", "list"]).await;
    assert_eq!(code, Some(3), "{told}");
    let (code, _, told) = run(&server, &["health", "--url", "http://127.0.0.1:1"]).await;
    assert_eq!(code, Some(1), "{told}");
}
