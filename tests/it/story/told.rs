//! `mfa-ledger replay --administrator`

use serde_json::{Value, json};

use super::{Played, TICKET, actions, printed, through};
use crate::support::server::text;

fn whats(story: &Value) -> Vec<String> {
    let rows = story.as_array().expect("a list").iter();
    rows.map(|row| row["what"].as_str().expect("words").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_is_whole_in_order_and_the_same_with_and_without_a_server() {
    let played = Played::new().await;
    let ask = ["replay", "--administrator", "ada", "--output", "json"];
    let there = printed(&through(&played.server.place, &played.root, &ask));
    let nobody = through(&played.server.place, &played.root, &["replay", "--administrator", "eve"]);
    assert_eq!(nobody.status.code(), Some(5), "{}", text(&nobody.stderr));
    let (_, place, _) = played.server.end();
    let here = printed(&place.run(&ask));
    assert_eq!(there, here);
    assert_eq!(
        whats(&here),
        [
            "registered ada, with the role general-staff",
            "a log-in with the password of ada, from an address not seen before",
            "began to enroll a device",
            "enrolled a device: MFA is on, 10 backup codes",
            "reset MFA of ada: the device and 10 backup codes are gone; 1 session ended",
            "a log-in with the password of ada",
            "began to enroll a device",
            "enrolled a device: MFA is on, 10 backup codes",
        ]
    );
    let positions: Vec<_> =
        here.as_array().expect("a list").iter().map(|row| row["position"].as_u64()).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    let reset = here.as_array().expect("a list").iter().find(|row| row["position"] == played.reset);
    let reset = reset.expect("the reset");
    let facts = ["by", "reason", "verification", "ticket", "void"].map(|name| reset[name].clone());
    assert_eq!(
        Value::from(facts.to_vec()),
        json!(["root", "lost_or_stolen_device", "video_call", TICKET, false])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_does_as_well_every_form_has_the_rows_and_the_reading_is_on_record() {
    let (place, reset) = Played::over().await;
    let rows = printed(&place.run(&["replay", "--administrator", "ada", "--output", "json"]));
    let leaf = actions(&place).into_iter().find(|row| row["position"] == reset).expect("the reset");
    let id = leaf["target"]["administrator"].as_str().expect("an id").to_owned();
    assert_eq!(printed(&place.run(&["replay", "--administrator", &id, "--output", "json"])), rows);
    let count = rows.as_array().expect("a list").len();
    for (form, lines) in [("table", count + 1), ("ndjson", count), ("csv", count + 1)] {
        let output = place.run(&["replay", "--administrator", "ADA", "--output", form]);
        assert_eq!(text(&output.stdout).lines().count(), lines, "{form}: {}", text(&output.stderr));
    }
    for nobody in ["eve", "adm_01jzzzzzzzzzzzzzzzzzzzzzzz"] {
        assert_eq!(place.run(&["replay", "--administrator", nobody]).status.code(), Some(5), "{nobody}");
    }
    // A reading is recorded once a minute, and a minute may end in between: then a later one is on record as well.
    let read = actions(&place).into_iter().filter(|row| row["action"] == "activity.read");
    let queries: Vec<_> = read.map(|row| row["details"]["query"].clone()).collect();
    assert!(queries.contains(&"administrator=ada".into()), "{queries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_read_the_activity_log_is_told_no_story() {
    let played = Played::new().await;
    let place = &played.server.place;
    let create =
        ["administrator", "create", "--user-name", "gus", "--email", "g@example.org", "--output", "json"];
    let created = printed(&through(place, &played.root, &create));
    let password = created["password"].as_str().expect("shown once").to_owned();
    let (gus, _) = played.server.client().log_in("gus", &password).await;
    for arguments in [
        &["replay", "--administrator", "ada"][..],
        &["evidence", "create", "--administrator", "ada", "--to", "no.tar"],
    ] {
        let output = through(place, &gus, arguments);
        assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    assert!(!place.outside().join("no.tar").exists());
}

#[test]
fn what_does_not_go_together_is_refused() {
    let place = crate::support::server::Place::empty();
    for arguments in [
        &["replay", "--administrator", "a", "--to-nats", "x"][..],
        &["replay", "--speed", "2x"],
        &["replay", "--from", "1"],
        &["replay", "--to-nats", "x", "--output", "json"],
        &["replay", "--to-nats", "x", "--speed", "0x"],
    ] {
        assert_eq!(place.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
