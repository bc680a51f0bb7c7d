//! Events in the form of the Open Cybersecurity Schema Framework, for whoever collects from many sources.
//!
//! A plain function from the leaf, which stays what counts: it goes along in `raw_data`, byte for byte, so that
//! a proof can be asked for it. Classes of OCSF 1.3: Account Change (3001), Authentication (3002), Detection
//! Finding (2004), and Entity Management (3004) for what concerns no account; `type_uid` is the class times 100
//! and the activity. What OCSF has no attribute for stands in `unmapped`.

mod class;

use crate::Position;
use serde_json::{Map, Value, json};

use class::{Class, Place, place};

/// The version of the schema.
pub const VERSION: &str = "1.3.0";

/// The leaf is none.
#[derive(Debug, thiserror::Error)]
pub enum NotALeaf {
    /// It is no JSON.
    #[error("the leaf is not JSON")]
    Json(#[from] serde_json::Error),
    /// It lacks what every leaf has.
    #[error("the leaf has no {0}")]
    Lacks(&'static str),
}

/// The event in OCSF of a record that lies in the log: with its position as the sequence number. A void record
/// changed nothing, which nobody is to count as a success.
///
/// # Errors
/// [`NotALeaf`] when the text is not a leaf of this program.
pub fn recorded(position: Position, leaf: &str, void: bool) -> Result<Value, NotALeaf> {
    let mut event = event(leaf)?;
    event["metadata"]["sequence"] = position.0.into();
    if void {
        event["status_id"] = 99.into();
        event["status"] = "Void".into();
        event["status_detail"] = "What it rested on had moved: it changed nothing.".into();
    }
    Ok(event)
}

/// The event in OCSF of a leaf.
///
/// # Errors
/// [`NotALeaf`] when the text is not a leaf of this program.
pub fn event(leaf: &str) -> Result<Value, NotALeaf> {
    let json: Value = serde_json::from_str(leaf)?;
    let data = &json["data"];
    let action = data["action"].as_str().ok_or(NotALeaf::Lacks("action"))?;
    let time = json["time"].as_str().and_then(|time| time.parse::<jiff::Timestamp>().ok());
    let time = time.ok_or(NotALeaf::Lacks("time"))?.as_millisecond();
    let outcome = data["outcome"].as_str().ok_or(NotALeaf::Lacks("outcome"))?;
    let place = place(action);
    let mut event = json!({
        "activity_id": place.activity,
        "activity_name": place.activity_name(action),
        "category_uid": place.class.category(),
        "category_name": place.class.category_name(),
        "class_uid": place.class.uid(),
        "class_name": place.class.name(),
        "type_uid": place.class.uid() * 100 + place.activity,
        "type_name": format!("{}: {}", place.class.name(), place.activity_name(action)),
        "time": time,
        "message": action,
        "severity_id": severity(action, outcome, data),
        "status_id": if outcome == "success" { 1 } else { 2 },
        "status": if outcome == "success" { "Success" } else { "Failure" },
        "metadata": {
            "version": VERSION,
            "uid": json["id"],
            "correlation_uid": data["request"],
            "log_name": json["source"],
            "product": {
                "name": "mfa-ledger",
                "vendor_name": "mfa-ledger",
                "version": env!("CARGO_PKG_VERSION"),
            },
        },
        "unmapped": {
            "subject": json["subject"],
            "action": action,
            "details": data["details"],
            "record_sha256": data["record_sha256"],
        },
        "raw_data": leaf,
    });
    let filled = event.as_object_mut().expect("the literal above is an object");
    around(filled, data);
    of_class(filled, place, &json);
    Ok(event)
}

/// Who, from where, with what.
fn around(event: &mut Map<String, Value>, data: &Value) {
    if let Some(code) = data["code"].as_str() {
        event.insert("status_code".to_owned(), code.into());
    }
    let actor = &data["actor"];
    let mut acting = json!({ "user": user_of(actor) });
    if let Some(session) = actor["session"].as_str() {
        acting["session"] = json!({ "uid": session });
    }
    event.insert("actor".to_owned(), acting);
    let origin = &data["origin"];
    if let Some(address) = origin["address"].as_str() {
        event.insert("src_endpoint".to_owned(), json!({ "ip": address }));
    }
    if let Some(agent) = origin["user_agent"].as_str() {
        event.insert("http_request".to_owned(), json!({ "user_agent": agent, "uid": data["request"] }));
    }
}

/// What the class asks for besides.
fn of_class(event: &mut Map<String, Value>, place: Place, json: &Value) {
    let data = &json["data"];
    let details = &data["details"];
    match place.class {
        Class::AccountChange => {
            event.insert("user".to_owned(), target_of(data));
        }
        Class::Authentication => {
            event.insert("user".to_owned(), target_of(data));
            event.insert("service".to_owned(), json!({ "name": "mfa-ledger" }));
            event.insert("is_mfa".to_owned(), place.is_mfa.into());
            event.insert("is_remote".to_owned(), true.into());
        }
        Class::DetectionFinding => {
            let title = details["title"].as_str().or(details["alert"].as_str()).unwrap_or_default();
            let mut info = json!({ "uid": details["alert"], "title": title });
            if let Some(rule) = details["rule"].as_str() {
                info["analytic"] = json!({ "type_id": 1, "type": "Rule", "uid": rule, "name": rule });
            }
            event.insert("finding_info".to_owned(), info);
            event.insert("is_alert".to_owned(), (place.activity == 1).into());
        }
        Class::EntityManagement => {
            let subject = json["subject"].as_str().unwrap_or_default();
            let (kind, id) = subject.split_once('/').unwrap_or((subject, subject));
            event.insert("entity".to_owned(), json!({ "type": kind, "uid": id, "name": subject }));
        }
    }
}

/// The account that is acted upon: one's own where there is no other.
fn target_of(data: &Value) -> Value {
    let target = &data["target"];
    if target.is_null() {
        return user_of(&data["actor"]);
    }
    let admin = target["super_admin"] == true;
    json!({
        "uid": target["administrator"],
        "name": target["user_name"],
        "type_id": if admin { 2 } else { 1 },
    })
}

fn user_of(actor: &Value) -> Value {
    let kind = actor["type"].as_str().unwrap_or_default();
    let name = actor["name"].as_str().filter(|name| !name.is_empty());
    let mut user = json!({
        "name": name.unwrap_or("unknown"),
        // User, System, or Unknown.
        "type_id": match kind { "administrator" => 1, "system" | "service_account" => 3, _ => 0 },
    });
    if let Some(id) = actor["administrator"].as_str().or(actor["service_account"].as_str()) {
        user["uid"] = id.into();
    }
    user
}

/// From 1 (informational) to 5 (critical).
fn severity(action: &str, outcome: &str, data: &Value) -> u32 {
    match (action, data["details"]["severity"].as_str()) {
        ("alert.raised", Some("low")) => 2,
        ("alert.raised", Some("medium")) | ("mfa.reset", _) => 3,
        ("alert.raised", Some("high")) | ("reset.repudiated" | "reset.reported_suspicious", _) => 4,
        ("alert.raised", Some("critical")) => 5,
        _ if outcome != "success" => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
