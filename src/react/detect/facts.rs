//! The fields that Sigma cannot compute: a fold over the leaves, true of the position before the event that
//! it describes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mfa_ledger_schemas::Instant;
use mfa_ledger_schemas::bodies::BusinessHours;
use rsigma_eval::EventValue::{self, Bool, Int, Str};
use serde::{Deserialize, Serialize};

use super::seen::{field, text};
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

/// Fields with their names.
type Fields<'l> = Vec<(Cow<'l, str>, EventValue<'l>)>;

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
    pub(super) fn complete(&mut self, event: &mut EventValue<'_>, at: Instant, wanted: &Wanted) {
        let computed = self.computed(event, at.unix_ms(), wanted);
        self.learn(event, at.unix_ms());
        if let EventValue::Map(fields) = event {
            fields.extend(computed);
        }
    }

    fn computed<'l>(&self, event: &EventValue<'l>, at: i64, wanted: &Wanted) -> Fields<'l> {
        let data = field(event, "data");
        let (about, actor) = (field(data, "target"), actor_id(field(data, "actor")));
        let target = text(field(about, "administrator"));
        let mut fields = Fields::new();
        let mut add = |name: &'static str, value| fields.push((name.into(), value));
        if wanted.has("off_hours") || wanted.has("weekend") {
            let (off_hours, weekend) = self.calendar(at);
            add("off_hours", Bool(off_hours));
            add("weekend", Bool(weekend));
        }
        if let Some(target) = target {
            if wanted.has("target") {
                let super_admin = field(about, "super_admin").clone();
                add("target", object([("id", Str(target.clone())), ("super_admin", super_admin)]));
            }
            if let Some(last) = self.last_reset.get(&**target) {
                add("hours_since_reset", Int((at - last) / HOUR_MS));
            }
        }
        if let Bool(known) = field(field(data, "details"), "device_known") {
            add("device", object([("known", Bool(*known))]));
        }
        if let Some(since) = self.role_since.get(&*actor) {
            add("role_age_days", Int((at - since) / DAY_MS));
        }
        let is_reset = text(field(data, "action")).is_some_and(|action| action == "mfa.reset");
        if let Some(target) = target.filter(|_| is_reset) {
            add("first_reset_by_actor", Bool(!self.resetters.contains(&*actor)));
            let ascending = actor < *target;
            let (first, second) = if ascending { (&actor, target) } else { (target, &actor) };
            let id = Str(format!("{first}+{second}").into());
            add("pair", object([("id", id), ("ascending", Bool(ascending))]));
        }
        if wanted.has("actor") {
            add("actor", object([("id", Str(actor))]));
        }
        fields
    }

    fn learn(&mut self, event: &EventValue<'_>, at: i64) {
        let data = field(event, "data");
        let details = field(data, "details");
        let subject = text(field(details, "administrator"));
        match (text(field(data, "action")).map(|it| &**it), subject) {
            (Some("settings.changed"), _) => {
                let hours = field(field(details, "settings"), "business_hours").to_json();
                if let Ok(hours) = BusinessHours::deserialize(hours) {
                    self.hours = Some(hours.into());
                }
            }
            (Some("mfa.reset"), Some(target)) => {
                self.resetters.insert(actor_id(field(data, "actor")).into_owned());
                self.last_reset.insert(target.to_string(), at);
            }
            (Some("administrator.registered" | "role.assigned"), Some(subject)) => {
                self.role_since.insert(subject.to_string(), at);
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

fn object<'l, const N: usize>(fields: [(&'static str, EventValue<'l>); N]) -> EventValue<'l> {
    EventValue::Map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn actor_id<'l>(actor: &EventValue<'l>) -> Cow<'l, str> {
    let of = |name| text(field(actor, name));
    let id = of("administrator").or_else(|| of("service_account"));
    let part = |name| of(name).map_or("", |it| it);
    id.cloned().unwrap_or_else(|| format!("{}:{}", part("type"), part("name")).into())
}
