//! What the past says is what was answered then.

use serde_json::{Value, json};

use super::{boss, reset};
use crate::support::house::{House, Person};

/// What the API answered at a moment.
struct Seen {
    what: &'static str,
    position: u64,
    at: String,
    section: Value,
    accounts: Value,
}

struct Diary {
    seen: Vec<Seen>,
}

impl Diary {
    /// Asks what is; then a while passes, so that the moment is that of no other record.
    async fn note(&mut self, house: &House, boss: &Person, whom: &Person, what: &'static str) {
        let section = house.get(&section(whom, "")).as_(boss).send().await.ok(200);
        let accounts = house.get("/v1/administrators").as_(boss).send().await.ok(200);
        let (position, at) = (house.records(), house.now().to_string());
        self.seen.push(Seen { what, position, at, section, accounts });
        house.pass(7);
    }
}

fn section(whom: &Person, query: &str) -> String {
    format!("/v1/administrators/{}/security{query}", whom.id)
}

async fn code(house: &House, person: &Person, body: Value) -> u16 {
    house.post("/v1/session/second-factor").as_(person).json(&body).send().await.status.as_u16()
}

async fn play(house: &House, boss: &Person, dana: &mut Person) -> Diary {
    let mut diary = Diary { seen: Vec::new() };
    diary.note(house, boss, dana, "registered").await;
    house.log_in(dana).await;
    house.post("/v1/me/mfa/enrollment").as_(dana).send().await.ok(201);
    diary.note(house, boss, dana, "pending").await;
    house.pass(3_600);
    diary.note(house, boss, dana, "pending no more, without a record").await;
    house.log_in(dana).await;
    house.enroll(dana).await;
    diary.note(house, boss, dana, "enabled").await;
    house.pass(600);
    let slow = house.code_at(dana, house.now().plus_seconds(-240));
    assert_eq!(code(house, dana, json!({"code": slow})).await, 422);
    diary.note(house, boss, dana, "a slow clock").await;
    for _ in 0..4 {
        assert_eq!(code(house, dana, json!({"code": "0"})).await, 422);
    }
    diary.note(house, boss, dana, "locked for a while").await;
    house.pass(600);
    assert_eq!(code(house, dana, json!({"backup_code": dana.backup_codes[0]})).await, 200);
    diary.note(house, boss, dana, "nine codes left").await;
    house.step_up(boss).await;
    reset(house, boss, dana).await.ok(201);
    diary.note(house, boss, dana, "reset").await;
    let path = format!("/v1/administrators/{}", dana.id);
    house.patch(&path).as_(boss).json(&json!({"role": "help-desk"})).send().await.ok(200);
    diary.note(house, boss, dana, "another role").await;
    house.log_in(dana).await;
    house.pass(30);
    house.enroll(dana).await;
    diary.note(house, boss, dana, "enabled again").await;
    house.post(&format!("{path}/deactivate")).as_(boss).json(&json!({})).send().await.ok(200);
    diary.note(house, boss, dana, "deactivated").await;
    diary
}

#[tokio::test]
async fn the_past_is_what_was_answered_then() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.pass(1);
    let diary = play(&house, &boss, &mut dana).await;
    // Newest first and oldest first: from what is folded already, and from nothing.
    for seen in diary.seen.iter().rev().chain(&diary.seen) {
        let at = format!("?as_of={}", seen.at);
        let told = house.get(&section(&dana, &at)).as_(&boss).send().await.ok(200);
        assert_eq!(told, seen.section, "{} at {}", seen.what, seen.at);
        let told = house.get(&format!("/v1/administrators{at}")).as_(&boss).send().await.ok(200);
        assert_eq!(told, seen.accounts, "{} at {}", seen.what, seen.at);
    }
    // A record is a moment, too: that of its own time.
    for seen in diary.seen.iter().filter(|seen| !seen.what.contains("without a record")) {
        let told = house.get(&section(&dana, &format!("?as_of={}", seen.position))).as_(&boss).send().await;
        assert_eq!(told.ok(200), seen.section, "{} at {}", seen.what, seen.position);
    }
    let statuses: Vec<_> = diary.seen.iter().map(|seen| seen.section["status"].as_str().unwrap()).collect();
    assert_eq!(
        statuses,
        [
            "not_enabled",
            "pending",
            "not_enabled",
            "enabled",
            "enabled",
            "enabled",
            "enabled",
            "not_enabled",
            "not_enabled",
            "enabled",
            "enabled"
        ]
    );
    assert!(diary.seen[4].section["device_clock"].is_object(), "the test sees what it should");
}

#[tokio::test]
async fn what_is_erased_is_erased_from_the_past() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let dana = house.admin("dana", "general-staff").await;
    let then = house.records();
    let path = format!("/v1/administrators?as_of={then}&q=dana");
    let told = house.get(&path).as_(&boss).send().await.ok(200);
    assert_eq!(told["data"][0]["display_name"], "dana of the house");
    house.step_up(&boss).await;
    for step in ["deactivate", "personal-data/erase"] {
        let path = format!("/v1/administrators/{}/{step}", dana.id);
        house.post(&path).as_(&boss).json(&json!({})).send().await.ok(200);
    }
    let told = house.get(&path).as_(&boss).send().await.ok(200);
    let account = &told["data"][0];
    assert_eq!((&account["display_name"], &account["emails"]), (&Value::Null, &json!([])), "{told}");
    assert_eq!(account["user_name"], "dana");
}

#[tokio::test]
async fn pages_filters_and_forms_are_those_of_the_present() {
    let house = House::open().await;
    let boss = boss(&house).await;
    for name in ["ann", "bob", "cay"] {
        house.admin(name, "help-desk").await;
    }
    let then = house.records();
    house.admin("late", "help-desk").await;
    let first = house.get(&format!("/v1/administrators?as_of={then}&role=help-desk&limit=2")).as_(&boss);
    let first = first.send().await;
    let link = first.header("link").to_owned();
    let next = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    assert!(next.contains(&format!("as_of={then}")), "{link}");
    let second = house.get(&next).as_(&boss).send().await.ok(200);
    let mut names: Vec<_> = [&first.body, &second]
        .iter()
        .flat_map(|page| page["data"].as_array().unwrap())
        .map(|it| it["user_name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ann", "bob", "cay"], "each once, and nobody who came later");
    assert_eq!(second["has_more"], false);
    let csv = house.get(&format!("/v1/administrators?as_of={then}&mfa=enabled")).as_(&boss);
    let csv = csv.header("accept", "text/csv").send().await.text;
    assert_eq!(csv.lines().count(), 2, "{csv}");
}

#[tokio::test]
async fn one_account_is_as_the_list_of_that_moment_has_it() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let dana = house.enrolled("dana", "general-staff").await;
    let then = house.records();
    let one = format!("/v1/administrators/{}?as_of=", dana.id);
    let own = house.get(&format!("{one}{then}")).as_(&dana).send().await;
    assert_eq!(own.told(), (403, "permission-denied"), "one's own account is seen as it is now");
    house.step_up(&boss).await;
    reset(&house, &boss, &dana).await.ok(201);
    for moment in [then, house.records()] {
        let told = house.get(&format!("{one}{moment}")).as_(&boss).send().await;
        let list =
            house.get(&format!("/v1/administrators?as_of={moment}&q=dana")).as_(&boss).send().await.ok(200);
        assert_eq!(told.body, list["data"][0], "as of {moment}");
        assert_eq!(told.header("etag"), format!("\"{}\"", told.body["version"]));
    }
    let before = house.get(&format!("{one}1")).as_(&boss).send().await;
    assert_eq!(before.told(), (404, "not-found"), "not registered yet");
}
