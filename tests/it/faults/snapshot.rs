//! The crash table of snapshots: whatever step fails, there lies the old one, the new one or none, never
//! another state; and the next one is written.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use mfa_ledger::disk::{Disk, Space};
use mfa_ledger::follow::snapshot::{Keeping, MILESTONE, Misfit, Place, SaveError, Seal, Snapshots};
use mfa_ledger_projections::State;
use mfa_ledger_projections::activity::BLOCK;
use mfa_ledger_schemas::bodies::SessionsRevoked;
use mfa_ledger_schemas::{
    Actor, AdministratorId, Context, Event, EventId, Instant, LedgerId, Origin, Position, Record, StreamName,
};

use super::table::crash_table;

/// What was folded when the first snapshot was made, and when the second one was: a full block lies between.
static STATES: LazyLock<[State; 2]> = LazyLock::new(|| {
    let mut state = State::default();
    let mut fold_to = |end: u64| {
        for number in state.position().0 + 1..=end {
            state.apply(Position(number), &record(number)).expect("it is the next");
        }
        state.clone()
    };
    let first = fold_to(100);
    [first, fold_to(BLOCK as u64 + 5)]
});

pub fn record(number: u64) -> Record {
    let administrator = AdministratorId::from_bytes([3; 16]);
    Record {
        id: EventId::from_bytes([0; 16]),
        stream: StreamName::Administrator(administrator),
        reads: Vec::new(),
        at: Instant::from_unix_seconds(1_800_000_000).plus_seconds(number.cast_signed()),
        actor: Actor::anonymous(),
        target: None,
        origin: Origin::default(),
        request: String::new(),
        idempotency: None,
        context: Context::default(),
        event: Event::SessionsRevoked(SessionsRevoked { administrator, sessions_ended: 1 }),
    }
}

/// A seal that whoever knows the number can make.
pub fn seal(number: u8) -> Seal {
    use sha2::{Digest, Sha256};
    Arc::new(move |parts| Sha256::new_with_prefix([number]).chain_update(parts.concat()).finalize().into())
}

fn snapshots(dir: &Path, disk: Disk, ledger: u8) -> Snapshots {
    let keeping = Keeping { data_dir: dir.to_owned(), disk, every: MILESTONE, reserve: 0 };
    Snapshots::new(keeping, LedgerId::from_bytes([ledger; 16]), seal(1))
}

fn read(dir: &Path) -> Option<Result<State, Misfit>> {
    let snapshots = snapshots(dir, Disk::real(), 1);
    let found = snapshots.found();
    let first = found.first()?;
    Some(snapshots.read(first, &[]).map(|restored| restored.state))
}

#[tokio::test]
async fn whatever_step_fails_a_snapshot_is_whole_or_the_one_before() {
    let save =
        |snapshots: &Snapshots, index: usize| snapshots.save(&STATES[index], [9; 32], Place::Latest).is_ok();
    let table = crash_table(
        async |_: &Path| {},
        async |dir: &Path, disk| {
            let snapshots = snapshots(dir, disk, 1);
            [0, 1].map(|index| save(&snapshots, index))
        },
        async |dir: &Path, told: [bool; 2]| {
            let there = match read(dir) {
                None => 0,
                Some(state) => {
                    let state = state.expect("what has its name is whole");
                    1 + STATES.iter().position(|it| *it == state).expect("one of the two")
                }
            };
            let least = told.iter().rposition(|saved| *saved).map_or(0, |index| index + 1);
            assert!(there >= least, "{told:?} was told, and {there} is there");
            assert!(save(&snapshots(dir, Disk::real(), 1), 1), "the next one is written");
            assert!(read(dir).expect("it is there").expect("it is whole") == STATES[1]);
        },
    )
    .await;
    let named: Vec<_> = table.steps.iter().map(|step| step.act.to_string()).collect();
    for file in ["latest", "block-"] {
        assert!(named.iter().any(|step| step.contains(file)), "{file}: {named:#?}");
    }
    assert!(table.rows > 2 * table.steps.len() as u64, "{} rows", table.rows);
}

#[test]
fn no_byte_can_be_changed_and_no_end_cut_off() {
    let dir = tempfile::tempdir().expect("a directory");
    let all = snapshots(dir.path(), Disk::real(), 1);
    all.save(&STATES[1], [9; 32], Place::Latest).expect("it is written");
    for name in ["latest", "block-000000000001"] {
        let path = dir.path().join("snapshots").join(name);
        let sound = std::fs::read(&path).expect("it is there");
        let step = (sound.len() / 400).max(1);
        for at in (0..100.min(sound.len()))
            .chain((0..sound.len()).step_by(step))
            .chain(sound.len() - 40..sound.len())
        {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x10;
            std::fs::write(&path, &bytes).expect("it is written");
            assert!(read(dir.path()).expect("it is there").is_err(), "{name}: byte {at} was changed");
            std::fs::write(&path, &sound[..at]).expect("it is written");
            assert!(read(dir.path()).expect("it is there").is_err(), "{name}: cut at {at}");
        }
        std::fs::write(&path, &sound).expect("it is written");
    }
    assert!(read(dir.path()).expect("it is there").expect("it is whole") == STATES[1]);
}

#[test]
fn a_snapshot_of_another_ledger_key_version_or_name_is_told_apart() {
    let dir = tempfile::tempdir().expect("a directory");
    let all = snapshots(dir.path(), Disk::real(), 1);
    all.save(&STATES[0], [9; 32], Place::Past).expect("it is written");
    let found = all.found().pop().expect("one");
    assert_eq!(found.position, Some(Position(100)));
    let why =
        |snapshots: &Snapshots| snapshots.read(&snapshots.found()[0], &[]).map(drop).expect_err("a misfit");
    assert!(matches!(why(&snapshots(dir.path(), Disk::real(), 2)), Misfit::Other));
    let keeping =
        Keeping { data_dir: dir.path().to_owned(), disk: Disk::real(), every: MILESTONE, reserve: 0 };
    let foreign = Snapshots::new(keeping, LedgerId::from_bytes([1; 16]), seal(2));
    assert!(matches!(why(&foreign), Misfit::Seal));

    let renamed = found.path.with_file_name(format!("past-{:020}", 99));
    std::fs::rename(&found.path, &renamed).expect("it is renamed");
    assert!(matches!(why(&all), Misfit::Other));
    let mut bytes = std::fs::read(&renamed).expect("it is there");
    bytes[20] += 1;
    std::fs::write(&renamed, bytes).expect("it is written");
    let newer = mfa_ledger_projections::SNAPSHOT_VERSION + 1;
    assert!(matches!(why(&all), Misfit::Version { given } if given == newer));
}

#[test]
fn one_that_stays_is_due_at_every_milestone() {
    let dir = tempfile::tempdir().expect("a directory");
    let all = snapshots(dir.path(), Disk::real(), 1);
    assert!(!all.is_due(Position(0), Position(MILESTONE - 1)));
    assert!(all.is_due(Position(0), Position(MILESTONE)));
    assert!(!all.is_due(Position(MILESTONE), Position(2 * MILESTONE - 1)));
    assert!(all.is_due(Position(MILESTONE + 7), Position(2 * MILESTONE)));
}

#[test]
fn a_snapshot_takes_nothing_of_what_is_to_be_kept_free() {
    const RESERVE: u64 = 1_000_000;
    let dir = tempfile::tempdir().expect("a directory");
    let (disk, faults) = Disk::recorded();
    let keeping = Keeping { data_dir: dir.path().to_owned(), disk, every: MILESTONE, reserve: RESERVE };
    let snapshots = Snapshots::new(keeping, LedgerId::from_bytes([1; 16]), seal(1));
    let pretend = |free| faults.pretend_space(Some(Space { free, total: u64::MAX }));
    let save = || snapshots.save(&STATES[0], [7; 32], Place::Latest);
    pretend(RESERVE);
    let Err(SaveError::LittleRoom { free, reserve, needed }) = save() else { panic!("it was written") };
    assert_eq!((free, reserve), (RESERVE, RESERVE));
    pretend(RESERVE + needed - 1);
    assert!(matches!(save(), Err(SaveError::LittleRoom { .. })), "one byte is missing");
    assert!(snapshots.first_without_room() && !snapshots.first_without_room(), "it is told once");
    assert_eq!(std::fs::read_dir(dir.path().join("snapshots")).expect("it is there").count(), 0);
    pretend(RESERVE + needed);
    save().expect("there is room");
    assert!(dir.path().join("snapshots/latest").exists());
    pretend(0);
    assert!(save().is_err() && snapshots.first_without_room(), "it is told again");
}
