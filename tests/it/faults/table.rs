//! Crash tables: every step of I/O that something takes, failing in every way, and one judge. The steps
//! are found by a run in which none fails, so that no list of them has to be kept.
//!
//! Whoever writes through [`Disk`] gets a table with three closures: what lies there before, the life
//! that is to be disturbed, and the judge, who hears what that life was told.

use std::path::Path;

use mfa_ledger::disk::{Disk, Fate, Step};

use crate::support::ram;

/// Lives in which no step fails. Where threads meet by chance some take more steps than others: the table has
/// those of the shortest, which nearly all others reach.
const UNDISTURBED: usize = 8;

/// The steps that were tried.
pub struct Table {
    /// Those of the life in which none fails.
    pub steps: Vec<Step>,
    /// Rows judged.
    pub rows: u64,
}

/// Lets every step of `live` meet every fate, once alone and once with all steps after it, and has each
/// outcome judged. A row is printed before it is tried: the last one printed is the one that failed.
pub async fn crash_table<Told>(
    prepare: impl AsyncFn(&Path),
    live: impl AsyncFn(&Path, Disk) -> Told,
    judge: impl AsyncFn(&Path, Told),
) -> Table {
    crash_table_of(|_| true, prepare, live, judge).await
}

/// The same for those steps alone that are `wanted`: the others have a table elsewhere.
pub async fn crash_table_of<Told>(
    wanted: impl Fn(&Step) -> bool,
    prepare: impl AsyncFn(&Path),
    live: impl AsyncFn(&Path, Disk) -> Told,
    judge: impl AsyncFn(&Path, Told),
) -> Table {
    let mut table = Table { steps: Vec::new(), rows: 0 };
    for undisturbed in 0..UNDISTURBED {
        let dir = ram::dir();
        prepare(dir.path()).await;
        let (disk, faults) = Disk::recorded();
        println!("no step fails");
        let told = live(dir.path(), disk).await;
        judge(dir.path(), told).await;
        let steps = faults.steps();
        if undisturbed == 0 || steps.len() < table.steps.len() {
            table.steps = steps;
        }
        table.rows += 1;
    }
    let mut tried = 0;

    for (fate, alone) in Fate::ALL.into_iter().flat_map(|fate| [(fate, true), (fate, false)]) {
        for (number, step) in (1..).zip(&table.steps) {
            if !wanted(step) || fate == Fate::Full && !step.act.kind().needs_room() {
                continue;
            }
            let dir = ram::dir();
            prepare(dir.path()).await;
            let (disk, faults) =
                if alone { Disk::faulty_once(number, fate) } else { Disk::faulty(number, fate) };
            let span = if alone { "alone" } else { "and all after it" };
            println!("step {number}, {fate:?} {span}: {}", step.act);
            let told = live(dir.path(), disk).await;
            judge(dir.path(), told).await;
            tried += 1;
            table.rows += u64::from(faults.failed().is_some());
        }
    }
    // Threads of their own may take a step more or less; a table that misses its steps shows nothing.
    assert!(table.rows * 4 > tried * 3, "only {} of {tried} steps were reached", table.rows);
    table
}
