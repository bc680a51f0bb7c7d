//! The inner loops, measured by criterion: what a record costs on its way in, in a replay, and when it is asked for.

#[path = "../load/past/events.rs"]
#[expect(dead_code, reason = "the load program asks for more of it")]
mod events;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use mfa_ledger::tlog::{TileBuilder, leaf_hash};
use mfa_ledger_projections::{ActivityFilter, Order, State};
use mfa_ledger_schemas::{LedgerId, Position, Record, codec};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Records of a history: more than a block of the activity.
const RECORDS: u64 = 50_000;
/// Entries of a page.
const PAGE: usize = 50;

const LEDGER: LedgerId = LedgerId::from_bytes([7; 16]);

fn history() -> Vec<Record> {
    (0..RECORDS).map(|number| events::record(number, RECORDS)).collect()
}

fn folded(records: &[Record]) -> State {
    let mut state = State::default();
    for (position, record) in (1..).map(Position).zip(records) {
        state.apply(position, record).expect("a history folds");
    }
    state
}

fn of_a_record(criterion: &mut Criterion) {
    let records = history();
    let reset = records.iter().find(|it| it.event.action() == "mfa.reset").expect("there are resets");
    let stored = codec::encode(LEDGER, reset).expect("it fits");
    let leaf = codec::halves(&stored).expect("it reads back").leaf;
    let mut group = criterion.benchmark_group("a reset");
    group.throughput(Throughput::Elements(1));
    group.bench_function("encode", |it| it.iter(|| codec::encode(LEDGER, black_box(reset))));
    group.bench_function("decode", |it| it.iter(|| codec::decode(black_box(&stored))));
    group.bench_function("hash into the tree", |it| {
        let mut tree = TileBuilder::default();
        it.iter(|| tree.push(leaf_hash(black_box(leaf).as_bytes()), |_, _| {}));
    });
    group.finish();
}

fn of_a_history(criterion: &mut Criterion) {
    let records = history();
    let state = folded(&records);
    let snapshot = state.to_snapshot().expect("it encodes");
    let mut group = criterion.benchmark_group("a history of 50,000");
    group.sample_size(20).throughput(Throughput::Elements(RECORDS));
    group.bench_function("fold", |it| it.iter(|| folded(black_box(&records))));
    group.bench_function("snapshot", |it| it.iter(|| black_box(&state).to_snapshot()));
    group.bench_function("read a snapshot", |it| {
        let blocks = || state.activity.blocks().to_vec();
        it.iter_batched(blocks, |blocks| State::from_snapshot(&snapshot, blocks), BatchSize::SmallInput);
    });
    group.finish();
}

fn of_a_page(criterion: &mut Criterion) {
    let state = folded(&history());
    let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect();
    let person = Some("person.77".to_owned());
    let filters = [
        ("newest", ActivityFilter::default()),
        ("an action", ActivityFilter { actions: words(&["mfa.reset"]), ..ActivityFilter::default() }),
        ("a person", ActivityFilter { target: person.clone(), ..ActivityFilter::default() }),
        (
            "three filters",
            ActivityFilter {
                actions: words(&["session.failed"]),
                actor: person.clone(),
                target: person,
                ..ActivityFilter::default()
            },
        ),
        ("a word", ActivityFilter { words: words(&["person.77"]), ..ActivityFilter::default() }),
    ];
    let mut group = criterion.benchmark_group("a page of 50");
    for (name, filter) in filters {
        group.bench_function(name, |it| {
            it.iter(|| state.activity.page(black_box(&filter), Order::Descending, None, PAGE));
        });
    }
    group.finish();
}

criterion_group!(inner, of_a_record, of_a_history, of_a_page);
criterion_main!(inner);
