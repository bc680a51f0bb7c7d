//! `mfa-ledger evidence create`

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Played, REQUESTER, TICKET, actions, printed, through};
use crate::support::server::{Place, text};

/// Unpacks a bundle with the tar of the system.
pub fn unpacked(file: &Path, into: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::create_dir(into).expect("a directory can be made");
    let unpacked =
        Command::new("tar").arg("-xf").arg(file).arg("-C").arg(into).output().expect("there is tar");
    assert!(unpacked.status.success() && unpacked.stderr.is_empty(), "{}", text(&unpacked.stderr));
    let root = into.join("evidence");
    let files = crate::support::grep::files(&root);
    let name = |file: &Path| file.strip_prefix(&root).expect("it is in there").display().to_string();
    files.iter().map(|file| (name(file), std::fs::read(file).expect("it can be read"))).collect()
}

#[track_caller]
pub fn create(place: &Place, about: &[&str], file: &str) -> std::path::PathBuf {
    let output = place.run(&[&["evidence", "create", "--to", file], about].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    place.outside().join(file)
}

fn json(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_has_the_events_byte_for_byte_the_policy_and_a_harmless_page() {
    let played = Played::new().await;
    let mut leaves = BTreeMap::new();
    for position in 1..=played.reset {
        let answer = played.root.get(&format!("/v1/activity/{position}/leaf")).await;
        leaves.insert(format!("events/{position:012}.json"), answer.text.into_bytes());
    }
    let (_, place, _) = played.server.end();
    let files =
        unpacked(&create(&place, &["--administrator", "ada"], "ada.tar"), &place.outside().join("ada"));
    for (name, leaf) in files.iter().filter(|(name, _)| name.starts_with("events/")) {
        assert!(leaves.get(name).is_none_or(|is| is == leaf), "{name}");
        assert!(files.contains_key(&name.replace("events/", "proofs/").replace(".json", ".tlog-proof")));
    }
    let reset = format!("events/{:012}.json", played.reset);
    assert!(files.contains_key(&reset));
    let policy = json(&files, "policy.json");
    assert_eq!(policy[0]["in_force_at"], serde_json::json!([played.reset]));
    assert_eq!(policy[0]["settings"]["step_up_minutes"], 15);
    let set_at = policy[0]["set_at"].as_u64().expect("a position");
    assert_eq!(json(&files, &format!("events/{set_at:012}.json"))["data"]["action"], "settings.changed");

    let page = text(&files["timeline.html"]);
    assert!(page.contains("&lt;script&gt;alert(&#39;ticket&#39;)&lt;/script&gt;"), "{page}");
    assert!(page.contains("reset MFA of ada"), "{page}");
    for live in ["<script", "<img", "http:", "https:", "src=", "javascript:"] {
        assert!(!page.contains(live), "{live} in {page}");
    }
    assert!(json(&files, &reset).to_string().contains(TICKET), "the event itself is not touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_lie_sealed_are_in_it_only_where_they_were_asked_for() {
    let (place, reset) = Played::over().await;
    let position = reset.to_string();
    let about = ["--reset", &position];
    let without = std::fs::read(create(&place, &about, "without.tar")).expect("it can be read");
    for word in [REQUESTER.as_bytes(), b"+420 1", b"ada@example.org"] {
        assert!(!without.windows(word.len()).any(|bytes| bytes == word), "{}", text(word));
    }
    let file = create(&place, &[&about[..], &["--with-personal-data"]].concat(), "with.tar");
    let files = unpacked(&file, &place.outside().join("with"));
    assert_eq!(json(&files, "personal-data.json")[&position]["requester_name"], REQUESTER);
    let page = text(&files["timeline.html"]);
    assert!(
        page.contains("requester_name: &lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_comes_with_what_followed_and_not_with_the_rest() {
    let (place, reset) = Played::over().await;
    let followed = place.run(&["activity", "list", "--action", "notification.recorded", "--output", "json"]);
    let notices = printed(&followed).as_array().expect("a list").len();
    let files = unpacked(
        &create(&place, &["--reset", &reset.to_string()], "reset.tar"),
        &place.outside().join("reset"),
    );
    let events = files.iter().filter(|(name, _)| name.starts_with("events/"));
    let mut told: Vec<_> = events
        .map(|(_, leaf)| serde_json::from_slice::<Value>(leaf).expect("it is JSON")["data"]["action"].clone())
        .filter(|action| action != "alert.raised")
        .collect();
    told.retain(|action| action != "notification.recorded" || notices == 0);
    assert_eq!(told, ["settings.changed", "mfa.reset", "mfa.enabled"]);
    for nothing in [reset + 1, 100_000] {
        let output = place.run(&["evidence", "create", "--reset", &nothing.to_string(), "--to", "no.tar"]);
        assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    }
    assert!(!place.outside().join("no.tar").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn making_one_is_an_export_on_record_with_and_without_a_server() {
    let played = Played::new().await;
    let place = played.server.place.clone();
    let ask = ["evidence", "create", "--administrator", "ada", "--to", "there.tar"];
    let there = through(&place, &played.root, &ask);
    assert!(there.status.success(), "{}", text(&there.stderr));
    assert_eq!(through(&place, &played.root, &ask).status.code(), Some(6), "it is there already");
    played.server.end();
    create(&place, &["--administrator", "ada"], "here.tar");
    let exports: Vec<_> =
        actions(&place).into_iter().filter(|row| row["action"] == "activity.exported").collect();
    let kinds: Vec<_> = exports.iter().map(|row| row["actor"]["type"].clone()).collect();
    assert_eq!(kinds, ["administrator", "operator"], "{exports:#?}");
    assert_eq!(exports[0]["details"]["query"], "target=ada&limit=1");
    assert_eq!(exports[1]["details"]["query"], "evidence=administrator ada");
    for file in ["there.tar", "here.tar"] {
        assert!(place.run(&["evidence", "verify", file]).status.success(), "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_records_under_the_same_checkpoint_are_the_same_bytes() {
    let (place, reset) = Played::over().await;
    let about = ["--reset", &reset.to_string()];
    let first = create(&place, &about, "first.tar");
    // A second one within the minute is recorded with the first: the checkpoint stays, or goes on by that minute.
    let second = create(&place, &about, "second.tar");
    let third = create(&place, &about, "third.tar");
    let read = |file: &Path| std::fs::read(file).expect("it can be read");
    let [first, second, third] = [first, second, third].map(|file| read(&file));
    assert!(first == second || second == third);
}
