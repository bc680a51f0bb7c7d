//! The same at the command line: on a data directory, and through the server that holds it.

use serde_json::Value;

use crate::support::client::Client;
use crate::support::server::{FIRST, Place, Server, text};

/// Runs the program, through the server where there is a caller.
fn run(place: &Place, caller: Option<&Client>, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = place.command(arguments);
    command.envs(caller.and_then(|it| it.token.as_deref()).map(|token| ("MFA_LEDGER_TOKEN", token)));
    let output = command.output().expect("the program starts");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn json_of((code, out, err): (Option<i32>, String, String)) -> Value {
    assert_eq!(code, Some(0), "{err}");
    serde_json::from_str(&out).expect("it prints JSON")
}

fn create(place: &Place, caller: Option<&Client>, name: &str) -> Value {
    let email = format!("{name}@example.org");
    let create = ["administrator", "create", "--user-name", name, "--email", &email, "--output", "json"];
    json_of(run(place, caller, &create))
}

async fn head(client: &Client) -> u64 {
    let page = client.get("/v1/activity?limit=1").await.ok(200);
    page["data"][0]["position"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_data_directory_tell_the_same_past() {
    let server = Server::start();
    let place = server.place.clone();
    let (root, _) = server.root().await;
    create(&place, Some(&root), "ada");
    let then = head(&root).await.to_string();
    create(&place, Some(&root), "bob");
    let end = head(&root).await.to_string();

    let as_of = ["as-of", &then, "--output", "json"];
    let one = ["as-of", &then, "--administrator", FIRST, "--output", "json"];
    let diff = ["diff", &then, &end, "--output", "json"];
    let explain = ["explain", "can", "ada", "reset", FIRST, "--at", &then, "--output", "json"];
    let rows = ["diff", "1", &end, "--output", "csv"];
    let there: Vec<_> =
        [&as_of[..], &diff, &explain].iter().map(|it| json_of(run(&place, Some(&root), it))).collect();
    let answered = json_of(run(&place, Some(&root), &one));
    let rows_there = run(&place, Some(&root), &rows);
    let missing = run(&place, Some(&root), &["as-of", &then, "--administrator", "bob"]);
    assert_eq!(missing.0, Some(5), "{}", missing.2);
    let nobody = run(&place, Some(&root), &["explain", "can", "nobody", "reset", FIRST]);
    assert_eq!(nobody.0, Some(5), "{}", nobody.2);
    let (status, ..) = server.end();
    assert!(status.success());

    let here: Vec<_> =
        [&as_of[..], &diff, &explain].iter().map(|it| json_of(run(&place, None, it))).collect();
    assert_eq!(here, there);
    assert_eq!(run(&place, None, &rows), rows_there);
    let shown_alone = json_of(run(&place, None, &one));
    for field in ["enrolled_at", "backup_codes_left", "last_reset", "epoch"] {
        assert_eq!(shown_alone[0]["security"][field], answered[0]["security"][field], "{field}");
    }
    assert_eq!(shown_alone[0]["mfa"]["status"], "enabled");
    assert_eq!(here[0].as_array().unwrap().len(), 2, "bob came later: {}", here[0]);
    assert_eq!(here[1]["administrators"][0]["user_name"], "bob");
    assert_eq!(here[2]["code"], "permission-denied", "{}", here[2]);
    assert!(rows_there.1.contains("administrator,ada,user_name,,ada"), "{}", rows_there.1);
    let table = run(&place, None, &["explain", "can", FIRST, "reset", "ada"]);
    assert_eq!(table.0, Some(0), "{}", table.2);
    assert!(table.1.contains("mfa-not-enabled") && table.1.contains("administrator/adm_"), "{}", table.1);
}

#[test]
fn wrong_moments_have_exit_codes() {
    let (place, _) = Place::initialised();
    for (arguments, code, told) in [
        (&["as-of", "yesterday"][..], 2, "a position in the log in digits"),
        (&["as-of", ""], 2, "a position in the log in digits"),
        (&["as-of", "0"], 5, "the log begins later"),
        (&["as-of", "2001-01-01T00:00:00Z"], 5, "the log begins later"),
        (&["as-of", "999999"], 1, "that moment has not come"),
        (&["as-of", "9999-01-01T00:00:00Z"], 1, "that moment has not come"),
        (&["diff", "3", "2"], 1, "later than the second"),
        (&["diff", "3"], 2, "<TO>"),
        (&["explain", "can", "a", "delete", "b"], 2, "reset"),
        (&["explain", "can", "nobody", "reset", FIRST], 5, "nobody"),
        (&["explain", "can", "nobody", "change", FIRST], 5, "nobody"),
        (&["explain", "can", FIRST, "approve", "ada"], 2, "an id such as"),
        (
            &["explain", "can", FIRST, "approve", "rrq_01h455vb4pex5vsknk084sn02q"],
            5,
            "rrq_01h455vb4pex5vsknk084sn02q",
        ),
        (&["as-of", "1", "--administrator", "nobody"], 5, "nobody"),
    ] {
        let (exit, out, err) = run(&place, None, arguments);
        assert_eq!(exit, Some(code), "{arguments:?}: {out}{err}");
        assert!(err.contains(told), "{arguments:?}: {err}");
        assert_eq!(out, "", "{arguments:?}");
    }
    for output in ["table", "json", "ndjson", "csv"] {
        let (exit, out, err) = run(&place, None, &["as-of", "24h", "--output", output]);
        assert_eq!((exit, out.as_str()), (Some(5), ""), "the log is younger than a day: {err}");
        let (exit, out, err) = run(&place, None, &["as-of", "0m", "--output", output]);
        assert_eq!(exit, Some(0), "{err}");
        assert!(out.contains(FIRST), "{output}: {out}");
    }
}
