//! The time machine: the moment that a page is shown as of, chosen with a slider or a date; neither needs a script.

use axum::http::StatusCode;
use mfa_ledger_schemas::Instant;
use serde::Deserialize;

use super::api::{Trouble, pairs, with_query};
use super::texts::words;
use super::visit::Visit;
use super::zone::Zone;

words! {
    title intro slider date submit banner now back_to_now earliest latest
}

/// Places that the slider has.
const PLACES: i64 = 240;

/// Longest way back of the slider, in hours: two years. A date reaches further.
const LONGEST: i64 = 2 * 365 * 24;

/// A moment as a form or a link asks for it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// A moment in any of the ways it can be said; empty for now.
    pub as_of: String,
    /// What the date showed before it was perhaps changed.
    pub was: String,
    /// Where the slider stands, in hours from now: 0, or less.
    pub ago: String,
    /// Where it stood before.
    pub ago_was: String,
}

/// The moment that a page is about, and how another is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Machine {
    /// The moment; none for now.
    pub at: Option<Instant>,
    /// Whether the viewer may look back at all.
    pub offered: bool,
    /// What the date shows.
    pub shown: String,
    /// The leftmost place of the slider, in hours from now.
    pub least: i64,
    /// Hours between two places.
    pub step: i64,
    /// Where the slider stands.
    pub stands: i64,
}

impl Asked {
    /// The moment that is meant: a date that was changed, else a slider that was moved, else the date as it was.
    fn meant(&self, zone: &Zone, now: Instant) -> Result<Option<Instant>, Trouble> {
        let wrong = || Trouble::new("invalid-moment", StatusCode::BAD_REQUEST);
        let said = |text: &str| zone.said(text, now).map(Some).ok_or_else(wrong);
        let (as_of, was) = (self.as_of.trim(), self.was.trim());
        if as_of != was && !as_of.is_empty() {
            return said(as_of);
        }
        if self.ago != self.ago_was {
            let hours: i64 = self.ago.parse().map_err(|_| wrong())?;
            if !(-LONGEST..=0).contains(&hours) {
                return Err(wrong());
            }
            return Ok((hours != 0).then(|| now.plus_hours(hours)));
        }
        if as_of.is_empty() { Ok(None) } else { said(as_of) }
    }

    /// The moment, and the slider for what came after the first account.
    pub fn machine(&self, visit: &Visit) -> Result<Machine, Trouble> {
        let (zone, now, began) = (&visit.frame.zone, visit.frame.now, visit.accounts_since);
        let at = self.meant(zone, now)?;
        Ok(Machine { offered: began.is_some(), ..Machine::new(at, began.unwrap_or(now), zone, now) })
    }
}

impl Machine {
    fn new(at: Option<Instant>, began: Instant, zone: &Zone, now: Instant) -> Self {
        let hours = |from: Instant| i64::try_from(now.seconds_since(from) / 3_600).unwrap_or(LONGEST);
        let reach = hours(began).clamp(1, LONGEST);
        let step = (reach + PLACES - 1) / PLACES;
        let least = -(reach / step) * step;
        let back = at.map_or(0, hours);
        let stands = (-(back / step) * step).clamp(least, 0);
        let shown = at.map(|at| zone.input(at)).unwrap_or_default();
        Self { at, offered: true, shown, least, step, stands }
    }

    /// The moment as the API takes it; empty for now.
    pub fn parameter(&self) -> String {
        self.at.map(|at| at.to_string()).unwrap_or_default()
    }

    /// A page as of the same moment.
    pub fn link(&self, path: &str) -> String {
        with_query(path, &[("as_of", &self.parameter())])
    }

    /// The same page as of now.
    pub fn present(path: &str, kept: &[(&'static str, String)]) -> String {
        with_query(path, &pairs(kept))
    }

    pub fn is_past(&self) -> bool {
        self.at.is_some()
    }
}

#[cfg(test)]
impl Machine {
    /// Now, or an hour ago.
    pub fn sample(past: bool) -> Self {
        let now = Instant::from_unix_ms(1_777_888_800_000);
        let at = past.then(|| now.plus_hours(-1));
        Self::new(at, now.plus_hours(-24 * 30), &Zone::utc(), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_777_885_200_000;

    /// The moment in RFC 3339, or what is said instead.
    fn meant(as_of: &str, was: &str, ago: &str, ago_was: &str) -> String {
        let owned = str::to_owned;
        let asked = Asked { as_of: owned(as_of), was: owned(was), ago: owned(ago), ago_was: owned(ago_was) };
        match asked.meant(&Zone::utc(), Instant::from_unix_ms(NOW)) {
            Ok(Some(at)) => at.to_string(),
            Ok(None) => "now".to_owned(),
            Err(_) => "no moment".to_owned(),
        }
    }

    #[test]
    fn what_was_changed_is_meant() {
        assert_eq!(meant("", "", "", ""), "now");
        assert_eq!(meant("2026-05-01T00:00", "", "0", "0"), "2026-05-01T00:00:00.000Z");
        assert_eq!(meant("", "", "-2", "0"), "2026-05-04T07:00:00.000Z");
        assert_eq!(meant("2026-05-01T00:00", "2026-05-01T00:00", "-2", "-80"), "2026-05-04T07:00:00.000Z");
        assert_eq!(meant("2026-05-01T00:00", "2026-05-01T00:00", "-80", "-80"), "2026-05-01T00:00:00.000Z");
        assert_eq!(meant("2026-05-01T00:00", "2026-05-02T00:00", "-2", "-80"), "2026-05-01T00:00:00.000Z");
        assert_eq!(meant("2026-05-01T00:00", "2026-05-01T00:00", "0", "-80"), "now", "back to now");
        assert_eq!(meant("", "2026-05-01T00:00", "-80", "-80"), "now", "the date was emptied");
        assert_eq!(meant("7d", "", "", ""), "2026-04-27T09:00:00.000Z");
    }

    #[test]
    fn what_is_no_moment_is_refused_and_the_present_is_not_shown_instead() {
        assert_eq!(meant("yesterday", "", "", ""), "no moment");
        assert_eq!(meant("", "", "x", ""), "no moment");
        assert_eq!(meant("", "", "1", "0"), "no moment");
        assert_ne!(meant("", "", &(-LONGEST).to_string(), "0"), "no moment");
        assert_eq!(meant("", "", &(-LONGEST - 1).to_string(), "0"), "no moment");
    }

    #[test]
    fn the_slider_reaches_from_the_first_account_to_now() {
        let now = Instant::from_unix_ms(NOW);
        for (hours, back) in
            [(0, 0), (1, 1), (240, 7), (241, 200), (9_000, 8_999), (LONGEST * 3, LONGEST * 2)]
        {
            let at = (back > 0).then(|| now.plus_hours(-back));
            let it = Machine::new(at, now.plus_hours(-hours), &Zone::utc(), now);
            assert!(it.least < 0 && it.least % it.step == 0 && -it.least / it.step <= PLACES, "{it:?}");
            assert!(it.stands >= it.least && it.stands <= 0 && it.stands % it.step == 0, "{it:?}");
        }
    }
}
