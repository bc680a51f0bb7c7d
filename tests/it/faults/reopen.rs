//! The server loop on a disk that fails and gets well: it says so, refuses commands, and takes them again by itself.
//!
//! One row for each way in which a write to log or vault fails. Each row: commands before the fault are acknowledged;
//! the fault hits; callers hear 503 and `/readyz` is 503; the disk gets well; commands are taken again without a
//! restart; everything acknowledged is there once, what was unknown is settled by its key, ended secrets are gone.

mod base;
mod late;
mod row;
mod served;

use mfa_ledger::disk::{Fate, Kind};

use base::Base;
use row::{Row, hold};

/// Where a step is: the directory, and how the name in it ends.
type Where = (&'static str, &'static str);

const SEGMENT: Where = ("journal", ".segment");
const NEXT: Where = ("journal", ".new");
const SEALED: Where = ("vault", "sealed");
const COMPACTED: Where = ("vault", "sealed.new");
const SLOTS: Where = ("vault", "slots");

fn row(name: &'static str, kind: Kind, place: Where, fate: Fate) -> Row {
    Row { name, kind, place, fate, times: 1, idle: false, calm_before: true }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_is_reopened_when_the_disk_is_well() {
    let rows = [
        row("a commit is lost", Kind::Write, SEGMENT, Fate::Lost),
        row("a commit is kept, and reported as failed", Kind::Write, SEGMENT, Fate::Kept),
        row("half a commit finds room", Kind::Write, SEGMENT, Fate::Full),
        row("the sync of a commit is lost", Kind::Sync, SEGMENT, Fate::Lost),
        row("the sync of a commit is kept, and reported as failed", Kind::Sync, SEGMENT, Fate::Kept),
        Row { idle: true, ..row("the reading copy is not synced", Kind::Sync, ("sled", "db"), Fate::Lost) },
        Row { times: 3, ..row("commits fail three times in a row", Kind::Sync, SEGMENT, Fate::Kept) },
    ];
    hold(&Base::small().await, &rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_segment_that_cannot_be_begun_is_begun_when_the_disk_is_well() {
    let rows = [
        row("the full segment is not cut", Kind::SetLen, SEGMENT, Fate::Lost),
        row("the full segment is cut, reported as failed", Kind::SetLen, SEGMENT, Fate::Kept),
        row("the next segment is not made", Kind::Create, NEXT, Fate::Lost),
        row("the next segment finds no room", Kind::Create, NEXT, Fate::Full),
        row("half the header of the next segment finds room", Kind::Write, NEXT, Fate::Full),
        row("the next segment is not synced", Kind::Sync, NEXT, Fate::Lost),
        row("the next segment does not get its name", Kind::Rename, NEXT, Fate::Lost),
        row("the next segment gets its name, reported as failed", Kind::Rename, NEXT, Fate::Kept),
        row("the name of the next segment is not synced", Kind::SyncDir, ("ledger", "journal"), Fate::Lost),
    ];
    hold(&Base::nearly_full_segment().await, &rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_cannot_be_written_is_reopened_when_the_disk_is_well() {
    let rows = [
        row("a secret is lost", Kind::Write, SEALED, Fate::Lost),
        row("a secret is kept, and reported as failed", Kind::Write, SEALED, Fate::Kept),
        row("half a secret finds room", Kind::Write, SEALED, Fate::Full),
        row("the sync of a secret is lost", Kind::Sync, SEALED, Fate::Lost),
        row("the sync of a secret is kept, and reported as failed", Kind::Sync, SEALED, Fate::Kept),
        row("a slot is not written", Kind::Write, SLOTS, Fate::Lost),
        row("a slot is written, and that is reported as failed", Kind::Write, SLOTS, Fate::Kept),
        row("the sync of a slot is lost", Kind::Sync, SLOTS, Fate::Lost),
        row("the sync of a slot is kept, and reported as failed", Kind::Sync, SLOTS, Fate::Kept),
        Row { times: 3, ..row("slots fail three times in a row", Kind::Sync, SLOTS, Fate::Kept) },
    ];
    hold(&Base::small().await, &rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_cannot_grow_or_shrink_does_when_the_disk_is_well() {
    let rows = [
        row("new slots find half the room", Kind::Write, SLOTS, Fate::Full),
        row("new slots are not written", Kind::Write, SLOTS, Fate::Lost),
        row("new slots are not synced", Kind::Sync, SLOTS, Fate::Kept),
    ]
    .map(|row| Row { calm_before: false, ..row });
    hold(&Base::full_slots().await, &rows).await;
    let rows = [
        row("the compacted file is not made", Kind::Create, COMPACTED, Fate::Lost),
        row("the compacted file finds half the room", Kind::Write, COMPACTED, Fate::Full),
        row("the compacted file is not synced", Kind::Sync, COMPACTED, Fate::Lost),
        row("the compacted file does not get its name", Kind::Rename, COMPACTED, Fate::Lost),
        row("the compacted file gets its name, reported as failed", Kind::Rename, COMPACTED, Fate::Kept),
        row("the name of the compacted file is not synced", Kind::SyncDir, ("ledger", "vault"), Fate::Lost),
    ]
    .map(|row| Row { calm_before: false, ..row });
    hold(&Base::full_of_garbage().await, &rows).await;
}
