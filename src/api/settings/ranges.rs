//! What each setting may be; parsing and the OpenAPI document share the limits.

use jiff::tz::TimeZone;
use mfa_ledger_schemas::bodies::BusinessHours;
use serde::{Deserialize, Deserializer, de};
use utoipa::ToSchema;

use crate::whole::whole;

macro_rules! ranges {
    ($($(#[$doc:meta])* $name:ident $min:literal to $max:literal,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(u16);

        impl $name {
            pub const MIN: u16 = $min;
            pub const MAX: u16 = $max;

            pub fn value(self) -> u16 {
                self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = whole(deserializer)?;
                let fits = u16::try_from(value).ok().filter(|value| (Self::MIN..=Self::MAX).contains(value));
                fits.map(Self).ok_or_else(|| de::Error::custom(concat!($min, " to ", $max)))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::Integer)
                    .minimum(Some(Self::MIN))
                    .maximum(Some(Self::MAX))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

ranges! {
    /// Minutes for which a proved second factor allows resets.
    StepUpMinutes 1 to 240,
    /// Hours that a session lasts.
    SessionHours 1 to 168,
    /// Minutes within which an enrollment is to be confirmed.
    EnrollmentMinutes 5 to 1440,
    /// Hours that a reset request can be used.
    ResetRequestHours 1 to 168,
    /// Hours; 0 for none.
    Wait 0 to 720,
    /// Hours that a generated password can be used.
    GeneratedPasswordHours 1 to 720,
    /// Most resets; 0 for no limit.
    Resets 0 to 1000,
    /// Minutes after midnight.
    MinuteOfDay 0 to 1440,
    /// 1 for Monday to 7 for Sunday (ISO 8601).
    Weekday 1 to 7,
}

/// When the help desk works.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BusinessHoursGiven)]
pub struct Given {
    /// IANA name, such as `Europe/Prague`.
    time_zone: Zone,
    /// The working days, each once.
    #[schema(min_items = 1, max_items = 7)]
    weekdays: Vec<Weekday>,
    opens: MinuteOfDay,
    /// Later than `opens`.
    closes: MinuteOfDay,
}

/// Business hours that can be.
#[derive(Clone, Debug)]
pub struct Hours(pub BusinessHours);

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Given { time_zone, weekdays, opens, closes } = Given::deserialize(deserializer)?;
        if opens.value() >= closes.value() {
            return Err(de::Error::custom("`closes` is to be later than `opens`"));
        }
        let mut days: Vec<u8> = weekdays.iter().filter_map(|day| u8::try_from(day.value()).ok()).collect();
        days.sort_unstable();
        days.dedup();
        if days.is_empty() || days.len() != weekdays.len() {
            return Err(de::Error::custom("`weekdays` are one to seven days, each once"));
        }
        let (opens, closes) = (opens.value(), closes.value());
        Ok(Self(BusinessHours { time_zone: time_zone.0, weekdays: days, opens, closes }))
    }
}

impl utoipa::PartialSchema for Hours {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Given::schema()
    }
}

impl ToSchema for Hours {
    fn name() -> std::borrow::Cow<'static, str> {
        Given::name()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        Given::schemas(schemas);
    }
}

/// A time zone that exists, by its name as the database spells it.
#[derive(Clone, Debug)]
struct Zone(String);

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let wrong = |_| de::Error::custom("the IANA name of a time zone, such as Europe/Prague");
        let zone = TimeZone::get(&name).map_err(wrong)?;
        Ok(Self(zone.iana_name().map_or(name, str::to_owned)))
    }
}

impl utoipa::PartialSchema for Zone {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("IANA name of a time zone"))
            .into()
    }
}

impl ToSchema for Zone {
    fn name() -> std::borrow::Cow<'static, str> {
        "TimeZone".into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fits<T: for<'de> Deserialize<'de>>(value: Value) -> bool {
        serde_json::from_value::<T>(value).is_ok()
    }

    #[test]
    fn every_range_holds_at_its_edges() {
        macro_rules! edges {
            ($($name:ident $min:literal $max:literal)+) => {$(
                assert!(fits::<$name>(json!($min)) && fits::<$name>(json!($max)), stringify!($name));
                assert!(!fits::<$name>(json!($max + 1)) && !fits::<$name>(json!(i64::from($min) - 1)), stringify!($name));
            )+};
        }
        edges! {
            StepUpMinutes 1 240  SessionHours 1 168  EnrollmentMinutes 5 1440  ResetRequestHours 1 168
            GeneratedPasswordHours 1 720  Resets 0 1000  Wait 0 720  MinuteOfDay 0 1440  Weekday 1 7
        }
    }

    #[test]
    fn business_hours_open_before_they_close_on_days_named_once() {
        let hours = |zone: &str, days: Value, opens: u16, closes: u16| {
            fits::<Hours>(json!({"time_zone": zone, "weekdays": days, "opens": opens, "closes": closes}))
        };
        assert!(hours("Europe/Prague", json!([1]), 0, 1440));
        assert!(hours("UTC", json!([7, 1]), 1439, 1440));
        assert!(!hours("Mars/Olympus", json!([1]), 0, 1));
        assert!(!hours("UTC", json!([1, 1]), 0, 1));
        assert!(!hours("UTC", json!([]), 0, 1));
        assert!(!hours("UTC", json!([0]), 0, 1));
        assert!(!hours("UTC", json!([1]), 600, 600));
    }
}
