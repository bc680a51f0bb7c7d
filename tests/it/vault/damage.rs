//! Damage is confined: of a vault with changed or missing bytes exactly the entries that were hit are unreadable, and what is
//! left of them is kept.

use std::path::Path;

use mfa_ledger::vault::{Damaged, Flaw, OpenError, Purpose, Vault};

use super::{OWNER, id, key, open, open_with, put, secret};
use crate::support::ram;
use mfa_ledger::disk::Disk;

const ENTRIES: u8 = 6;
/// Destroyed before the damage: its frame is garbage.
const GONE: u8 = 3;
const SLOTS_HEADER: usize = 4096;
const SEALED_HEADER: usize = 32;
const SLOT: usize = 64;

/// The two files of a vault with a few entries.
struct Files {
    slots: Vec<u8>,
    sealed: Vec<u8>,
}

impl Files {
    async fn made() -> Self {
        let dir = ram::dir();
        let vault = open(dir.path());
        for n in 1..=ENTRIES {
            put(&vault, n).await.unwrap();
        }
        vault.destroy(&[id(GONE)]).await.unwrap();
        drop(vault);
        let read = |name| std::fs::read(dir.path().join(name)).unwrap();
        Self { slots: read("slots"), sealed: read("sealed") }
    }

    fn write(&self, dir: &Path) {
        std::fs::write(dir.join("slots"), &self.slots).unwrap();
        std::fs::write(dir.join("sealed"), &self.sealed).unwrap();
    }

    /// Where the frame of each entry begins, and the end.
    fn frames(&self) -> Vec<usize> {
        let mut edges = vec![SEALED_HEADER];
        while let Some(length) = self.sealed.get(edges[edges.len() - 1]..).and_then(|it| it.first_chunk()) {
            edges.push(edges[edges.len() - 1] + 8 + u32::from_le_bytes(*length) as usize);
        }
        edges
    }

    /// The entry of each slot in use.
    fn taken(&self) -> Vec<(usize, u8)> {
        let slots = self.slots[SLOTS_HEADER..].as_chunks::<SLOT>().0.iter().enumerate();
        slots.filter(|(_, slot)| slot[0] != 0).map(|(at, slot)| (at, slot[0])).collect()
    }
}

fn opens(vault: &Vault, n: u8) -> bool {
    match vault.read(id(n), Purpose::TotpSeed, OWNER) {
        Ok(Some(read)) => {
            assert_eq!(read, secret(n), "entry {n}");
            true
        }
        Ok(None) | Err(_) => false,
    }
}

/// Exactly the live entries but these open; then the vault works and keeps what is left of the others.
async fn judge(dir: &Path, hit: &[u8], about: &str) {
    let before = std::fs::read(dir.join("sealed")).unwrap();
    let vault = open_with(dir, Disk::real()).unwrap_or_else(|error| panic!("{about}: {error}"));
    for n in (1..=ENTRIES).filter(|n| *n != GONE) {
        assert_eq!(opens(&vault, n), !hit.contains(&n), "{about}: entry {n}");
    }
    assert!(!opens(&vault, GONE), "{about}");
    put(&vault, 100).await.unwrap();
    assert!(opens(&vault, 100), "{about}");
    drop(vault);
    let after = std::fs::read(dir.join("sealed")).unwrap();
    let kept = if hit.is_empty() { before.len().min(after.len()) } else { before.len() };
    assert!(hit.is_empty() || after[..kept] == before[..kept], "{about}: damaged bytes were overwritten");
    let vault = open(dir);
    assert!(opens(&vault, 100), "{about}");
    for n in hit {
        // A reset destroys what is left, so that the id is free.
        vault.destroy(&[id(*n)]).await.unwrap();
        assert!(!vault.holds(id(*n)), "{about}: entry {n}");
    }
    assert_eq!(vault.destroy(&[id(100)]).await.unwrap(), 1);
}

#[tokio::test]
async fn every_changed_byte_of_the_sealed_file_of_a_vault_costs_the_entry_that_it_is_in() {
    let files = Files::made().await;
    let frames = files.frames();
    assert_eq!(frames.len(), usize::from(ENTRIES) + 1);
    let dir = ram::dir();
    for at in SEALED_HEADER..files.sealed.len() {
        let hit = frames.iter().rposition(|from| *from <= at).expect("a frame") + 1;
        let hit = u8::try_from(hit).unwrap();
        for bit in [1, 0x80] {
            let mut changed = Files { slots: files.slots.clone(), sealed: files.sealed.clone() };
            changed.sealed[at] ^= bit;
            changed.write(dir.path());
            let vault = open(dir.path());
            let expected = (hit != GONE).then_some(Damaged { id: id(hit), flaw: Flaw::SealedBytes });
            assert_eq!(vault.damaged(), expected.into_iter().collect::<Vec<_>>(), "byte {at}");
            drop(vault);
            if at % 7 == 0 || frames.iter().any(|edge| at.abs_diff(*edge) < 9) {
                judge(dir.path(), &[hit], &format!("byte {at} of sealed")).await;
            }
        }
    }
}

#[tokio::test]
async fn every_changed_byte_of_a_key_slot_of_a_vault_costs_its_entry() {
    let files = Files::made().await;
    let dir = ram::dir();
    let taken = files.taken();
    for slot in 0..=usize::from(ENTRIES) {
        let hit = taken.iter().find(|(at, _)| *at == slot).map(|(_, n)| *n);
        for byte in 0..SLOT {
            let at = SLOTS_HEADER + slot * SLOT + byte;
            let mut changed = Files { slots: files.slots.clone(), sealed: files.sealed.clone() };
            changed.slots[at] ^= 1 << (byte % 8);
            changed.write(dir.path());
            let vault = open(dir.path());
            assert_eq!(vault.damaged().len(), 1, "byte {at}");
            drop(vault);
            judge(dir.path(), hit.as_slice(), &format!("byte {at} of slots")).await;
        }
    }
}

#[tokio::test]
async fn a_vault_that_was_cut_loses_what_was_cut_and_nothing_else() {
    let files = Files::made().await;
    let dir = ram::dir();
    let frames = files.frames();
    for (index, edge) in frames.iter().enumerate() {
        for at in [edge.saturating_sub(1), *edge, edge + 1] {
            if !(SEALED_HEADER..files.sealed.len()).contains(&at) {
                continue;
            }
            let whole = index - usize::from(at < *edge);
            let hit: Vec<_> = (1..=ENTRIES).filter(|n| usize::from(*n) > whole && *n != GONE).collect();
            Files { slots: files.slots.clone(), sealed: files.sealed[..at].to_vec() }.write(dir.path());
            judge(dir.path(), &hit, &format!("sealed cut at {at}")).await;
        }
    }
    let taken = files.taken();
    for slot in 0..=usize::from(ENTRIES) {
        let edge = SLOTS_HEADER + slot * SLOT;
        for at in [edge, edge + 1, edge + SLOT - 1] {
            let hit: Vec<_> = taken.iter().filter(|(it, _)| *it >= slot).map(|(_, n)| *n).collect();
            Files { slots: files.slots[..at].to_vec(), sealed: files.sealed.clone() }.write(dir.path());
            judge(dir.path(), &hit, &format!("slots cut at {at}")).await;
        }
    }
}

#[tokio::test]
async fn a_vault_without_a_file_or_with_a_damaged_header_is_refused_and_left_as_it_is() {
    let files = Files::made().await;
    let dir = ram::dir();
    let refused = |about: &str| {
        let told = open_with(dir.path(), Disk::real());
        assert!(matches!(told, Err(OpenError::Damaged { .. } | OpenError::NewerFormat { .. })), "{about}");
    };
    for at in 0..SEALED_HEADER {
        let mut changed = Files { slots: files.slots.clone(), sealed: files.sealed.clone() };
        changed.sealed[at] ^= 2;
        changed.write(dir.path());
        refused(&format!("byte {at} of sealed"));
        assert_eq!(std::fs::read(dir.path().join("sealed")).unwrap(), changed.sealed);
        Files { slots: files.slots.clone(), sealed: files.sealed[..at].to_vec() }.write(dir.path());
        refused(&format!("sealed cut at {at}"));
    }
    for at in [0, 8, 12, 27, 28, 60, 107, 108, 111, 512, 516, 519, 4000] {
        let mut changed = Files { slots: files.slots.clone(), sealed: files.sealed.clone() };
        changed.slots[at] ^= 2;
        changed.write(dir.path());
        refused(&format!("byte {at} of slots"));
    }
    for name in ["slots", "sealed"] {
        files.write(dir.path());
        std::fs::remove_file(dir.path().join(name)).unwrap();
        refused(name);
    }
}

#[tokio::test]
async fn a_slot_with_the_id_of_another_entry_or_a_second_one_hides_nothing() {
    let files = Files::made().await;
    let dir = ram::dir();
    let slot = |n: u8| {
        let at = files.taken().iter().find(|(_, it)| *it == n).expect("a slot").0;
        SLOTS_HEADER + at * SLOT
    };
    // The id of entry 2 in the slot of entry 1, which comes first.
    let mut changed = Files { slots: files.slots.clone(), sealed: files.sealed.clone() };
    changed.slots[slot(1)..slot(1) + 16].copy_from_slice(&id(2));
    changed.write(dir.path());
    let vault = open(dir.path());
    assert_eq!(vault.damaged(), [Damaged { id: id(2), flaw: Flaw::Key }]);
    assert!(opens(&vault, 2) && !vault.holds(id(1)));
    drop(vault);

    // The slot of entry 4 twice: destroying it destroys both.
    let mut changed = Files { slots: files.slots.clone(), sealed: files.sealed.clone() };
    let copied = changed.slots[slot(4)..slot(4) + SLOT].to_vec();
    let free = SLOTS_HEADER + 20 * SLOT;
    changed.slots[free..free + SLOT].copy_from_slice(&copied);
    changed.write(dir.path());
    let vault = open(dir.path());
    assert_eq!(vault.damaged(), [Damaged { id: id(4), flaw: Flaw::SecondSlot }]);
    assert!(opens(&vault, 4));
    vault.destroy(&[id(4)]).await.unwrap();
    drop(vault);
    let left = std::fs::read(dir.path().join("slots")).unwrap();
    assert!(!left.windows(48).any(|window| window == &copied[16..]), "the key is nowhere any more");
    assert_eq!(open(dir.path()).damaged(), []);
}

#[tokio::test]
async fn what_is_damaged_while_the_vault_is_open_is_listed_once_it_was_read() {
    use std::os::unix::fs::FileExt;
    let dir = ram::dir();
    let vault = open(dir.path());
    for n in 1..=2 {
        put(&vault, n).await.unwrap();
    }
    let file = std::fs::File::options().read(true).write(true).open(dir.path().join("sealed")).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, 70).unwrap();
    file.write_all_at(&[byte[0] ^ 1], 70).unwrap();
    assert!(opens(&vault, 2) && !opens(&vault, 1));
    assert_eq!(vault.damaged(), [Damaged { id: id(1), flaw: Flaw::SealedBytes }]);
    assert_eq!(
        (vault.flaw(id(1)), vault.flaw(id(2)), vault.flaw(id(9))),
        (Some(Flaw::SealedBytes), None, Some(Flaw::Missing),)
    );
    // A disk that comes back.
    file.write_all_at(&byte, 70).unwrap();
    assert!(opens(&vault, 1));
    assert_eq!(vault.damaged(), []);
    assert!(mfa_ledger::vault::Copy::read(dir.path()).unwrap().damaged(&key()).is_empty());
}
