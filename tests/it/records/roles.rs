//! `/v1/roles` and `/v1/permissions`.

use serde_json::json;

use super::signed;
use crate::support::house::House;

#[tokio::test]
async fn everybody_signed_sees_roles_and_permissions() {
    let house = House::open().await;
    let staff = signed(&house, "bob", "general-staff").await;
    let roles = house.get("/v1/roles").as_(&staff).send().await.ok(200);
    assert_eq!(roles["data"].as_array().map(Vec::len), Some(6));
    let role = house.get("/v1/roles/help-desk").as_(&staff).send().await.ok(200);
    let wanted =
        json!({"id": "help-desk", "name": "Help Desk", "permissions": ["manage-mfa"], "mfa_required": false});
    assert_eq!(role, wanted);
    let permissions = house.get("/v1/permissions").as_(&staff).send().await.ok(200);
    let first = json!({
        "name": "manage-mfa", "display_name": "Manage Multi-Factor Authentication", "category": "Settings"
    });
    assert_eq!(permissions["data"][0], first);
    assert_eq!(house.get("/v1/roles/nobody").as_(&staff).send().await.told(), (404, "role-not-found"));
    assert_eq!(house.get("/v1/roles/No%20Body").as_(&staff).send().await.told(), (400, "invalid-request"));
}

#[tokio::test]
async fn roles_come_in_pages_and_as_csv() {
    let house = House::open().await;
    let staff = signed(&house, "bob", "general-staff").await;
    let page = house.get("/v1/roles?limit=4").as_(&staff).send().await.ok(200);
    let next = page["next"].as_str().expect("a cursor");
    assert!(page["has_more"] == true && next.starts_with("it-administrator~"), "{next}");
    let page = house.get(&format!("/v1/roles?after={next}")).as_(&staff).send().await.ok(200);
    assert_eq!(page["data"].as_array().map(Vec::len), Some(2));
    let csv = house.get("/v1/roles").as_(&staff).header("accept", "text/csv").send().await;
    assert!(csv.text.contains("\r\nauditor,Auditor,view-activity export-activity,false\r\n"), "{}", csv.text);
}

#[tokio::test]
async fn a_role_is_defined_and_changed_at_the_version_that_was_seen() {
    let house = House::open().await;
    let mut boss = house.super_admin("root").await;
    house.log_in(&mut boss).await;
    house.enroll(&mut boss).await;
    let body = json!({"name": "Night Desk", "permissions": ["manage-mfa"], "mfa_required": true});
    let answer = house.put("/v1/roles/night-desk").as_(&boss).json(&body).send().await;
    let etag = answer.header("etag").to_owned();
    let defined = answer.ok(200);
    assert_eq!((&defined["action"], &defined["mfa_required"]), (&json!("role.defined"), &json!(true)));
    assert_eq!(house.get("/v1/roles/night-desk").as_(&boss).send().await.header("etag"), etag);
    let old =
        house.put("/v1/roles/night-desk").as_(&boss).header("if-match", "\"1\"").json(&body).send().await;
    assert_eq!(old.told(), (412, "version-mismatch"));
    house.put("/v1/roles/night-desk").as_(&boss).header("if-match", &etag).json(&body).send().await.ok(200);
}

#[tokio::test]
async fn roles_are_for_those_who_manage_them() {
    let house = House::open().await;
    let staff = signed(&house, "bob", "general-staff").await;
    let before = house.get("/v1/roles").as_(&staff).send().await.ok(200);
    let body = json!({"name": "Mine", "permissions": ["manage-mfa"], "mfa_required": false});
    let answer = house.put("/v1/roles/general-staff").as_(&staff).json(&body).send().await;
    assert_eq!(answer.told(), (403, "permission-denied"));
    assert_eq!(house.get("/v1/roles").as_(&staff).send().await.ok(200), before);
    let wrong = json!({"name": "Mine", "permissions": ["fly"], "mfa_required": false});
    let answer = house.put("/v1/roles/general-staff").as_(&staff).json(&wrong).send().await;
    assert_eq!(answer.body["errors"][0]["pointer"], "#/permissions/0");
}
