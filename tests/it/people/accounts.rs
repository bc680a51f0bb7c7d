//! Accounts: list, register, change, end, give back, erase.

use mfa_ledger::service::command::ChangeSettings;
use serde_json::{Value, json};

use crate::support::house::{House, Person};

async fn boss(house: &House) -> Person {
    let mut boss = house.super_admin("boss").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    boss
}

fn names(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|it| it["user_name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_administrator_is_registered_once_and_the_password_is_shown_once() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let new = json!({
        "user_name": "dana", "display_name": "Dana Whitfield", "emails": ["dana@example.org"],
        "role": "general-staff",
    });
    let ask = || house.post("/v1/administrators").as_(&boss).header("idempotency-key", "k1").json(&new);
    let first = ask().send().await;
    let location = first.header("location").to_owned();
    let first = first.ok(201);
    assert_eq!(location, format!("/v1/administrators/{}", first["administrator"].as_str().unwrap()));
    assert_eq!(first["password_shown"], true);
    let records = house.records();
    let again = ask().send().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    let again = again.ok(201);
    assert_eq!(again["administrator"], first["administrator"]);
    assert_eq!((&again["password"], &again["password_shown"]), (&json!(null), &json!(false)));
    assert_eq!(house.records(), records);

    let log_in = json!({"user_name": "dana", "password": first["password"]});
    house.post("/v1/session").json(&log_in).send().await.ok(201);
    let taken = house.post("/v1/administrators").as_(&boss).json(&new).send().await;
    assert_eq!(taken.told(), (409, "user-name-taken"));
    let shown = house.get(&location).as_(&boss).send().await.ok(200);
    assert_eq!(shown["display_name"], "Dana Whitfield");
}

#[tokio::test]
async fn what_no_mail_can_be_sent_to_is_no_address_and_the_same_one_twice_is_one() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let dana = house.admin("dana", "general-staff").await;
    let path = format!("/v1/administrators/{}", dana.id);
    for none in ["jane@example.org,", "lit@[10.0.0.1]", "Jane <jane@example.org>", "jane@example.org;x@y.org"]
    {
        let new = json!({
            "user_name": "jane", "display_name": "Jane", "emails": ["good@example.org", none], "role": "general-staff",
        });
        let answer = house.post("/v1/administrators").as_(&boss).json(&new).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{none}");
        assert_eq!(answer.body["errors"][0]["pointer"], "#/emails/1", "{none}");
        let change = json!({ "emails": [none] });
        let answer = house.patch(&path).as_(&boss).json(&change).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{none}");
    }
    let change = json!({ "emails": ["d@example.org", "D@Example.org", "e@example.org"] });
    house.patch(&path).as_(&boss).json(&change).send().await.ok(200);
    let shown = house.get(&path).as_(&boss).send().await.ok(200);
    assert_eq!(shown["emails"], json!(["d@example.org", "e@example.org"]));
}

#[tokio::test]
async fn what_is_not_well_formed_is_pointed_at_after_the_401() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let new = json!({"user_name": "d", "display_name": "D", "emails": [], "role": "general-staff"});
    let ask = || house.post("/v1/administrators").json(&new);
    assert_eq!(ask().send().await.told(), (401, "unauthenticated"));
    let answer = ask().as_(&boss).send().await;
    assert_eq!(answer.told(), (400, "invalid-request"));
    assert_eq!(answer.body["errors"][0]["pointer"], "#/emails");

    let path = "/v1/administrators/nobody";
    assert_eq!(house.get(path).send().await.told(), (401, "unauthenticated"));
    let answer = house.get(path).as_(&boss).send().await;
    assert_eq!(answer.told(), (400, "invalid-request"));
    assert_eq!(answer.body["errors"][0]["pointer"], "id");
    let answer = house.get("/v1/administrators?limit=0").as_(&boss).send().await;
    assert_eq!(answer.body["errors"][0]["pointer"], "limit");
    let answer = house.get("/v1/administrators?colour=red").as_(&boss).send().await;
    assert_eq!(answer.told(), (400, "invalid-request"));
    let answer = house.get("/v1/administrators?mfa=perhaps").as_(&boss).send().await;
    assert_eq!(answer.body["errors"][0]["pointer"], "mfa", "{}", answer.text);
    let unknown = "/v1/administrators/adm_01h455vb4pex5vsknk084sn02q";
    assert_eq!(house.get(unknown).as_(&boss).send().await.told(), (404, "not-found"));
}

#[tokio::test]
async fn the_list_is_filtered_searched_paged_and_written_in_three_forms() {
    let house = House::open().await;
    let boss = boss(&house).await;
    // Ids of one moment stand in no order.
    house.pass(1);
    house.enrolled("desk", "help-desk").await;
    house.pass(1);
    house.admin("dana", "general-staff").await;
    let get = |query: &str| house.get(&format!("/v1/administrators{query}")).as_(&boss);
    let all = get("").send().await.ok(200);
    assert_eq!(names(&all), ["boss", "desk", "dana"]);
    assert_eq!(all["data"][1]["mfa"], json!({"status": "enabled", "required": false}));
    assert_eq!(names(&get("?mfa=enabled").send().await.ok(200)), ["boss", "desk"]);
    assert_eq!(names(&get("?role=general-staff").send().await.ok(200)), ["dana"]);
    assert_eq!(names(&get("?q=DANA@EXAMPLE").send().await.ok(200)), ["dana"]);
    assert_eq!(names(&get("?q=of%20the%20house&limit=2").send().await.ok(200)), ["boss", "desk"]);

    let page = get("?limit=2").send().await;
    assert!(page.header("link").ends_with("; rel=\"next\""));
    let page = page.ok(200);
    assert_eq!((names(&page), &page["has_more"]), (vec!["boss", "desk"], &json!(true)));
    let next = format!("?limit=2&after={}", page["next"].as_str().unwrap());
    let page = get(&next).send().await.ok(200);
    assert_eq!((names(&page), &page["has_more"]), (vec!["dana"], &json!(false)));

    let csv = get("").header("accept", "text/csv").send().await;
    assert!(csv.text.starts_with("id,user_name,display_name,emails,role.id,"), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 4);
    let lines = get("").header("accept", "application/x-ndjson").send().await;
    assert_eq!(lines.text.lines().count(), 3);
}

#[tokio::test]
async fn mfa_status_is_for_those_who_manage_it_and_only_where_there_is_mfa() {
    let house = House::open().await;
    let (mut auditor, mut staff) =
        (house.admin("auditor", "auditor").await, house.admin("dana", "general-staff").await);
    house.log_in(&mut auditor).await;
    house.log_in(&mut staff).await;
    let boss = boss(&house).await;
    let list = house.get("/v1/administrators").as_(&auditor).send().await.ok(200);
    assert_eq!(list["data"][0]["mfa"], json!(null));
    let filtered = house.get("/v1/administrators?mfa=enabled").as_(&auditor).send().await;
    assert_eq!(filtered.told(), (403, "permission-denied"));
    let list = house.get("/v1/administrators").as_(&staff).send().await;
    assert_eq!(list.told(), (403, "permission-denied"));
    let others = format!("/v1/administrators/{}", auditor.id);
    assert_eq!(house.get(&others).as_(&staff).send().await.told(), (403, "permission-denied"));
    let own = format!("/v1/administrators/{}", staff.id);
    let own = house.get(&own).as_(&staff).send().await;
    assert!(own.header("etag").starts_with('"'));
    assert_eq!(own.ok(200)["mfa"], json!(null));

    house.settings(ChangeSettings { mfa_available: Some(false), ..ChangeSettings::default() }).await;
    let list = house.get("/v1/administrators").as_(&boss).send().await.ok(200);
    assert_eq!(list["data"][0]["mfa"], json!(null));
    let filtered = house.get("/v1/administrators?mfa=enabled").as_(&boss).send().await;
    assert_eq!(filtered.told(), (422, "mfa-not-available"));
}

#[tokio::test]
async fn a_change_names_the_version_that_it_was_made_on() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let dana = house.admin("dana", "general-staff").await;
    let path = format!("/v1/administrators/{}", dana.id);
    let seen = house.get(&path).as_(&boss).send().await.header("etag").to_owned();
    let rename = json!({"user_name": "d.whitfield", "emails": ["dw@example.org", "dana@example.com"]});
    let ask = || house.patch(&path).as_(&boss).header("if-match", &seen).json(&rename);
    let changed = ask().send().await;
    let version = changed.header("etag").to_owned();
    assert_ne!(version, seen);
    let changed = changed.ok(200);
    assert_eq!(changed["administrator"]["user_name"], "d.whitfield");
    assert_eq!(changed["administrator"]["display_name"], "dana of the house", "what is left out stays");
    assert_eq!(changed["administrator"]["emails"].as_array().unwrap().len(), 2);
    assert_eq!(ask().send().await.told(), (412, "version-mismatch"));

    let role = json!({"role": "help-desk"});
    let given = house.patch(&path).as_(&boss).header("if-match", &version).json(&role).send().await.ok(200);
    assert_eq!(given["administrator"]["role"]["id"], "help-desk");
    assert_eq!(given["action"], "role.assigned");
    let both = json!({"role": "auditor", "user_name": "x"});
    let both = house.patch(&path).as_(&boss).json(&both).send().await;
    assert_eq!(
        (both.told(), &both.body["errors"][0]["pointer"]),
        ((400, "invalid-request"), &json!("#/role"))
    );
    assert_eq!(house.patch(&path).as_(&boss).json(&json!({})).send().await.status, 400);
}

#[tokio::test]
async fn access_ends_comes_back_and_personal_data_is_erased() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    let path = |tail: &str| format!("/v1/administrators/{}/{tail}", dana.id);
    let erase = || house.post(&path("personal-data/erase")).as_(&boss);
    assert_eq!(erase().send().await.told(), (409, "still-active"));
    let note = json!({"note": "left the company"});
    let ended = house.post(&path("deactivate")).as_(&boss).json(&note).send().await.ok(200);
    assert_eq!(ended["sessions_ended"], 1);
    assert_eq!(house.get("/v1/me").as_(&dana).send().await.status, 401);
    let back = house.post(&path("reactivate")).as_(&boss).send().await.ok(200);
    assert_eq!(back["was_frozen"], false);
    house.post(&path("deactivate")).as_(&boss).json(&json!({})).send().await.ok(200);
    let erased = erase().send().await.ok(200);
    assert_eq!((&erased["erased"], &erased["remaining"]), (&json!(2), &json!(0)));
    let shown = house.get(&format!("/v1/administrators/{}", dana.id)).as_(&boss).send().await.ok(200);
    assert_eq!((&shown["display_name"], &shown["emails"]), (&json!(null), &json!([])));
    assert_eq!(erase().send().await.told(), (422, "nothing-to-erase"));
}

#[tokio::test]
async fn a_password_is_reset_and_sessions_are_revoked() {
    let house = House::open().await;
    let boss = boss(&house).await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    let path = format!("/v1/administrators/{}/sessions/revoke", dana.id);
    let revoked = house.post(&path).as_(&boss).send().await.ok(200);
    assert_eq!(revoked["sessions_ended"], 1);
    assert_eq!(house.get("/v1/me").as_(&dana).send().await.status, 401);

    let path = format!("/v1/administrators/{}/password-reset", dana.id);
    let ask = || house.post(&path).as_(&boss).header("idempotency-key", "pw");
    let first = ask().send().await.ok(200);
    assert_eq!(ask().send().await.ok(200)["password"], json!(null));
    let body = |password: &Value| json!({"user_name": "dana", "password": password});
    let old = house.post("/v1/session").json(&body(&json!(dana.password))).send().await;
    assert_eq!(old.told(), (401, "log-in-failed"));
    house.post("/v1/session").json(&body(&first["password"])).send().await.ok(201);
    let text = house.post(&path).as_(&boss).header("content-type", "text/plain");
    text.send().await.ok(200);
}
