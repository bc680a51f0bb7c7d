//! Who reset whom: how often, in which chains, and who reset each other.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use mfa_ledger_api::resets::graph::{Edge, Link, Pair, Person, ResetGraph};
use mfa_ledger_projections::{Reset, Resets};
use mfa_ledger_schemas::{ActorKind, AdministratorId, Instant};

/// Longest time between two links of a chain, in hours: 30 days.
pub const MAX_CHAIN_HOURS: u16 = 30 * 24;

/// The same when nobody says: an attacker who got in by a reset goes on within a day.
pub const CHAIN_HOURS: u16 = 24;

/// Most resets that a graph is drawn from, the newest ones.
pub const MAX_RESETS: usize = 10_000;

/// Most links of a chain that are told, the last ones.
pub const MAX_CHAIN_LINKS: usize = 100;

/// How one is told from another: by id, or by name where there is none.
type Key = (Option<AdministratorId>, String);

/// Of the resets in a span of time. `chain_hours` is the longest time from a reset of somebody to one
/// that they perform.
pub fn reset_graph(
    resets: &Resets,
    since: Option<Instant>,
    until: Option<Instant>,
    chain_hours: u16,
) -> ResetGraph {
    let within = |reset: &&Reset| {
        since.is_none_or(|since| reset.at >= since) && until.is_none_or(|until| reset.at < until)
    };
    let mut newest: Vec<&Reset> = resets.newest_first(None).filter(within).take(MAX_RESETS + 1).collect();
    let truncated = newest.len() > MAX_RESETS;
    newest.truncate(MAX_RESETS);
    newest.reverse();
    ResetGraph {
        people: people(resets, &newest),
        edges: edges(&newest),
        chains: chains(&newest, chain_hours),
        pairs: pairs(&newest),
        truncated,
    }
}

fn performer(reset: &Reset) -> Key {
    match (reset.performer.administrator, reset.performer.kind) {
        (Some(id), _) => (Some(id), String::new()),
        (None, ActorKind::Operator) => (None, format!("{} (command line)", reset.performer.name)),
        (None, _) => (None, reset.performer.name.clone()),
    }
}

fn target(reset: &Reset) -> Key {
    (Some(reset.target.administrator), String::new())
}

fn performer_name(reset: &Reset) -> String {
    let (id, name) = performer(reset);
    if id.is_some() { reset.performer.name.clone() } else { name }
}

fn people(all: &Resets, resets: &[&Reset]) -> Vec<Person> {
    let mut people: BTreeMap<Key, Person> = BTreeMap::new();
    for reset in resets {
        let ends = [(performer(reset), performer_name(reset), 1, 0), {
            (target(reset), reset.target.user_name.clone(), 0, 1)
        }];
        for (key, name, performed, received) in ends {
            let administrator = key.0;
            let person = people.entry(key).or_insert_with(|| Person {
                administrator,
                name: String::new(),
                performed: 0,
                received: 0,
                danger_window_open: administrator.is_some_and(|id| all.open_of(id).is_some()),
            });
            person.name = name;
            person.performed += performed;
            person.received += received;
        }
    }
    let mut people: Vec<_> = people.into_values().collect();
    people.sort_by_key(|it| (Reverse((it.performed, it.received)), it.name.clone()));
    people
}

fn edges(resets: &[&Reset]) -> Vec<Edge> {
    let mut edges: BTreeMap<(Key, Key), Edge> = BTreeMap::new();
    for reset in resets {
        let edge = edges.entry((performer(reset), target(reset))).or_insert_with(|| Edge {
            performer: String::new(),
            target: String::new(),
            resets: Vec::new(),
            first: reset.at,
            last: reset.at,
        });
        (edge.performer, edge.target) = (performer_name(reset), reset.target.user_name.clone());
        edge.resets.push(reset.position);
        edge.last = reset.at;
    }
    let mut edges: Vec<_> = edges.into_values().collect();
    edges.sort_by_key(|it| (Reverse(it.resets.len()), it.resets[0]));
    edges
}

/// Each reset goes on from the newest one of its performer, if that was not too long before.
fn chains(resets: &[&Reset], chain_hours: u16) -> Vec<Vec<Link>> {
    let mut last_of: BTreeMap<AdministratorId, usize> = BTreeMap::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(resets.len());
    let mut goes_on = vec![false; resets.len()];
    for (index, reset) in resets.iter().enumerate() {
        let earlier = reset.performer.administrator.and_then(|id| last_of.get(&id).copied());
        let earlier = earlier.filter(|at| reset.at <= resets[*at].at.plus_hours(chain_hours.into()));
        if let Some(at) = earlier {
            goes_on[at] = true;
        }
        before.push(earlier);
        last_of.insert(reset.target.administrator, index);
    }
    let ends = (0..resets.len()).filter(|index| before[*index].is_some() && !goes_on[*index]);
    let mut chains: Vec<Vec<Link>> = ends
        .map(|end| {
            let back = std::iter::successors(Some(end), |at| before[*at]).take(MAX_CHAIN_LINKS);
            let mut chain: Vec<_> = back.map(|at| link(resets[at])).collect();
            chain.reverse();
            chain
        })
        .collect();
    chains.sort_by_key(|chain| chain[0].position);
    chains
}

fn link(reset: &Reset) -> Link {
    Link {
        position: reset.position,
        at: reset.at,
        performer: performer_name(reset),
        target: reset.target.user_name.clone(),
        danger_window_hours: reset.enrolled_again.map(|(_, at)| at.seconds_since(reset.at) / 3_600),
    }
}

fn pairs(resets: &[&Reset]) -> Vec<Pair> {
    let mut found: BTreeMap<(AdministratorId, AdministratorId), Vec<&Reset>> = BTreeMap::new();
    for reset in resets {
        if let Some(performer) = reset.performer.administrator {
            let target = reset.target.administrator;
            found.entry((performer.min(target), performer.max(target))).or_default().push(reset);
        }
    }
    let both = |resets: &Vec<&Reset>| {
        resets.iter().any(|reset| reset.performer.administrator != resets[0].performer.administrator)
    };
    let mut pairs: Vec<Pair> = found
        .into_values()
        .filter(both)
        .map(|resets| Pair {
            first: performer_name(resets[0]),
            second: resets[0].target.user_name.clone(),
            resets: resets.iter().map(|reset| reset.position).collect(),
        })
        .collect();
    pairs.sort_by_key(|pair| pair.resets[0]);
    pairs
}
