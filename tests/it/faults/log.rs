//! The crash tables of the log: its first start, a start after trouble, a copy that is rebuilt.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::disk::{Disk, Kind};
use mfa_ledger::log::embedded::{Embedded, OpenError, Sizes};
use mfa_ledger::log::{AppendError, Log, Position, Stream};

use super::table::crash_table;
use crate::log_embedded::{LEDGER, SMALL, append, fill, journal::segments, judge};

/// Records that lie there before the life that is disturbed.
const BEFORE: u64 = 7;
/// Appends tried in that life: enough for several segments.
const APPENDS: u64 = 14;

/// Below the directory that the test gives, so that it has to be made.
fn place(dir: &Path) -> PathBuf {
    dir.join("data")
}

fn open(dir: &Path, disk: Disk) -> Result<(Embedded, mfa_ledger::log::embedded::Opening), OpenError> {
    Embedded::open_sized(&place(dir), LEDGER, disk, SMALL)
}

/// Opens, appends what is taken, closes; tells how many records were answered for, those `before` among
/// them.
async fn live(dir: &Path, disk: Disk, before: u64) -> u64 {
    let (log, opening) = match open(dir, disk) {
        Ok(opened) => opened,
        Err(OpenError::Io { .. } | OpenError::Copy { .. }) => return before,
        Err(error) => panic!("a disk that fails is no damage: {error}"),
    };
    assert_eq!(opening.head.0, before);
    let mut answered = before;
    let mut failed = false;
    for _ in 0..APPENDS {
        match append(&log, answered + 1).await {
            Ok(position) => {
                assert!(!failed, "a poisoned log took a record");
                answered += 1;
                assert_eq!(position.0, answered);
            }
            Err(AppendError::Unknown(_)) => {
                assert!(!failed, "only the first failure is unknown");
                failed = true;
            }
            Err(AppendError::Unavailable(_)) => assert!(log.poisoned().is_some()),
            Err(error) => panic!("{error:?}"),
        }
        // Clause 7: readers are served all the same, and of durable records only.
        assert_eq!(judge(&log).await, answered);
    }
    assert_eq!(failed, log.poisoned().is_some());
    let _failed_too = log.close().await;
    answered
}

/// Everything that was answered for is there, and at most the one append whose outcome was unknown; and
/// the log goes on.
async fn judged(dir: &Path, answered: u64) {
    let (log, opening) = open(dir, Disk::real()).unwrap_or_else(|error| panic!("{error}"));
    let head = judge(&log).await;
    assert!(head == answered || head == answered + 1, "answered up to {answered}: {opening:?}");
    fill(&log, head + 1..=head + 8).await;
    log.close().await.unwrap();
    assert_eq!(judge(&open(dir, Disk::real()).unwrap().0).await, head + 8);
}

async fn closed_with(dir: &Path, records: u64) {
    let (log, _) = open(dir, Disk::real()).unwrap();
    fill(&log, 1..=records).await;
    log.close().await.unwrap();
}

/// What a process that was killed in an append, and in making a segment, leaves; and sled in its snapshot.
async fn after_trouble(dir: &Path) {
    closed_with(dir, BEFORE).await;
    std::fs::remove_file(place(dir).join("closed")).unwrap();
    let last = segments(&place(dir)).pop().unwrap();
    let mut bytes = std::fs::read(&last).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    bytes.splice(used.., *b"half a frame");
    std::fs::write(&last, bytes).unwrap();
    std::fs::write(place(dir).join("journal/00000000000000000099.new"), b"half a header").unwrap();
    std::fs::write(place(dir).join("sled/snap.0000000000000FFF.generating"), b"half").unwrap();
}

/// A copy of no use, beside an older one that was moved aside.
async fn with_a_bad_copy(dir: &Path) {
    closed_with(dir, BEFORE).await;
    let sled = place(dir).join("sled");
    crate::support::ram::copy_all(&sled, &place(dir).join("sled.aside"));
    std::fs::write(sled.join("db"), vec![0xff; 4096]).unwrap();
}

#[tokio::test]
async fn the_first_start_survives_every_failing_step() {
    let table = crash_table(
        async |_| {},
        async |dir, disk| live(dir, disk, 0).await,
        async |dir, told| judged(dir, told).await,
    );
    assert!(table.await.rows > 100);
}

#[tokio::test]
async fn a_start_after_trouble_survives_every_failing_step() {
    let live = async |dir: &Path, disk| live(dir, disk, BEFORE).await;
    let table =
        crash_table(async |dir| after_trouble(dir).await, live, async |dir, told| judged(dir, told).await);
    assert!(table.await.rows > 100);
}

#[tokio::test]
async fn a_rebuilding_start_survives_every_failing_step() {
    let live = async |dir: &Path, disk| live(dir, disk, BEFORE).await;
    let table =
        crash_table(async |dir| with_a_bad_copy(dir).await, live, async |dir, told| judged(dir, told).await);
    assert!(table.await.rows > 100);
}

/// A step that goes past [`Disk`] is in no table: these lives together must show each kind.
#[tokio::test]
async fn the_tables_know_every_kind_of_step() {
    let mut kinds = BTreeSet::new();
    let mut named = String::new();
    for number in 0..3 {
        let dir = crate::support::ram::dir();
        match number {
            0 => {}
            1 => after_trouble(dir.path()).await,
            _ => with_a_bad_copy(dir.path()).await,
        }
        let (disk, faults) = Disk::recorded();
        live(dir.path(), disk, if number == 0 { 0 } else { BEFORE }).await;
        kinds.extend(faults.steps().iter().map(|step| step.act.kind()));
        named.extend(faults.steps().iter().map(|step| format!("{}\n", step.act)));
    }
    assert_eq!(kinds, BTreeSet::from(Kind::ALL));
    for step in [
        "create_dir data/journal",
        "create journal/00000000000000000001.new",
        "write journal/00000000000000000001.segment",
        "sync sled/db",
        "set_len journal/00000000000000000001.segment",
        "rename journal/00000000000000000001.new",
        "rename data/sled",
        "remove data/closed",
        "remove_dir data/sled.aside",
        "remove sled/snap.0000000000000FFF.generating",
        "sync_dir data/journal",
    ] {
        assert!(named.contains(step), "{step} is not among the steps:\n{named}");
    }
}

/// Batches of many writers, so that one failing step takes several records with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_lose_nothing_they_were_answered_for_whichever_step_fails() {
    let sizes = Sizes { segment: 6_000, ..SMALL };
    let live = async |dir: &Path, disk: Disk| {
        let mut answered = Vec::new();
        let Ok((log, _)) = Embedded::open_sized(&place(dir), LEDGER, disk, sizes) else { return answered };
        let log = Arc::new(log);
        let writers = (0..32).map(|writer| tokio::spawn(append_until_refused(Arc::clone(&log), writer)));
        for writer in writers.collect::<Vec<_>>() {
            answered.extend(writer.await.unwrap());
        }
        answered
    };
    let judge = async |dir: &Path, answered: Vec<(Position, Bytes)>| {
        let (log, opening) = Embedded::open_sized(&place(dir), LEDGER, Disk::real(), sizes).unwrap();
        let count = usize::try_from(opening.head.0).unwrap();
        let read: Vec<_> = log.read(Position::START).take(count).map(Result::unwrap).collect().await;
        assert!(read.iter().zip(1..).all(|(entry, due)| entry.position.0 == due));
        for (position, record) in answered {
            assert_eq!(read[usize::try_from(position.0).unwrap() - 1].record, record);
        }
    };
    assert!(crash_table(async |_| {}, live, judge).await.rows > 100);
}

async fn append_until_refused(log: Arc<Embedded>, writer: u32) -> Vec<(Position, Bytes)> {
    let mut answered = Vec::new();
    for n in 0..12 {
        let record = Bytes::from(format!("{writer}.{n}"));
        match log.append(&Stream::new("s"), &[], record.clone()).await {
            Ok(position) => answered.push((position, record)),
            Err(AppendError::Unknown(_) | AppendError::Unavailable(_)) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    answered
}
