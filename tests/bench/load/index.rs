//! Two indexes of the activity log on the same events: the one in memory that is used, and one in sled with a key for
//! every value of every event. What was found is in `BENCHMARKS.md`.

use std::collections::HashMap;

use mfa_ledger_projections::activity::Activity;
use mfa_ledger_projections::{ActivityFilter, Order, State};
use mfa_ledger_schemas::{Outcome as Became, Position};
use tokio::time::Instant;

use crate::past::{self, events};
use crate::table::{Figure, Unit};
use crate::{Outcome, float, median, per_second};

/// Entries of a page.
const PAGE: usize = 50;
/// Pages of one kind.
const QUESTIONS: u64 = 1_000;
/// Values of an event: action and outcome, who, whom, address, ticket.
const FACETS: usize = 6;

/// Keys are `facet u8, value u32, position u64`, big-endian: a page is a range, read backwards.
struct InSled {
    tree: sled::Tree,
    values: HashMap<(usize, String), u32>,
}

pub fn measure() -> Outcome<Vec<Figure>> {
    let of = past::events()?;
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let database = sled::open(directory.path())?;
    let mut in_sled = InSled { tree: database.open_tree("index")?, values: HashMap::new() };
    let mut state = State::default();
    let (mut folding, mut inserting) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for number in 0..of {
        let record = events::record(number, of);
        let begun = Instant::now();
        state.apply(Position(number + 1), &record)?;
        folding += begun.elapsed();
        let entry = state.activity.at(Position(number + 1)).ok_or("what was folded is there")?;
        let begun = Instant::now();
        in_sled.insert(
            number + 1,
            [
                Some(&*entry.action),
                Some(entry.outcome.name()),
                Some(&*entry.actor_name),
                entry.target_name.as_deref(),
                entry.address.as_deref(),
                entry.ticket.as_deref(),
            ],
        )?;
        inserting += begun.elapsed();
    }
    let begun = Instant::now();
    database.flush()?;
    inserting += begun.elapsed();
    let mut figures = vec![
        Figure::per_second(
            "index in memory, events with all else that is folded",
            per_second(of, folding),
            "",
        )
        .against("index in sled, events", per_second(of, inserting)),
        Figure::new("index in sled, disk", float(database.size_on_disk()?) / 1_048_576.0, Unit::MiB, ""),
    ];
    figures.extend(pages(&state.activity, &in_sled)?);
    Ok(figures)
}

/// Both answer the same questions, in turns, and agree.
fn pages(activity: &Activity, in_sled: &InSled) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    let kinds: [(&str, &[usize]); 3] = [
        ("one person's", &[3]),
        ("an action of one person", &[0, 3]),
        ("an outcome of one performer", &[1, 2]),
    ];
    for (what, facets) in kinds {
        let (mut memory, mut sled) = (Vec::new(), Vec::new());
        for question in 0..QUESTIONS {
            let texts = texts(question);
            let filter = filter(facets, &texts);
            let begun = Instant::now();
            let page = activity.page(&filter, Order::Descending, None, PAGE);
            memory.push(begun.elapsed().as_secs_f64() * 1e6);
            let wanted: Vec<_> = facets.iter().map(|facet| (*facet, texts[*facet].as_str())).collect();
            let begun = Instant::now();
            let found = in_sled.page(&wanted)?;
            sled.push(begun.elapsed().as_secs_f64() * 1e6);
            assert_eq!(page.positions, found, "{filter:?}");
        }
        let figure =
            Figure::new(format!("page of {what} entries, p50"), median(memory), Unit::Microseconds, "");
        figures.push(figure.against("index in sled", median(sled)));
    }
    Ok(figures)
}

/// A value of each facet.
fn texts(question: u64) -> [String; FACETS] {
    let who = events::name(question * 7 % events::PEOPLE);
    let text = |text: &str| text.to_owned();
    [text("session.failed"), text("failed"), who.clone(), who, String::new(), String::new()]
}

fn filter(facets: &[usize], texts: &[String; FACETS]) -> ActivityFilter {
    let mut filter = ActivityFilter::default();
    for facet in facets {
        match facet {
            0 => filter.actions.push(texts[0].clone()),
            1 => filter.outcome = Some(Became::Failed),
            2 => filter.actor = Some(texts[2].clone()),
            _ => filter.target = Some(texts[3].clone()),
        }
    }
    filter
}

impl InSled {
    fn insert(&mut self, position: u64, values: [Option<&str>; FACETS]) -> Outcome<()> {
        let mut batch = sled::Batch::default();
        for (facet, value) in values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            let count = u32::try_from(self.values.len())?;
            let number = *self.values.entry((facet, value.to_owned())).or_insert(count);
            batch.insert(&key(facet, number, position), &[]);
        }
        Ok(self.tree.apply_batch(batch)?)
    }

    /// The newest with all of these values: along the first, asking for the others. Better orders exist where the
    /// rarest is known.
    fn page(&self, wanted: &[(usize, &str)]) -> Outcome<Vec<Position>> {
        let mut numbers = Vec::new();
        for (facet, value) in wanted {
            match self.values.get(&(*facet, (*value).to_owned())) {
                Some(number) => numbers.push((*facet, *number)),
                None => return Ok(Vec::new()),
            }
        }
        // Who and whom are rarer than what.
        let Some(((facet, number), others)) = numbers.split_last() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for entry in self.tree.range(key(*facet, *number, 0)..key(*facet, number + 1, 0)).rev() {
            let place: [u8; 8] = entry?.0[5..].try_into()?;
            let position = u64::from_be_bytes(place);
            let has = |(facet, number): &(usize, u32)| self.tree.contains_key(key(*facet, *number, position));
            let mut has_all = true;
            for other in others {
                has_all &= has(other)?;
            }
            if has_all {
                found.push(Position(position));
                if found.len() == PAGE {
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn key(facet: usize, number: u32, position: u64) -> [u8; 13] {
    let mut key = [0; 13];
    key[0] = u8::try_from(facet).unwrap_or(u8::MAX);
    key[1..5].copy_from_slice(&number.to_be_bytes());
    key[5..].copy_from_slice(&position.to_be_bytes());
    key
}
