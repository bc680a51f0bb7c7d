//! Looking back in time, the settings, and the integrity of the log.

use std::path::Path;

use serde_json::json;

use super::visitor::{Page, SESSION, Visitor};
use crate::support::house::House;
use crate::support::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_past_moment_is_shown_as_such_and_nothing_can_be_done_there() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    house.pass(3_600);
    let dana = house.enrolled("dana", "general-staff").await;
    house.pass(2 * 3_600);
    house.step_up(&desk).await;
    let story = json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": "Dana",
        "requester_contact": "+1 555 0100", "requested_at": "2026-05-04T08:45:00.000Z", "confirmation": "dana",
    });
    house
        .post(&format!("/v1/administrators/{}/mfa/reset", dana.id))
        .as_(&desk)
        .json(&story)
        .send()
        .await
        .ok(201);
    house.pass(3_600);
    let mut visitor = Visitor::of(&house, &desk);
    let path = format!("/console/administrators/{}", dana.id);
    let now = visitor.get(&path).await;
    assert!(now.text.contains("MFA Not Enabled") && now.text.contains("/suspicious\""), "{}", now.text);
    assert!(!now.text.contains("not now."));

    // The date, and the slider.
    for query in ["as_of=2h", "as_of=&was=&ago=-2&ago_was=0"] {
        let then = visitor.get(&format!("{path}?{query}")).await;
        assert_eq!(then.status, 200, "{query}: {}", then.text);
        assert!(
            then.text.contains("MFA Enabled") && then.text.contains("not now."),
            "{query}: {}",
            then.text
        );
        for command in ["/reset\"", "/suspicious\""] {
            assert!(!then.text.contains(command), "{query} offers {command}: {}", then.text);
        }
    }
    let before = visitor.get(&format!("{path}?as_of=4h")).await;
    assert!(before.status == 404 && before.text.contains("was not there at that moment"), "{}", before.text);
    let list = visitor.get("/console/administrators?as_of=2h").await;
    assert!(list.text.contains("MFA Enabled") && list.text.contains("not now."), "{}", list.text);
    assert!(list.text.contains(&format!("{path}?as_of=2026-")), "links stay in the past: {}", list.text);
    let earlier = visitor.get("/console/administrators?as_of=4h").await;
    assert!(earlier.status == 200 && !earlier.text.contains(&dana.id), "{}", earlier.text);
    for (query, status, told) in [
        ("as_of=yesterday", 400, "That is no moment"),
        ("as_of=2020-01-01", 404, "The log had not begun"),
        ("as_of=2099-01-01", 422, "has not come"),
    ] {
        let page = visitor.get(&format!("/console/administrators?{query}")).await;
        assert!(page.text.contains(told), "{query}: {} {}", page.status, page.text);
        assert!(matches!(page.status, 400..=422) || page.status == status, "{query}: {}", page.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moments_are_compared() {
    let house = House::open().await;
    let auditor = house.enrolled("officer", "security-officer").await;
    house.pass(3_600);
    house.enrolled("dana", "general-staff").await;
    house.require_mfa().await;
    house.pass(60);
    let mut visitor = Visitor::of(&house, &auditor);
    let page = visitor.get("/console/past?from=30m&to=").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for said in ["dana", "MFA Enabled", "MFA required of all", "Administrators (", "Settings (1)"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    let page = visitor.get("/console/past?from=10s&to=").await;
    assert!(page.status == 400 && page.text.contains("That is no moment"), "{}", page.text);
    house.pass(3_600);
    let page = visitor.get("/console/past?from=30m").await;
    assert!(page.text.contains("Nothing differs"), "{}", page.text);
    let page = visitor.get("/console/past?from=1m&to=30m").await;
    assert!(page.text.contains("ends before it begins"), "{} {}", page.status, page.text);
    // Without a choice of one's own: the log is younger than a week, and its beginning can be asked for again.
    let page = visitor.get("/console/past").await;
    assert!(page.status == 200 && page.text.contains("Administrators ("), "{}", page.text);
    assert!(!page.text.contains("The log had not begun"), "{}", page.text);
    let from = page.text.split_once(r#"id="from""#).unwrap().1.split_once(r#"value=""#).unwrap().1;
    let (from, _) = from.split_once('"').unwrap();
    let again = visitor.get(&format!("/console/past?from={from}")).await;
    assert!(again.status == 200 && again.text.contains("Administrators ("), "{from}: {}", again.text);
    let staff = house.enrolled("staff", "general-staff").await;
    assert_eq!(Visitor::of(&house, &staff).get("/console/past?from=30m").await.status, 403);
}

/// Sends a form of the settings.
async fn send(visitor: &mut Visitor, fields: Vec<(&'static str, String)>) -> Page {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.post("/console/settings", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_saved_a_group_at_a_time_and_nobody_overwrites_unseen() {
    let house = House::open().await;
    let sysadmin = house.enrolled("sysadmin", "system-administrator").await;
    let settings = || async { house.get("/v1/settings").as_(&sysadmin).send().await.ok(200) };
    let mut visitor = Visitor::of(&house, &sysadmin);
    let page = visitor.get("/console/settings").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let (key, version) =
        (page.field("key"), page.field("version").replace("&quot;", "\"").replace("&#34;", "\""));
    let own = |group: &'static str| {
        vec![("key", key.clone()), ("version", version.clone()), ("group", group.to_owned())]
    };
    let fields = |group, more: &[(&'static str, &str)]| {
        let mut all = own(group);
        all.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        all
    };
    let before = settings().await;
    let preview =
        [("reset_notice_subject", "Hello"), ("reset_notice_text", "Text <b>bold</b>"), ("preview", "yes")];
    let page = send(&mut visitor, fields("notice", &preview)).await;
    assert!(
        page.status == 200 && page.text.contains("Hello") && !page.text.contains("<b>bold"),
        "{}",
        page.text
    );
    assert_eq!(settings().await, before, "a preview saves nothing");

    let typo = [("time_zone", "Europe/Vienna"), ("weekday", "1"), ("opens", "7.30"), ("closes", "24:00")];
    let page = send(&mut visitor, fields("hours", &typo)).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert_eq!(settings().await, before, "a time that is none does not become midnight");

    let hours = [
        ("time_zone", "Europe/Vienna"),
        ("weekday", "1"),
        ("weekday", "6"),
        ("opens", "07:30"),
        ("closes", "24:00"),
    ];
    let page = send(&mut visitor, fields("hours", &hours)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let after = settings().await;
    let expected = json!({"time_zone": "Europe/Vienna", "weekdays": [1, 6], "opens": 450, "closes": 1440});
    assert_eq!(after["business_hours"], expected);
    assert_eq!(after["issuer"], before["issuer"], "other groups are as they were");

    // The version that was seen is not the one that there is.
    let mut stale = fields("mfa", &[("issuer", "Other")]);
    stale[0].1 = "another-key-of-this-form".to_owned();
    let page = send(&mut visitor, stale).await;
    assert_eq!(page.status, 412, "{}", page.text);
    assert_eq!(settings().await, after, "nothing was overwritten");
    let page = visitor.get("/console/settings").await;
    let (key, version) =
        (page.field("key"), page.field("version").replace("&quot;", "\"").replace("&#34;", "\""));
    let wrong =
        [("key", key), ("version", version), ("group", "policy".into()), ("step_up_minutes", "241".into())];
    let page = send(&mut visitor, wrong.into()).await;
    assert!(page.status == 400 && page.text.contains("role=\"alert\""), "{} {}", page.status, page.text);
    let desk = house.enrolled("desk", "help-desk").await;
    let page = Visitor::of(&house, &desk).get("/console/settings").await;
    assert!(page.text.contains("fieldset disabled") && !page.text.contains(">Save<"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_changed_in_the_matrix() {
    let house = House::open().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let mut visitor = Visitor::of(&house, &root);
    let page = visitor.get("/console/settings/roles").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let form = page.text.split("id=\"role-help-desk\"").nth(1).expect("a form").split("</form>").next();
    let hidden = |name: &str| {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = form.expect("a form").split(&mark).nth(1).expect("a field");
        let end = rest.find("\">").expect("an end");
        rest[..end].replace("&quot;", "\"").replace("&#34;", "\"")
    };
    let (key, seen) = (hidden("key"), hidden("seen"));
    assert!(seen.starts_with('{'), "{seen}");
    let fields = [
        ("key", key.as_str()),
        ("seen", seen.as_str()),
        ("name", "Help Desk <1>"),
        ("permission", "manage-mfa"),
        ("permission", "view-activity"),
        ("mfa_required", "yes"),
    ];
    let done = visitor.post("/console/settings/roles/help-desk", &fields).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let again = visitor.post("/console/settings/roles/help-desk", &fields).await;
    assert_eq!((again.status, again.location()), (303, done.location()), "sent twice, done once");
    let role = house.get("/v1/roles/help-desk").as_(&root).send().await.ok(200);
    assert_eq!(role["permissions"], json!(["manage-mfa", "view-activity"]));
    assert_eq!((&role["name"], &role["mfa_required"]), (&json!("Help Desk <1>"), &json!(true)));
    let mut stale = fields;
    stale[0].1 = "another-key-of-this-form";
    assert_eq!(visitor.post("/console/settings/roles/help-desk", &stale).await.status, 412);

    let key = visitor.get("/console/settings/roles").await.field("key");
    let new = [("key", key.as_str()), ("id", "night-shift"), ("name", "Night Shift")];
    assert_eq!(visitor.post("/console/settings/roles", &new).await.status, 303);
    let again = [("key", "one-more-key"), ("id", "help-desk"), ("name", "Nothing")];
    let page = visitor.post("/console/settings/roles", &again).await;
    assert!(page.status == 409 && page.text.contains("There is such a role already"), "{}", page.text);
    let role = house.get("/v1/roles/help-desk").as_(&root).send().await.ok(200);
    assert_eq!(role["name"], "Help Desk <1>", "it was not overwritten");
    let desk = house.enrolled("auditor", "auditor").await;
    let mut visitor = Visitor::of(&house, &desk);
    let page = visitor.get("/console/settings/roles").await;
    assert!(page.status == 200 && !page.text.contains("type=\"checkbox\""), "{}", page.text);
    let other = [("key", "a-key-of-theirs"), ("id", "day-shift"), ("name", "Day Shift")];
    assert_eq!(visitor.post("/console/settings/roles", &other).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_proved_and_an_old_checkpoint_is_held_against_the_log() {
    let server = Server::start();
    let (root, session) = server.root().await;
    let mut visitor = Visitor::new(&server.url);
    visitor.cookies.insert(SESSION.to_owned(), session["token"].as_str().expect("a token").to_owned());
    let mut page = visitor.get("/console/activity/1").await;
    for _ in 0..100 {
        if !page.text.contains("Not sealed yet") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        page = visitor.get("/console/activity/1").await;
    }
    assert_eq!(page.status, 200, "{}", page.text);
    for said in ["Verified", "lead from it to the root", "The checkpoint with that root is signed for"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    let proof = visitor.get("/console/activity/1/proof").await;
    assert!(proof.text.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n"), "{}", proof.text);
    let leaf = visitor.get("/console/activity/1/leaf").await;
    assert!(
        leaf.text.starts_with("{\"specversion\":\"1.0\"")
            && leaf.header("content-disposition").contains("1.json")
    );

    let earlier = root.get("/v1/log/checkpoint").await.text;
    root.get("/v1/activity").await.ok(200);
    all_is_verified_when_somebody_wants_it(&mut visitor).await;
    let page = visitor.get("/console/integrity").await;
    assert!(page.status == 200 && page.text.contains("Signature checked"), "{}", page.text);
    assert!(page.text.contains("None are set up"), "no anchors: {}", page.text);
    let ask = |text: &str| {
        let bytes = text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        format!("/console/integrity?earlier={bytes}")
    };
    let page = visitor.get(&ask(&earlier)).await;
    assert!(page.text.contains("Nothing was changed or removed"), "{}", page.text);
    let page = visitor.get(&ask(&earlier.replace('\n', "\r\n"))).await;
    assert!(page.text.contains("Nothing was changed or removed"), "as a form sends it: {}", page.text);
    let lines: Vec<_> = earlier.lines().collect();
    let size: u64 = lines[1].parse().expect("a size");
    let forged = earlier.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1);
    let page = visitor.get(&ask(&forged)).await;
    assert!(page.text.contains("No key of this log has signed"), "{}", page.text);
    let page = visitor.get(&ask("nothing of the kind")).await;
    assert!(page.text.contains("no signed checkpoint"), "{}", page.text);
    spoil(&server.place.data_dir().join("tile"));
    let page = visitor.get("/console/activity/1").await;
    assert!(
        page.text.contains("NOT verified") && page.text.contains("the server cannot prove it"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("/console/activity/1/proof"), "there is none to keep: {}", page.text);
}

/// Makes every file below something else.
fn spoil(dir: &Path) {
    for entry in std::fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            spoil(&entry);
        } else {
            let length = std::fs::metadata(&entry).expect("a file").len();
            std::fs::write(&entry, vec![7; usize::try_from(length).expect("a tile")]).expect("it is written");
        }
    }
}

/// The page tells what the start verified, and what comes of the button.
async fn all_is_verified_when_somebody_wants_it(visitor: &mut Visitor) {
    let page = visitor.get("/console/integrity").await;
    assert!(page.text.contains("Last verification") && page.text.contains("At the start"), "{}", page.text);
    assert!(page.text.contains("checkpoint on disk"), "{}", page.text);
    let wanted = visitor.post("/console/integrity/verify", &[]).await;
    assert!(
        wanted.location().starts_with("/console/integrity?done=verification_wanted&at="),
        "{}",
        wanted.text
    );
    let page = visitor.get(wanted.location()).await;
    assert!(page.text.contains("All records are being verified"), "{}", page.text);
    for _ in 0..100 {
        let page = visitor.get("/console/integrity").await;
        if page.text.contains("On demand") && !page.text.contains("data-renew") {
            let told =
                page.text.contains("Records 1 to ") && page.text.contains("newest checkpoint in memory");
            assert!(told, "{}", page.text);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it was not verified in five seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_the_log_sees_the_checkpoint_and_not_what_was_verified() {
    let house = House::open().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let role = json!({ "name": "Settler", "permissions": ["manage-settings"], "mfa_required": false });
    house.put("/v1/roles/settler").as_(&root).json(&role).send().await.ok(200);
    let settler = house.enrolled("settler", "settler").await;
    let mut visitor = Visitor::of(&house, &settler);
    let page = visitor.get("/console/integrity").await;
    assert!(page.status == 200 && page.text.contains("View Activity Log sees here"), "{}", page.text);
    assert!(!page.text.contains("/console/integrity/verify"), "{}", page.text);
    let before = house.records();
    assert_eq!(visitor.post("/console/integrity/verify", &[]).await.status, 403);
    assert_eq!(house.records(), before + 1, "the refusal is on record");
}
