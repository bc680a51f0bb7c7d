//! Counting entries by what they are grouped by.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mfa_ledger_projections::activity::{Facet, What};
use mfa_ledger_projections::{Activity, ActivityFilter};

use super::stats::By;

/// Milliseconds that lie in one hour, on one day, in every time zone: all are whole quarters of an hour
/// away from UTC.
const QUARTER_MS: i64 = 15 * 60 * 1_000;

/// How many entries fit, by key.
pub(super) fn tally(
    activity: &Activity,
    filter: &ActivityFilter,
    by: By,
    zone: &TimeZone,
) -> BTreeMap<String, u64> {
    match by {
        By::Action => by_number(activity, filter, Facet::What, |number| {
            activity.what(number).map(|it| it.action.to_string())
        }),
        By::Reason => by_number(activity, filter, Facet::What, |number| {
            activity.what(number).and_then(What::reason_name).map(str::to_owned)
        }),
        By::Performer => by_number(activity, filter, Facet::Performer, |number| {
            activity.performer(number).map(|it| it.name.to_string())
        }),
        By::Hour => by_time(activity, filter, zone, |at| format!("{:02}", at.hour())),
        By::Weekday => by_time(activity, filter, zone, |at| at.weekday().to_monday_one_offset().to_string()),
        By::Day => by_time(activity, filter, zone, |at| at.date().to_string()),
    }
}

/// Counts numbers first: there are few of them, and their names are looked up once.
fn by_number(
    activity: &Activity,
    filter: &ActivityFilter,
    facet: Facet,
    name: impl Fn(u32) -> Option<String>,
) -> BTreeMap<String, u64> {
    let mut counts = Vec::<u64>::new();
    activity.visit(filter, |_, row| {
        let number = usize::try_from(row.number(facet)).unwrap_or(usize::MAX);
        if counts.len() <= number {
            counts.resize(number + 1, 0);
        }
        counts[number] += 1;
    });
    named((0..).zip(counts).filter(|(_, count)| *count > 0), name)
}

fn by_time(
    activity: &Activity,
    filter: &ActivityFilter,
    zone: &TimeZone,
    name: impl Fn(jiff::civil::DateTime) -> String,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::<i64, u64>::new();
    // Neighbours mostly share their quarter.
    let (mut quarter, mut count) = (i64::MIN, 0);
    activity.visit(filter, |_, row| {
        let next = row.unix_ms().div_euclid(QUARTER_MS);
        if next != quarter {
            *counts.entry(quarter).or_default() += count;
            (quarter, count) = (next, 0);
        }
        count += 1;
    });
    *counts.entry(quarter).or_default() += count;
    named(counts.into_iter().filter(|(_, count)| *count > 0), |quarter| {
        let at = Timestamp::from_millisecond(quarter.saturating_mul(QUARTER_MS)).ok()?;
        Some(name(zone.to_datetime(at)))
    })
}

fn named<N>(
    counts: impl Iterator<Item = (N, u64)>,
    name: impl Fn(N) -> Option<String>,
) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (number, count) in counts {
        if let Some(name) = name(number) {
            *sums.entry(name).or_default() += count;
        }
    }
    sums
}
