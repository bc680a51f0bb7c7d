//! The vault: opened on any bytes as its two files. It opens and gives only what was once put into it, or
//! tells a typed error and touches nothing.
//!
//! An input is the file of key slots, without the zeros that fill its first page, and behind it the sealed
//! bytes. Each is tried as it is and with all its checksums made right.

use std::path::Path;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::vault::{EntryId, MasterKey, OpenError, Purpose, Vault, VaultError};
use zeroize::Zeroizing;

use super::{Outcome, Target, find, scratch, wait};

pub const TARGET: Target = Target { name: "vault", seeds, run };

// The formats are frozen, and written down in `src/vault/{header,slots,sealed}.rs`.
const SEALED_MAGIC: &[u8] = b"mlseald\n";
const SLOTS_CHECKED: usize = 84;
const SLOTS_HEADER: usize = 4096;
const SLOT: usize = 64;
const SEALED_CHECKED: usize = 28;
const SEALED_HEADER: usize = 32;
const FRAME_HEAD: usize = 8;

const OWNER: [u8; 16] = [0xaa; 16];
const PURPOSES: [Purpose; 4] = [Purpose::TotpSeed, Purpose::BackupCodes, Purpose::Password, Purpose::Annex];
/// Entries of a seed, by the first byte of their ids.
const ENTRIES: std::ops::RangeInclusive<u8> = 1..=4;

/// A vault without entries, one with four, one with a hole.
pub fn seeds() -> Vec<Vec<u8>> {
    let made = [(0, false), (4, false), (4, true)].map(|(entries, hole)| {
        let dir = scratch();
        let vault = open(dir.path()).expect("a new vault opens");
        wait(async {
            for n in ENTRIES.take(entries) {
                put(&vault, n).await.expect("it takes it");
            }
            if hole {
                vault.destroy(&[id(2)]).await.expect("it goes");
            }
        });
        drop(vault);
        let (slots, sealed) = files(dir.path());
        let used = slots.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let used = used.saturating_sub(SLOTS_HEADER).next_multiple_of(SLOT);
        [&slots[..SLOTS_CHECKED + 4], &slots[SLOTS_HEADER..SLOTS_HEADER + used], &sealed].concat()
    });
    made.to_vec()
}

pub fn run(data: &[u8]) -> Outcome {
    let at = find(data, SEALED_MAGIC, 0).unwrap_or(data.len());
    let (slots, sealed) = data.split_at(at);
    opened(slots, sealed);
    let mut resealed = slots.to_vec();
    if let Some(sum) = resealed.get(..SLOTS_CHECKED).map(crc32c::crc32c)
        && let Some(place) = resealed.get_mut(SLOTS_CHECKED..SLOTS_CHECKED + 4)
    {
        place.copy_from_slice(&sum.to_le_bytes());
    }
    let filled = filled(slots);
    let as_it_is = opened(&filled, sealed);
    let (other_slots, other_sealed) = (self::filled(&resealed), sealed_again(sealed));
    if other_slots == filled && other_sealed == sealed {
        as_it_is
    } else {
        opened(&other_slots, &other_sealed)
    }
}

fn id(n: u8) -> EntryId {
    [n; 16]
}

fn secret(id: EntryId) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(format!("the secret of entry number {}", id[0]).into_bytes())
}

fn purpose(n: u8) -> Purpose {
    PURPOSES[usize::from(n) % PURPOSES.len()]
}

async fn put(vault: &Vault, n: u8) -> Result<(), VaultError> {
    vault.put(id(n), purpose(n), OWNER, secret(id(n))).await
}

fn open(dir: &Path) -> Result<Vault, OpenError> {
    let key = MasterKey::from_bytes([0x11; 32]);
    Vault::open(dir, &key, Disk::real(), Arc::new(Chance::seeded(1)))
}

fn opened(slots: &[u8], sealed: &[u8]) -> Outcome {
    let dir = scratch();
    std::fs::write(dir.path().join("slots"), slots).expect("it can be written");
    std::fs::write(dir.path().join("sealed"), sealed).expect("it can be written");
    match open(dir.path()) {
        Ok(vault) => gives(dir.path(), vault),
        Err(error) => {
            let after = files(dir.path());
            assert!(after == (slots.to_vec(), sealed.to_vec()), "nothing is changed: {error}");
            match error {
                OpenError::WrongKey => "wrong key".into(),
                OpenError::NewerFormat { .. } => "newer".into(),
                OpenError::Damaged { .. } => "damaged".into(),
                OpenError::Io { .. } => panic!("the bytes of a file are no reason for: {error:?}"),
            }
        }
    }
}

/// What opened gives what was put and nothing else, takes an entry more, and lets all of them go.
fn gives(dir: &Path, vault: Vault) -> Outcome {
    let ids = vault.ids();
    let mut given = 0;
    for id in &ids {
        for purpose in PURPOSES {
            match vault.read(*id, purpose, OWNER) {
                Ok(Some(found)) => {
                    assert!(ENTRIES.contains(&id[0]) && found == secret(*id), "{id:?}: it was never put");
                    given += 1;
                }
                Ok(None) => panic!("{id:?} is listed, and not there"),
                Err(VaultError::Mismatch | VaultError::Damaged) => {}
                Err(error) => panic!("{id:?}: {error:?}"),
            }
        }
    }
    assert!(given <= ids.len(), "an entry has one purpose");
    let more = (0..=u8::MAX).rev().find(|n| !ids.contains(&self::id(*n))).expect("few entries");
    wait(put(&vault, more)).expect("it takes one more");
    drop(vault);
    let vault = open(dir).expect("what was open opens again");
    let all = vault.ids();
    assert_eq!(all.len(), ids.len() + 1);
    let found = vault.read(self::id(more), purpose(more), OWNER).expect("it reads");
    assert_eq!(found, Some(secret(self::id(more))));
    assert_eq!(wait(vault.destroy(&all)).expect("they go"), all.len());
    drop(vault);
    assert!(open(dir).expect("it opens empty").ids().is_empty());
    match (given, ids.len()) {
        (_, 0) => "empty".into(),
        (given, listed) if given == listed => "whole".into(),
        _ => "in part".into(),
    }
}

fn files(dir: &Path) -> (Vec<u8>, Vec<u8>) {
    let read = |name| std::fs::read(dir.join(name)).expect("it reads");
    (read("slots"), read("sealed"))
}

/// With the zeros that an input leaves out.
fn filled(slots: &[u8]) -> Vec<u8> {
    let (header, rest) = slots.split_at(slots.len().min(SLOTS_CHECKED + 4));
    let mut all = header.to_vec();
    if header.len() == SLOTS_CHECKED + 4 {
        all.resize(SLOTS_HEADER, 0);
        all.extend_from_slice(rest);
    }
    all
}

/// Sealed bytes with every checksum right, as far as what is under it has a shape at all.
fn sealed_again(sealed: &[u8]) -> Vec<u8> {
    let mut all = sealed.to_vec();
    if all.len() >= SEALED_HEADER {
        let sum = crc32c::crc32c(&all[..SEALED_CHECKED]);
        all[SEALED_CHECKED..SEALED_HEADER].copy_from_slice(&sum.to_le_bytes());
    }
    let mut at = SEALED_HEADER;
    while let Some(length) = all.get(at..at + 4) {
        let body = u32::from_le_bytes(length.try_into().expect("four bytes"));
        let end = at.saturating_add(FRAME_HEAD).saturating_add(usize::try_from(body).unwrap_or(usize::MAX));
        if end > all.len() {
            break;
        }
        let sum = crc32c::crc32c_append(crc32c::crc32c(&all[at..at + 4]), &all[at + FRAME_HEAD..end]);
        all[at + 4..at + FRAME_HEAD].copy_from_slice(&sum.to_le_bytes());
        at = end;
    }
    all
}
