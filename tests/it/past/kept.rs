//! Snapshots that stay: a fold passes its milestones, and the past begins at the one that is near.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::disk::Disk;
use mfa_ledger::follow::project::Projector;
use mfa_ledger::follow::snapshot::{Keeping, MILESTONE, Snapshots};
use mfa_ledger::log::memory::Memory;
use mfa_ledger::log::{Log, Stream};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, LedgerId, Position, codec};

use crate::faults::snapshot::{record, seal};

const EVERY: u64 = 100;
const LEDGER: LedgerId = LedgerId::from_bytes([1; 16]);

fn snapshots(dir: &Path, key: u8) -> Arc<Snapshots> {
    let keeping = Keeping { data_dir: dir.to_owned(), disk: Disk::real(), every: EVERY, reserve: 0 };
    Arc::new(Snapshots::new(keeping, LEDGER, seal(key)))
}

async fn append(log: &Arc<dyn Log>, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        let record = record(number);
        let stored = codec::encode(LEDGER, &record).unwrap();
        log.append(&Stream::new(&record.stream.to_string()), &[], stored.into()).await.unwrap();
    }
}

fn folded(to: u64) -> State {
    let mut state = State::default();
    for number in 1..=to {
        state.apply(Position(number), &record(number)).unwrap();
    }
    state
}

/// Folds one record after the other, so that each milestone is met where it lies.
async fn passed(log: &Arc<dyn Log>, dir: &Path, end: u64) -> Projector {
    let projector = Projector::start(log, Some(snapshots(dir, 1)));
    for number in 1..=end {
        append(log, number..=number).await;
        projector.wait(Position(number)).await.unwrap();
    }
    // The last one that is written.
    let last = dir.join(format!("snapshots/people-{:020}", end / EVERY * EVERY));
    let written = async {
        while !last.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), written).await.expect("it is written");
    projector
}

#[tokio::test]
async fn the_past_begins_at_the_milestone_before_it() {
    let (log, dir): (Arc<dyn Log>, _) = (Arc::new(Memory::new()), tempfile::tempdir().unwrap());
    let projector = passed(&log, dir.path(), 3 * EVERY + 7).await;
    for (asked, begins) in [(1, 0), (99, 0), (100, 100), (101, 100), (250, 200), (307, 300)] {
        let base = projector.base(Position(0), Position(asked)).await.unwrap_or_default();
        assert_eq!(base.position(), Position(begins), "before {asked}");
        assert!(base == folded(begins));
    }
    // Where everyone stood is kept 32 times as often, here every 3 records. Nobody is known here: all of them are nowhere.
    let someone = AdministratorId::from_bytes([3; 16]);
    for (behind, asked, begins) in [
        (0, 2, None),
        (0, 99, Some(99)),
        (0, 101, Some(100)),
        (100, 197, Some(195)),
        (195, 197, None),
        (199, 305, Some(303)),
    ] {
        let alone = projector.base_alone(Position(behind), Position(asked), someone).await;
        assert_eq!(alone.as_ref().map(|it| it.position().0), begins, "behind {behind}, before {asked}");
        assert!(alone.is_none_or(|it| it == folded(it.position().0).alone(someone)));
        let everyone = projector.base_everyone(Position(behind), Position(asked)).await;
        assert_eq!(everyone.as_ref().map(|it| it.position().0), begins, "behind {behind}, before {asked}");
        assert!(everyone.is_none_or(|it| it == folded(it.position().0).everyone()));
    }
    // Whoever has not the key of these snapshots begins at the first record.
    drop(projector);
    let stranger = Projector::start(&log, Some(snapshots(dir.path(), 2)));
    stranger.wait(Position(307)).await.unwrap();
    assert_eq!(stranger.base(Position(0), Position(99)).await.map(|it| it.position()), None);
    assert!(stranger.base_alone(Position(0), Position(99), someone).await.is_none());
    assert!(*stranger.state() == folded(307));
}

#[tokio::test]
async fn a_snapshot_of_another_history_or_beyond_the_end_is_left_out() {
    let (log, dir): (Arc<dyn Log>, _) = (Arc::new(Memory::new()), tempfile::tempdir().unwrap());
    let projector = passed(&log, dir.path(), 3 * EVERY).await;
    projector.keep().await;
    drop(projector);
    // The same ledger, put back to position 150, and gone on with differently.
    let other: Arc<dyn Log> = Arc::new(Memory::new());
    append(&other, 1..=150).await;
    append(&other, 1_000..=1_100).await;
    let projector = Projector::start(&other, Some(snapshots(dir.path(), 1)));
    projector.wait(Position(251)).await.unwrap();
    let mut expected = folded(150);
    for (position, number) in (151..).zip(1_000..=1_100) {
        expected.apply(Position(position), &record(number)).unwrap();
    }
    assert!(*projector.state() == expected, "what is true is what the log says");
    let left: Vec<_> = std::fs::read_dir(dir.path().join("snapshots")).unwrap().collect();
    assert!(!dir.path().join("snapshots/latest").exists(), "{left:?}");
    assert_eq!(
        projector.base(Position(0), Position(199)).await.map(|it| it.position()),
        Some(Position(100)),
        "that one is of both"
    );
    let names: Vec<_> = std::fs::read_dir(dir.path().join("snapshots")).unwrap().collect();
    assert!(names.iter().flatten().all(|it| !it.file_name().to_string_lossy().ends_with("300")), "{names:?}");
}

#[tokio::test]
async fn parts_are_held_against_the_log_as_the_whole_is() {
    let (log, dir): (Arc<dyn Log>, _) = (Arc::new(Memory::new()), tempfile::tempdir().unwrap());
    drop(passed(&log, dir.path(), 2 * EVERY).await);
    let other: Arc<dyn Log> = Arc::new(Memory::new());
    append(&other, 1..=150).await;
    append(&other, 1_000..=1_060).await;
    let place = tempfile::tempdir().unwrap();
    // It makes none of its own.
    let keeping =
        Keeping { data_dir: place.path().to_owned(), disk: Disk::real(), every: MILESTONE, reserve: 0 };
    let projector = Projector::start(&other, Some(Arc::new(Snapshots::new(keeping, LEDGER, seal(1)))));
    projector.wait(Position(211)).await.unwrap();
    let kept = place.path().join("snapshots");
    std::fs::create_dir_all(&kept).unwrap();
    for name in [100, 200].into_iter().flat_map(|at| [format!("past-{at:020}"), format!("people-{at:020}")]) {
        std::fs::copy(dir.path().join("snapshots").join(&name), kept.join(&name)).unwrap();
    }
    let someone = AdministratorId::from_bytes([3; 16]);
    let alone = async |until| projector.base_alone(Position(0), Position(until), someone).await;
    assert!(alone(199).await.is_some_and(|it| it == folded(100).alone(someone)), "that one is of both");
    assert!(
        alone(200).await.is_some_and(|it| it == folded(100).alone(someone)),
        "the other names another record"
    );
    let (parts, aside) = (kept.join(format!("people-{:020}", 100)), kept.join("aside"));
    std::fs::rename(&parts, &aside).unwrap();
    std::fs::create_dir(&parts).unwrap();
    assert!(alone(199).await.is_none(), "the disk does not give it");
    std::fs::remove_dir(&parts).unwrap();
    std::fs::rename(&aside, &parts).unwrap();
    assert!(alone(199).await.is_some(), "it is asked again");
    std::fs::remove_file(&parts).unwrap();
    assert!(alone(199).await.is_none(), "without parts");
    assert!(projector.base(Position(0), Position(199)).await.is_some_and(|it| it == folded(100)));
}
