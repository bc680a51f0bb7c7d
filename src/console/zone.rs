//! Times as the viewer reads them: in their zone, with UTC on hover and for machines.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use mfa_ledger_base::html::escaped;
use mfa_ledger_schemas::Instant;

use super::html::Html;

/// The cookie that names the viewer's zone; the browser's script writes it the first time.
pub(super) const COOKIE: &str = "mfa_ledger_zone";

/// Longest name of a zone that is looked up, in bytes.
const NAME_BYTES: usize = 64;

/// Zones to choose from; whoever needs another gets it from their browser.
pub(super) const OFFERED: &[&str] = &[
    "UTC",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "America/Anchorage",
    "America/Bogota",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Phoenix",
    "America/Sao_Paulo",
    "America/Toronto",
    "Asia/Dubai",
    "Asia/Hong_Kong",
    "Asia/Jakarta",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Perth",
    "Australia/Sydney",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Prague",
    "Europe/Rome",
    "Europe/Stockholm",
    "Europe/Vienna",
    "Europe/Warsaw",
    "Europe/Zurich",
    "Pacific/Auckland",
    "Pacific/Honolulu",
];

/// The viewer's time zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// The zone with a name of the IANA's database.
    pub fn named(name: &str) -> Option<Self> {
        let plain = (1..=NAME_BYTES).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
        let zone = TimeZone::get(name).ok().filter(|_| plain)?;
        Some(Self { name: name.to_owned(), zone })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zones to choose from, the viewer's own among them.
    pub fn offered(&self) -> Vec<&str> {
        let own = Some(self.name.as_str()).filter(|own| !OFFERED.contains(own));
        own.into_iter().chain(OFFERED.iter().copied()).collect()
    }

    /// A moment to the minute.
    pub fn minutes(&self, at: Instant) -> Html {
        self.element(at, "%Y-%m-%d %H:%M")
    }

    /// A moment to the second.
    pub fn seconds(&self, at: Instant) -> Html {
        self.element(at, "%Y-%m-%d %H:%M:%S")
    }

    /// A moment in plain text, with the zone.
    pub fn plain(&self, at: Instant) -> String {
        format!("{} {}", self.shown(at, "%Y-%m-%d %H:%M"), self.name)
    }

    /// What an input of the type `datetime-local` takes.
    pub fn input(&self, at: Instant) -> String {
        self.shown(at, "%Y-%m-%dT%H:%M")
    }

    /// The same to the millisecond, where the beginning of the minute would be too early.
    pub fn input_exactly(&self, at: Instant) -> String {
        self.shown(at, "%Y-%m-%dT%H:%M:%S%.3f")
    }

    /// The moment that such an input means.
    pub fn typed(&self, text: &str) -> Option<Instant> {
        let local: DateTime = text.parse().ok()?;
        let at = self.zone.to_ambiguous_zoned_datetime(local).compatible().ok()?.timestamp();
        Some(Instant::from_unix_ms(at.as_millisecond()))
    }

    /// The moment that somebody says: so long ago (`90m`, `12h`, `7d`, `2w`), a day, a time in this zone, or one
    /// with its own offset (RFC 3339).
    pub fn said(&self, text: &str, now: Instant) -> Option<Instant> {
        let text = text.trim();
        ago(text, now).or_else(|| text.parse().ok()).or_else(|| self.typed(text))
    }

    /// The weekday, 0 for Monday to 6, and the hour.
    pub fn weekday_and_hour(&self, at: Instant) -> Option<(usize, usize)> {
        let local = self.local(at)?;
        let weekday = usize::try_from(local.weekday().to_monday_zero_offset()).ok()?;
        Some((weekday, usize::try_from(local.hour()).ok()?))
    }

    /// The Monday of its week, as a date.
    pub fn monday(&self, at: Instant) -> Option<Date> {
        let local = self.local(at)?;
        let behind = i64::from(local.weekday().to_monday_zero_offset());
        local.date().checked_sub(jiff::Span::new().days(behind)).ok()
    }

    fn local(&self, at: Instant) -> Option<DateTime> {
        Timestamp::from_millisecond(at.unix_ms()).ok().map(|moment| self.zone.to_datetime(moment))
    }

    fn shown(&self, at: Instant, format: &str) -> String {
        match Timestamp::from_millisecond(at.unix_ms()) {
            Ok(moment) => moment.to_zoned_datetime(self.zone.clone()).strftime(format).to_string(),
            // Beyond the years that a calendar has.
            Err(_) => at.to_string(),
        }
    }

    fn element(&self, at: Instant, format: &str) -> Html {
        let shown = escaped(&self.shown(at, format));
        Html::ours(format!("<time datetime=\"{at}\" title=\"{at} (UTC)\">{shown}</time>"))
    }
}

/// The moment so long before another.
fn ago(text: &str, now: Instant) -> Option<Instant> {
    /// Most digits of the number.
    const DIGITS: usize = 6;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let digits = (1..=DIGITS).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = number.parse().ok().filter(|_| digits)?;
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        _ => return None,
    };
    Some(now.plus_minutes(-number.saturating_mul(minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_on_offer_is_one() {
        for name in OFFERED {
            assert!(Zone::named(name).is_some(), "{name}");
        }
        let longest = "A".repeat(NAME_BYTES + 1);
        for name in ["", "../etc/passwd", "Europe/Prague\"", longest.as_str()] {
            assert!(Zone::named(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_moment_is_local_to_the_eye_and_utc_on_hover() {
        let zone = Zone::named("Europe/Prague").expect("a zone");
        let at = Instant::from_unix_ms(1_777_885_200_000);
        let expected = "<time datetime=\"2026-05-04T09:00:00.000Z\" title=\"2026-05-04T09:00:00.000Z (UTC)\">2026-05-04 11:00</time>";
        assert_eq!(zone.minutes(at).to_string(), expected);
        assert_eq!(zone.typed(&zone.input(at)), Some(at));
        assert_eq!(zone.typed("yesterday"), None);
        // Twice on that day, or not at all on the other: some moment all the same.
        assert!(zone.typed("2026-10-25T02:30").is_some() && zone.typed("2026-03-29T02:30").is_some());
    }

    #[test]
    fn a_moment_is_said_in_many_ways() {
        let zone = Zone::named("Europe/Prague").expect("a zone");
        let now = Instant::from_unix_ms(1_777_885_200_000);
        let said = |text| zone.said(text, now).map(|at| at.to_string());
        for (text, at) in [
            ("30m", "2026-05-04T08:30:00.000Z"),
            ("12h", "2026-05-03T21:00:00.000Z"),
            ("7d", "2026-04-27T09:00:00.000Z"),
            ("2w", "2026-04-20T09:00:00.000Z"),
            ("2026-05-04", "2026-05-03T22:00:00.000Z"),
            ("2026-05-04T11:00", "2026-05-04T09:00:00.000Z"),
            ("2026-05-04T11:00:00Z", "2026-05-04T11:00:00.000Z"),
        ] {
            assert_eq!(said(text).as_deref(), Some(at), "{text}");
        }
        for text in ["", "d", "7", "7x", "-7d", "1000000d", "yesterday", "\u{20ac}d", "7\u{20ac}"] {
            assert_eq!(said(text), None, "{text}");
        }
        assert!(said("999999w").is_some());
    }

    #[test]
    fn a_week_begins_on_monday_of_the_zone() {
        let zone = Zone::named("Europe/Prague").expect("a zone");
        // A Sunday evening in UTC.
        let at: Instant = "2026-05-03T22:30:00Z".parse().expect("a moment");
        assert_eq!(zone.weekday_and_hour(at), Some((0, 0)));
        assert_eq!(zone.monday(at).map(|day| day.to_string()).as_deref(), Some("2026-05-04"));
        assert_eq!(Zone::utc().weekday_and_hour(at), Some((6, 22)));
        assert_eq!(Zone::utc().monday(at).map(|day| day.to_string()).as_deref(), Some("2026-04-27"));
    }
}
