//! The fields that Sigma cannot compute: a fold over the leaves, true of the position before the event that
//! it describes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mfa_ledger_schemas::Instant;
use mfa_ledger_schemas::v1::BusinessHours;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::wanted::Wanted;

/// The computed fields, each with what it says.
pub const COMPUTED: &[(&str, &str)] = &[
    ("actor.id", "administrator or service account that acted, else kind and name, such as operator:root"),
    ("target.id", "administrator acted upon"),
    ("target.super_admin", "whether the administrator acted upon is a super administrator"),
    ("off_hours", "whether it is outside the business hours of the settings, or on a day without any"),
    ("weekend", "whether it is a Saturday or Sunday in the time zone of the settings"),
    ("first_reset_by_actor", "for a reset: whether the performer has never reset anybody before"),
    ("role_age_days", "whole days since the actor got the role that they have"),
    ("device.known", "for log-ins and second factors: whether the address is known of this administrator"),
    ("hours_since_reset", "whole hours since the last reset of the administrator acted upon"),
    ("pair.id", "for a reset: performer and target, the same whoever reset whom"),
    ("pair.ascending", "for a reset: which of the two was the performer"),
];

/// The fields of a leaf that the computed ones rest on, with its time and action.
pub(super) const RESTS_ON: &[&str] = &[
    "time",
    "data.action",
    "data.actor.type",
    "data.actor.name",
    "data.actor.administrator",
    "data.actor.service_account",
    "data.target.administrator",
    "data.target.super_admin",
    "data.details.administrator",
    "data.details.device_known",
    "data.details.settings.business_hours",
];

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Business hours in their time zone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "BusinessHours", into = "BusinessHours")]
struct Hours {
    hours: BusinessHours,
    zone: TimeZone,
}

impl From<BusinessHours> for Hours {
    fn from(hours: BusinessHours) -> Self {
        let zone = TimeZone::get(&hours.time_zone).unwrap_or(TimeZone::UTC);
        Self { hours, zone }
    }
}

impl From<Hours> for BusinessHours {
    fn from(it: Hours) -> Self {
        it.hours
    }
}

/// What has happened so far, as far as it is needed. Grows with the number of administrators, not of records.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Facts {
    hours: Option<Hours>,
    resetters: BTreeSet<String>,
    last_reset: BTreeMap<String, i64>,
    role_since: BTreeMap<String, i64>,
}

impl Facts {
    /// Adds the computed fields that are wanted to an event, then takes it into account.
    pub(super) fn complete(&mut self, event: &mut Value, at: Instant, wanted: &Wanted) {
        let computed = self.computed(event, at.unix_ms(), wanted);
        self.learn(event, at.unix_ms());
        if let Value::Object(fields) = event {
            fields.extend(computed);
        }
    }

    fn computed(&self, event: &Value, at: i64, wanted: &Wanted) -> Map<String, Value> {
        let data = &event["data"];
        let target = data["target"]["administrator"].as_str();
        let mut fields = Map::new();
        if wanted.has("off_hours") || wanted.has("weekend") {
            let (off_hours, weekend) = self.calendar(at);
            fields.insert("off_hours".into(), off_hours.into());
            fields.insert("weekend".into(), weekend.into());
        }
        if let Some(target) = target {
            if wanted.has("target") {
                let about = json!({"id": target, "super_admin": data["target"]["super_admin"]});
                fields.insert("target".into(), about);
            }
            if let Some(last) = self.last_reset.get(target) {
                fields.insert("hours_since_reset".into(), ((at - last) / HOUR_MS).into());
            }
        }
        if let Some(known) = data["details"]["device_known"].as_bool() {
            fields.insert("device".into(), json!({"known": known}));
        }
        let actor = actor_id(&data["actor"]);
        if let Some(since) = self.role_since.get(&*actor) {
            fields.insert("role_age_days".into(), ((at - since) / DAY_MS).into());
        }
        if let Some(target) = target.filter(|_| data["action"] == "mfa.reset") {
            fields.insert("first_reset_by_actor".into(), (!self.resetters.contains(&*actor)).into());
            let ascending = &*actor < target;
            let (first, second) = if ascending { (&*actor, target) } else { (target, &*actor) };
            let pair = json!({"id": format!("{first}+{second}"), "ascending": ascending});
            fields.insert("pair".into(), pair);
        }
        if wanted.has("actor") {
            fields.insert("actor".into(), json!({"id": actor}));
        }
        fields
    }

    fn learn(&mut self, event: &Value, at: i64) {
        let data = &event["data"];
        let details = &data["details"];
        let subject = details["administrator"].as_str();
        match (data["action"].as_str(), subject) {
            (Some("settings.changed"), _) => {
                if let Ok(hours) = BusinessHours::deserialize(&details["settings"]["business_hours"]) {
                    self.hours = Some(hours.into());
                }
            }
            (Some("mfa.reset"), Some(target)) => {
                self.resetters.insert(actor_id(&data["actor"]).into_owned());
                self.last_reset.insert(target.to_owned(), at);
            }
            (Some("administrator.registered" | "role.assigned"), Some(subject)) => {
                self.role_since.insert(subject.to_owned(), at);
            }
            _ => {}
        }
    }

    /// Off hours, weekend.
    fn calendar(&self, at: i64) -> (bool, bool) {
        let zone = self.hours.as_ref().map_or(TimeZone::UTC, |it| it.zone.clone());
        // Out of jiff's range for forged times only.
        let Ok(moment) = Timestamp::from_millisecond(at) else { return (false, false) };
        let local = moment.to_zoned_datetime(zone);
        let day = local.weekday().to_monday_one_offset();
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let off = self.hours.as_ref().is_some_and(|Hours { hours, .. }| {
            let works = hours.weekdays.iter().any(|it| i32::from(*it) == i32::from(day));
            !works || minute < i32::from(hours.opens) || minute >= i32::from(hours.closes)
        });
        (off, day >= 6)
    }
}

fn actor_id(actor: &Value) -> Cow<'_, str> {
    let id = actor["administrator"].as_str().or_else(|| actor["service_account"].as_str());
    let named = || {
        let text = |key: &str| actor[key].as_str().unwrap_or_default();
        format!("{}:{}", text("type"), text("name"))
    };
    id.map_or_else(|| named().into(), Into::into)
}
