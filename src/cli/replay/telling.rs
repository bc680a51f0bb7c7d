//! What happened, in plain words: of an entry of the activity log, or of the data of a leaf.

use mfa_ledger_api::rows::cell;
use serde_json::{Value, json};

/// A line of a story.
pub(in crate::cli) fn row(entry: &Value) -> Value {
    let story = &entry["details"]["story"];
    json!({
        "position": entry["position"],
        "time": entry["time"],
        "action": entry["action"],
        "what": what(entry),
        "by": by(&entry["actor"]),
        "about": entry["target"]["user_name"],
        "reason": story["reason"],
        "verification": story["verification"],
        "ticket": story["ticket"],
        "outcome": entry["outcome"],
        "code": entry["code"],
        "address": entry["origin"]["address"],
        "void": entry["void"],
        "words": entry["words"],
    })
}

/// Who acted.
fn by(actor: &Value) -> String {
    let name = cell(actor, "name");
    match actor["type"].as_str() {
        Some("operator") => format!("{name} at the machine"),
        Some("anonymous") => "not known yet".to_owned(),
        Some("service_account") => format!("{name} (service account)"),
        Some("system") => format!("{name} (the system)"),
        _ => name,
    }
}

/// What happened.
pub(in crate::cli) fn what(entry: &Value) -> String {
    let action = cell(entry, "action");
    if entry["outcome"] == "refused" {
        let tried = action.strip_suffix("_refused").unwrap_or(&action).replace(['.', '_'], " ");
        return format!("was refused: {tried} ({}){}", cell(entry, "code"), whom(entry));
    }
    let details = &entry["details"];
    account(&action, entry, details)
        .or_else(|| around_mfa(&action, details))
        .or_else(|| around_a_reset(&action, entry, details))
        .or_else(|| around_the_system(&action, details))
        .unwrap_or_else(|| action.replace(['.', '_'], " "))
}

fn account(action: &str, entry: &Value, details: &Value) -> Option<String> {
    let of = |path| cell(details, path);
    let ended = sessions(details);
    Some(match action {
        "administrator.registered" => format!("registered {}, with the role {}", of("user_name"), of("role")),
        "administrator.changed" => format!("changed the account{}", whom(entry)),
        "administrator.deactivated" => format!("deactivated the account{}{ended}", whom(entry)),
        "administrator.reactivated" => format!("reactivated the account{}", whom(entry)),
        "password.rehashed" => "the password was hashed again at the cost of now".to_owned(),
        "password.set" => format!("chose a new password{ended}"),
        "password.reset" => format!("gave out a generated password{}{ended}", whom(entry)),
        "role.assigned" => format!("changed the role from {} to {}", of("previous"), of("role")),
        "session.started" if details["device_known"] == true => {
            format!("a log-in with the password{}", whom(entry))
        }
        "session.started" => {
            format!("a log-in with the password{}, from an address not seen before", whom(entry))
        }
        "session.failed" => {
            format!("a log-in failed ({}), {} in a row", cell(entry, "code"), of("consecutive"))
        }
        "session.ended" => "logged out".to_owned(),
        "sessions.revoked" => format!("ended all sessions{}{ended}", whom(entry)),
        "personal_data.erased" => format!("erased personal data{}", whom(entry)),
        "activity.read" => "read the activity log".to_owned(),
        "activity.exported" => "exported the activity log".to_owned(),
        _ => return None,
    })
}

fn around_mfa(action: &str, details: &Value) -> Option<String> {
    let of = |path| cell(details, path);
    let ended = sessions(details);
    Some(match action {
        "second_factor.verified" => format!("proved the second factor with a code, {}", purpose(details)),
        "backup_code.used" => format!("used a backup code, {}; {} left", purpose(details), of("left")),
        "second_factor.failed" => {
            let drift = details["drift_steps"].as_i64().map_or_else(String::new, |steps| {
                let (minutes, way) = (steps.abs() / 2, if steps < 0 { "slow" } else { "fast" });
                format!("; the device's clock is about {minutes} minutes {way}")
            });
            let factor = of("factor").replace('_', " ");
            format!("a second factor was wrong ({factor}), {} in a row{drift}", of("consecutive"))
        }
        "mfa.enrollment_started" => "began to enroll a device".to_owned(),
        "mfa.enabled" => format!("enrolled a device: MFA is on, {} backup codes", of("backup_codes_count")),
        "mfa.enrollment_cancelled" => "gave up an enrollment".to_owned(),
        "mfa.disabled" => format!("switched their own MFA off{ended}"),
        "backup_codes.regenerated" => {
            format!(
                "made {} new backup codes, {} old ones are gone",
                of("backup_codes_count"),
                of("replaced_left")
            )
        }
        _ => return None,
    })
}

fn around_a_reset(action: &str, entry: &Value, details: &Value) -> Option<String> {
    let of = |path| cell(details, path);
    Some(match action {
        "mfa.reset" => {
            let approved =
                if details["approved_by"].is_null() { "" } else { ", approved by a second person" };
            let glass = if details["break_glass"] == true { ", past the rules (break glass)" } else { "" };
            let left = of("backup_codes_left");
            format!(
                "reset MFA{}: the device and {left} backup codes are gone{}{approved}{glass}",
                whom(entry),
                sessions(details)
            )
        }
        "reset.requested" => format!("asked for a reset{}", whom(entry)),
        "reset.approved" => format!("approved a reset{}", whom(entry)),
        "reset.declined" => format!("declined a reset{}", whom(entry)),
        "reset.reported_suspicious" => {
            format!("reported a suspicious request{}: {}", whom(entry), of("red_flags").replace('_', " "))
        }
        "suspicion.cleared" => format!("cleared the suspicion{}", whom(entry)),
        "reset.follow_up_recorded" => match details["notified"].as_str() {
            Some(channel) => format!("followed up on the reset at {}: told by {channel}", of("reset")),
            None => format!("followed up on the reset at {}", of("reset")),
        },
        "reset.repudiated" => {
            let frozen = if details["frozen"] == true { "; the account is frozen" } else { "" };
            format!("said of the reset at {}: this wasn't me{frozen}{}", of("reset"), sessions(details))
        }
        "notification.recorded" => format!(
            "a notice about position {} by {}: {}, {} addresses",
            of("about"),
            of("channel"),
            of("delivery").replace('_', " "),
            of("addresses")
        ),
        _ => return None,
    })
}

fn around_the_system(action: &str, details: &Value) -> Option<String> {
    let of = |path| cell(details, path);
    Some(match action {
        "role.defined" => format!("defined the role {}", of("role")),
        "settings.changed" => format!("changed the settings: {}", of("changed")),
        "service_account.created" => format!("created the service account {}", of("name")),
        "service_account.revoked" => format!("revoked the service account {}", of("name")),
        "service_account.resumed" => format!("let the service account {} work again", of("name")),
        "alert.raised" => format!("an alert was raised ({}): {}", of("severity"), of("title")),
        "alert.acknowledged" => "took up an alert".to_owned(),
        "alert.resolved" if details["false_positive"] == true => {
            "closed an alert as a false alarm".to_owned()
        }
        "alert.resolved" => "closed an alert".to_owned(),
        "rule.silenced" => format!("silenced the rule {} until {}", of("rule"), of("until")),
        "rule.silence_ended" => format!("ended the silence of the rule {}", of("rule")),
        "webhook.created" => format!("created a webhook to {}", of("url")),
        "webhook.changed" => "changed a webhook".to_owned(),
        "webhook.secret_rotated" => "gave a webhook a new secret".to_owned(),
        "webhook.removed" => "removed a webhook".to_owned(),
        "webhook.disabled" => format!("a webhook was switched off ({})", of("fault").replace('_', " ")),
        "webhook.tested" => "tested a webhook".to_owned(),
        "webhook.resent" => format!("had position {} delivered again", of("position")),
        "log.loss_accepted" => format!("accepted that the log had lost records: {}", of("reason")),
        "log.restored" => format!("went on from an earlier moment, after {} records", of("kept")),
        "vault.loss_accepted" => format!("accepted that the vault was lost: {}", of("reason")),
        "log.signing_key_rotated" => "changed the key that signs the log".to_owned(),
        _ => return None,
    })
}

fn whom(entry: &Value) -> String {
    match entry["target"]["user_name"].as_str() {
        Some(name) => format!(" of {name}"),
        None => String::new(),
    }
}

fn purpose(details: &Value) -> &'static str {
    match details["used_for"].as_str() {
        Some("log_in") => "to log in",
        Some("step_up") => "to prove presence again",
        Some("enrollment") => "to enroll",
        Some("disable") => "to switch MFA off",
        Some("backup_codes") => "for new backup codes",
        Some("host_application") => "for a host application",
        _ => "for something else",
    }
}

/// Some events name the sessions, most count them.
fn sessions(details: &Value) -> String {
    let ended = &details["sessions_ended"];
    match ended.as_array().map(|sessions| sessions.len() as u64).or(ended.as_u64()) {
        Some(1) => "; 1 session ended".to_owned(),
        Some(count @ 2..) => format!("; {count} sessions ended"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_schemas::Event;

    use super::*;

    #[test]
    fn every_event_has_words_of_its_own() {
        for (_, _, action) in Event::KINDS.iter().filter(|(_, _, action)| *action != "command.refused") {
            let (entry, details) = (json!({"action": action, "outcome": "success"}), json!({}));
            let told = account(action, &entry, &details)
                .or_else(|| around_mfa(action, &details))
                .or_else(|| around_a_reset(action, &entry, &details))
                .or_else(|| around_the_system(action, &details));
            assert!(told.is_some(), "{action}");
        }
    }

    #[test]
    fn a_reset_is_told_whole() {
        let entry = json!({
            "action": "mfa.reset", "outcome": "success", "target": {"user_name": "ines"},
            "details": {"backup_codes_left": 7, "sessions_ended": ["a", "b"], "approved_by": null, "break_glass": true},
        });
        let told = "reset MFA of ines: the device and 7 backup codes are gone; 2 sessions ended, past the rules (break glass)";
        assert_eq!(what(&entry), told);
        let refused = json!({
            "action": "mfa.reset_refused", "outcome": "refused", "code": "self-reset", "target": {"user_name": "ines"},
        });
        assert_eq!(what(&refused), "was refused: mfa reset (self-reset) of ines");
    }
}
