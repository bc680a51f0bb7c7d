//! A disk that fails: poisoned until reopened. The crash tables are in `tests/it/faults/log.rs`.

use mfa_ledger::disk::{Disk, Fate};
use mfa_ledger::log::AppendError;
use mfa_ledger::log::embedded::Embedded;

use super::{LEDGER, append, fill, judge, open};
use crate::support::ram;

#[tokio::test]
async fn after_a_failed_sync_the_log_is_poisoned_until_reopened() {
    let dir = ram::dir();
    let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
    let (log, _) = Embedded::open(dir.path(), LEDGER, disk).unwrap();
    fill(&log, 1..=3).await;
    faults.fail_now();
    assert!(matches!(append(&log, 4).await, Err(AppendError::Unknown(_))));
    faults.heal();
    match append(&log, 4).await {
        Err(AppendError::Unavailable(why)) => assert!(why.to_string().contains("until reopened"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(judge(&log).await, 3);
    log.close().await.unwrap_err();
    let (log, _) = open(dir.path()).unwrap();
    assert_eq!(judge(&log).await, 3);
    fill(&log, 4..=5).await;
}
