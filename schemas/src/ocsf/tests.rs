use serde_json::{Value, json};

use super::*;

fn leaf(action: &str, outcome: &str, target: bool, details: &Value) -> String {
    let target = target.then(|| {
        json!({ "administrator": "adm_2", "user_name": "joe", "role": "general-staff", "super_admin": false })
    });
    json!({
        "specversion": "1.0", "id": "evt_1", "source": "urn:mfa-ledger:lgr_1",
        "type": format!("mfa-ledger.{action}.v1"), "subject": "administrator/adm_2",
        "time": "2026-05-04T08:00:00.123Z", "datacontenttype": "application/json",
        "data": {
            "action": action, "outcome": outcome,
            "code": (outcome != "success").then_some("self-reset"),
            "actor": { "type": "administrator", "administrator": "adm_1", "service_account": null,
                       "name": "jane", "role": "help-desk", "session": "ses_1" },
            "target": target, "origin": { "address": "192.0.2.7", "user_agent": "curl/8" },
            "request": "req-1", "details": details, "record_sha256": "00",
        },
    })
    .to_string()
}

/// What OCSF 1.3 requires of every class here, and of each.
fn assert_complete(event: &Value) {
    for pointer in [
        "/activity_id",
        "/category_uid",
        "/class_uid",
        "/type_uid",
        "/time",
        "/severity_id",
        "/metadata/version",
        "/metadata/product/vendor_name",
    ] {
        assert!(!event.pointer(pointer).unwrap_or(&Value::Null).is_null(), "{pointer}: {event}");
    }
    let (class, activity) = (event["class_uid"].as_u64(), event["activity_id"].as_u64());
    assert_eq!(
        event["type_uid"].as_u64(),
        class.zip(activity).map(|(class, activity)| class * 100 + activity)
    );
    let of_class: &[&str] = match class {
        Some(3001) => &["/user/name"],
        Some(3002) => &["/user/name", "/service/name"],
        Some(3004) => &["/entity/uid", "/entity/name"],
        Some(2004) => &["/finding_info/uid", "/finding_info/title"],
        other => panic!("{other:?} is none of ours"),
    };
    for pointer in of_class {
        assert!(event.pointer(pointer).is_some_and(Value::is_string), "{pointer}: {event}");
    }
}

#[test]
fn actions_stand_where_ocsf_has_a_place_for_them() {
    let table = [
        ("administrator.registered", 300_101),
        ("administrator.reactivated", 300_102),
        ("password.set", 300_103),
        ("password.reset", 300_104),
        ("administrator.deactivated", 300_105),
        ("reset.repudiated", 300_109),
        ("mfa.enabled", 300_110),
        ("mfa.disabled", 300_111),
        ("mfa.reset", 300_111),
        ("mfa.reset_refused", 300_111),
        ("mfa.enrollment_started", 300_199),
        ("backup_codes.regenerated", 300_199),
        ("role.assigned", 300_199),
        ("session.started", 300_201),
        ("session.failed", 300_201),
        ("session.start_refused", 300_201),
        ("second_factor.verified", 300_201),
        ("backup_code.used", 300_201),
        ("session.ended", 300_202),
        ("sessions.revoked", 300_202),
        ("alert.raised", 200_401),
        ("alert.acknowledged", 200_402),
        ("alert.resolved", 200_403),
        ("role.defined", 300_401),
        ("webhook.created", 300_401),
        ("activity.read", 300_402),
        ("settings.changed", 300_403),
        ("service_account.revoked", 300_404),
        ("log.signing_key_rotated", 300_403),
    ];
    for (action, type_uid) in table {
        let details = json!({ "alert": "alr_1", "title": "t", "rule": "r", "severity": "high" });
        let event = event(&leaf(action, "success", true, &details)).expect(action);
        assert_eq!(event["type_uid"], type_uid, "{action}");
        assert_complete(&event);
    }
}

#[test]
fn every_action_there_is_has_a_place_that_is_complete() {
    use crate::Event;
    let own = Event::KINDS.iter().map(|(.., action)| *action);
    let refused = crate::event::REFUSED_ACTIONS.iter().copied();
    for action in own.chain(refused) {
        for target in [true, false] {
            assert_complete(
                &event(&leaf(action, "success", target, &json!({ "alert": "alr_1" }))).expect(action),
            );
        }
    }
}

#[test]
fn who_did_what_to_whom_and_the_leaf_itself_are_in_it() {
    let text = leaf("mfa.reset_refused", "refused", true, &json!({}));
    let made = event(&text).expect("a leaf");
    assert_eq!(made["time"], 1_777_881_600_123_i64);
    assert_eq!((&made["status_id"], &made["status_code"]), (&json!(2), &json!("self-reset")));
    assert_eq!(made["user"], json!({ "uid": "adm_2", "name": "joe", "type_id": 1 }));
    assert_eq!(made["actor"]["user"], json!({ "uid": "adm_1", "name": "jane", "type_id": 1 }));
    assert_eq!(made["src_endpoint"]["ip"], "192.0.2.7");
    assert_eq!(made["raw_data"], text);
    let factor = event(&leaf("second_factor.verified", "success", false, &json!({}))).expect("a leaf");
    assert_eq!((&factor["is_mfa"], &factor["user"]["name"]), (&json!(true), &json!("jane")));
}

#[test]
fn a_record_has_its_position_and_a_void_one_is_no_success() {
    let text = leaf("mfa.reset", "success", true, &json!({}));
    let made = recorded(Position(7), &text, false).expect("a leaf");
    assert_eq!((&made["metadata"]["sequence"], &made["status_id"]), (&json!(7), &json!(1)));
    let void = recorded(Position(8), &text, true).expect("a leaf");
    assert_eq!((&void["status_id"], &void["status"]), (&json!(99), &json!("Void")));
    assert_complete(&void);
}

#[test]
fn severities_are_those_of_alerts_and_of_what_went_wrong() {
    let severity = |action: &str, outcome: &str, severity: Value| {
        event(&leaf(action, outcome, true, &json!({ "severity": severity }))).expect("a leaf")["severity_id"]
            .clone()
    };
    for (name, id) in [("low", 2), ("medium", 3), ("high", 4), ("critical", 5)] {
        assert_eq!(severity("alert.raised", "success", json!(name)), id);
    }
    assert_eq!(severity("mfa.reset", "success", Value::Null), 3);
    assert_eq!(severity("session.failed", "failed", Value::Null), 2);
    assert_eq!(severity("session.started", "success", Value::Null), 1);
}

#[test]
fn what_is_no_leaf_is_an_error() {
    for text in [
        "",
        "{",
        "{}",
        "[]",
        "{\"data\":{\"action\":\"x\"}}",
        "{\"time\":\"now\",\"data\":{\"action\":\"x\"}}",
    ] {
        assert!(event(text).is_err(), "{text}");
    }
}
