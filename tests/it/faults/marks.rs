//! The crash table of the two marks of an orderly stop: whichever step of taking or leaving them fails, or is the last one
//! before the process dies, no mark is alone that must not be, and the next start works.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use mfa_ledger::data_dir::{init_with, open_with};
use mfa_ledger::disk::{Disk, Step};

use super::ledger::{Told, config, first, goes_on, means, no_tampering};
use super::table::crash_table_of;
use crate::support::ram::{self, copy_all};

/// Whether there is a mark, and whether a second one has a head.
type State = (bool, bool);

fn state(data_dir: &Path) -> State {
    let second = std::fs::read(data_dir.join("vault/closed")).unwrap_or_default();
    (data_dir.join("closed").exists(), !second.is_empty())
}

/// Steps that touch a mark, or make that durable.
fn of_marks(step: &Step) -> bool {
    let shown = step.act.to_string();
    shown.contains("closed") || shown.contains("sync_dir")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_of_a_stop_that_dies_at_any_step_are_never_taken_for_tampering() {
    let template = ram::dir();
    init_with(&config(template.path()), first(), &means(Disk::real())).await.unwrap();
    assert_eq!(state(&config(template.path()).data_dir), (true, true));
    let live = async |dir: &Path, disk| {
        let mut told = Told::default();
        match open_with(&config(dir), &means(disk)).await {
            Ok(opened) => {
                told.command(&opened, "between".to_owned()).await;
                let _may_fail = opened.close().await;
            }
            Err(error) => no_tampering(&error),
        }
        told
    };
    let seen: Mutex<BTreeSet<State>> = Mutex::default();
    let judge = async |dir: &Path, told: Told| {
        let found = state(&config(dir).data_dir);
        assert_ne!(found, (false, true), "a second mark alone is what an attacker leaves");
        seen.lock().unwrap().insert(found);
        goes_on(&config(dir), &told).await;
        assert_eq!(state(&config(dir).data_dir), (true, true));
    };
    let prepare = async |dir: &Path| copy_all(template.path(), dir);
    let table = crash_table_of(of_marks, prepare, live, judge).await;
    let steps: Vec<_> = table.steps.iter().map(|step| step.act.to_string()).collect();
    let place = |what: &str| steps.iter().position(|step| step.contains(what));
    let (emptied, removed) = (place("rename vault/closed.new"), place("remove ledger/closed"));
    assert!(emptied.is_some() && emptied < removed, "a start: {steps:#?}");
    let last = steps.iter().rposition(|step| step.contains("rename vault/closed.new"));
    assert!(last > place("create ledger/closed"), "a stop: {steps:#?}");
    assert_eq!(*seen.lock().unwrap(), [(false, false), (true, false), (true, true)].into());
}
