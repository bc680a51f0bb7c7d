//! The command line: on a data directory, and through a server that holds it.

mod forms;
mod remote;
mod whole;

use std::io::Read;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::support::exported::activity;
use crate::support::server::{FIRST, Place, text};

#[track_caller]
fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

#[test]
fn help_names_every_command_and_exit_code() {
    let place = Place::empty();
    let help = text(&place.run(&["--help"]).stdout);
    for word in [
        "serve",
        "init",
        "administrator",
        "mfa",
        "activity",
        "config",
        "completion",
        "doctor",
        "health",
        "MFA_LEDGER_TOKEN",
    ] {
        assert!(help.contains(word), "{word} is not in:\n{help}");
    }
    let codes = help.lines().skip_while(|line| *line != "Exit codes:").skip(1);
    let codes: Vec<_> = codes.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "5", "6", "10"]);
}

#[test]
fn no_secret_can_be_given_as_an_argument() {
    let place = Place::empty();
    for command in
        [&["init"][..], &["serve"], &["mfa", "reset"], &["administrator", "create"], &["activity", "list"]]
    {
        let help = text(&place.run(&[command, &["--help"]].concat()).stdout);
        for flag in ["--password", "--token ", "--master-key", "--key"] {
            assert!(!help.contains(flag), "{command:?} takes {flag}");
        }
    }
}

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_2() {
    let place = Place::empty();
    for arguments in [
        &["fly"][..],
        &["init"],
        &["init", "--user-name", "not a name"],
        &["serve", "--listen", "everywhere"],
        &["activity", "list", "--outcome", "splendid"],
        &["activity", "list", "--since", "yesterday"],
        &["mfa", "reset", "--user-name", "ada", "--verification", "hearsay"],
    ] {
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
    }
}

#[test]
fn administrators_are_created_listed_and_shown() {
    let (place, _) = Place::initialised();
    let created = json(&place.run(&[
        "administrator",
        "create",
        "--user-name",
        "ada",
        "--display-name",
        "Ada Lovelace",
        "--email",
        "ada@example.org",
        "--role",
        "help-desk",
        "--output",
        "json",
    ]));
    assert_eq!(created["password"].as_str().map(str::len), Some(23));
    let shown = json(&place.run(&["administrator", "show", "ADA", "--output", "json"]));
    assert_eq!((&shown["id"], &shown["display_name"]), (&created["administrator"], &"Ada Lovelace".into()));
    assert_eq!(shown["mfa"]["status"], "not_enabled");
    let listed = text(&place.run(&["administrator", "list"]).stdout);
    let lines: Vec<_> = listed.lines().map(|line| line.split('\t').next().unwrap_or_default()).collect();
    assert_eq!(lines, ["User name", "ada", FIRST]);
    let reset = json(&place.run(&["administrator", "reset-password", "ada", "--output", "json"]));
    assert!(reset["password"].as_str().is_some() && reset["password"] != created["password"]);
    let all: Vec<_> = activity(&place, &["--target", "ada"]).iter().map(|it| it["action"].clone()).collect();
    assert_eq!(all, ["administrator.registered", "password.reset"]);
}

#[test]
fn what_is_not_there_ends_with_5_and_what_is_there_already_with_6() {
    let (place, _) = Place::initialised();
    let code = |arguments: &[&str]| place.run(arguments).status.code();
    assert_eq!(code(&["administrator", "show", "nobody"]), Some(5));
    assert_eq!(
        code(&["administrator", "create", "--user-name", "ada", "--email", "a@b", "--role", "no-such-role"]),
        Some(5)
    );
    assert_eq!(code(&["administrator", "create", "--user-name", "ROOT", "--email", "a@b"]), Some(6));
    let refused: Vec<_> =
        activity(&place, &["--outcome", "refused"]).iter().map(|it| it["code"].clone()).collect();
    assert_eq!(refused, ["role-not-found", "user-name-taken"], "refusals are on record");
}

#[test]
fn a_break_glass_reset_follows_the_rules_and_is_on_record() {
    let (place, _) = Place::initialised();
    json(&place.run(&[
        "administrator",
        "create",
        "--user-name",
        "ada",
        "--email",
        "a@b",
        "--output",
        "json",
    ]));
    let reset = |more: &[&str]| {
        let told = [
            "mfa",
            "reset",
            "--user-name",
            "ada",
            "--reason",
            "new_phone",
            "--requester-name",
            "Ada",
            "--requester-contact",
            "+420 1",
            "--ticket",
            "T-1",
        ];
        place.run(&[&told, more].concat())
    };
    let output = reset(&["--verification", "video_call"]);
    assert_eq!(output.status.code(), Some(2), "nobody can be asked to confirm");
    assert!(text(&output.stderr).contains("--confirm ada"));
    let output = reset(&["--verification", "video_call", "--confirm", "ada"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("refused: mfa-not-enabled (recorded at position"));
    let [refused] = &activity(&place, &["--action", "mfa.reset_refused", "--ticket", "T-1"])[..] else {
        panic!("the refusal has one record");
    };
    assert_eq!(
        (&refused["actor"]["type"], &refused["target"]["user_name"]),
        (&"operator".into(), &"ada".into())
    );
    assert_eq!(refused["words"]["requester_name"], "Ada");
}

#[test]
fn the_activity_log_comes_in_every_form() {
    let (place, _) = Place::initialised();
    let list = |form: &str| text(&place.run(&["activity", "list", "--limit", "3", "--output", form]).stdout);
    assert_eq!(list("csv").split("\r\n").count(), 5, "names, three entries, an end");
    let lines: Vec<Value> = list("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let positions: Vec<_> = lines.iter().filter_map(|line| line["position"].as_u64()).collect();
    assert!(positions.len() == 3 && positions.is_sorted_by(|a, b| a > b), "newest first: {positions:?}");
    assert!(serde_json::from_str::<Value>(&list("json")).unwrap().is_array());
    assert!(list("table").starts_with("Position\tTime\tAction\t"));
    let oldest =
        json(&place.run(&["activity", "list", "--limit", "1", "--oldest-first", "--output", "json"]));
    assert_eq!((&oldest[0]["position"], &oldest[0]["action"]), (&1.into(), &"settings.changed".into()));
    let tail = place.run(&["activity", "tail", "-n", "2", "--output", "ndjson"]);
    assert_eq!(text(&tail.stdout).lines().count(), 2);
    assert!(text(&tail.stderr).contains("nothing more will come"));
    let empty = place.run(&["activity", "export", "--output", "json", "--actor", "nobody"]);
    assert_eq!(json(&empty), Value::Array(Vec::new()));
    assert!(!activity(&place, &["--action", "activity.read"]).is_empty(), "reading is on record");
    assert!(!activity(&place, &["--action", "activity.exported"]).is_empty(), "exporting is on record");
}

#[test]
fn a_reader_that_leaves_early_is_nothing_unusual() {
    let (place, _) = Place::initialised();
    let mut child = place
        .command(&["completion", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let mut told = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut told).unwrap();
    assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""));
}

#[test]
fn completions_are_printed_for_every_shell() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(text(&place.run(&["completion", shell]).stdout).contains("mfa-ledger"), "{shell}");
    }
}
