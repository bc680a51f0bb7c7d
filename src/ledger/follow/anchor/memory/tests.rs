use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::keyring::Keyring;
use mfa_ledger_base::tlog::{Checkpoint, Hash, Note};

use super::file::{MAGIC, MAX_BYTES, checksum};
use super::*;

const ANCHOR: &str = "anchor /mnt/x";

fn signed(size: u64) -> SignedCheckpoint {
    let keyring = Keyring::generate("led_x", &Chance::seeded(1));
    let checkpoint = Checkpoint { origin: keyring.origin().to_owned(), size, root: Hash::of_empty_tree() };
    let mut note = Note::unsigned(checkpoint.text()).unwrap();
    note.sign(keyring.signing());
    SignedCheckpoint { checkpoint, note }
}

fn at(ms: i64) -> Instant {
    Instant::from_unix_ms(ms)
}

fn places(dir: &Path) -> Places {
    Places { outside: dir.join("keys/signing.anchors"), inside: dir.join("ledger/anchors") }
}

/// A memory of one target that holds so many records.
fn holding(dir: &Path, size: u64) -> Places {
    let places = places(dir);
    let memory = Memory::open(places.clone(), Disk::real()).unwrap();
    memory.holds(ANCHOR, &signed(size), at(1_000));
    assert_eq!(memory.failure(), None);
    places
}

fn size(places: &Places) -> Option<u64> {
    let read = Remembering::read(places).unwrap();
    read.held(ANCHOR, &signed(1).checkpoint.origin).map(|held| held.signed.checkpoint.size)
}

#[test]
fn both_places_remember_and_the_larger_size_counts() {
    let dir = tempfile::tempdir().unwrap();
    let places = holding(dir.path(), 7);
    assert_eq!(size(&places), Some(7));
    let yesterday = std::fs::read(&places.inside).unwrap();
    holding(dir.path(), 9);
    std::fs::write(&places.inside, &yesterday).unwrap();
    assert_eq!(size(&places), Some(9), "the data directory was rolled back");
    holding(dir.path(), 11);
    std::fs::write(&places.outside, &yesterday).unwrap();
    assert_eq!(size(&places), Some(11));
    std::fs::remove_file(&places.inside).unwrap();
    assert_eq!(size(&places), Some(7), "the outside file counts by itself");
    assert_eq!(Remembering::read(&places).unwrap().faults.len(), 1);
    std::fs::remove_file(&places.outside).unwrap();
    assert_eq!(size(&places), None, "an installation that remembers nothing yet");
    assert_eq!(Remembering::read(&places).unwrap().faults, []);
}

#[test]
fn an_outside_file_that_lacks_what_the_inside_one_remembers_is_refused_unless_it_was_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let places = holding(dir.path(), 7);
    let ours = std::fs::read(&places.outside).unwrap();
    let other = tempfile::tempdir().unwrap();
    let theirs = self::places(other.path());
    let memory = Memory::open(theirs.clone(), Disk::real()).unwrap();
    memory.holds("anchor /mnt/other", &signed(7), at(1_000));
    std::fs::copy(&theirs.outside, &places.outside).unwrap();
    let error = Remembering::read(&places).unwrap_err();
    assert!(error.to_string().contains(&format!("it lacks {ANCHOR}")), "{error}");
    std::fs::write(&places.outside, ours).unwrap();
    forget(&places, Some(ANCHOR), at(2_000), ("ada", "why"), &Disk::real()).unwrap();
    assert_eq!(size(&places), None);
}

#[test]
fn an_inside_file_alone_is_no_memory_and_forgetting_says_what_was_left() {
    let dir = tempfile::tempdir().unwrap();
    let places = holding(dir.path(), 7);
    std::fs::remove_file(&places.outside).unwrap();
    let error = Remembering::read(&places).unwrap_err();
    assert!(matches!(error, MemoryError::Missing { .. }), "{error}");
    let told = error.to_string();
    assert!(
        told.contains("signing.anchors is missing, and ") && told.contains("remembers anchors"),
        "{told}"
    );
    let (left, _) = Remembering::read_what_is_left(&places).unwrap();
    assert_eq!(left.everything().count(), 1);
    let one = forget(&places, Some(ANCHOR), at(2_000), ("ada", "why"), &Disk::real());
    assert!(matches!(one, Err(MemoryError::Missing { .. })));
    let acts = forget(&places, None, at(2_000), ("ada", "why"), &Disk::real()).unwrap();
    let told: Vec<_> = acts.iter().map(|act| (act.target.as_deref(), act.size)).collect();
    assert_eq!(
        told,
        [(Some(ANCHOR), Some(7)), (None, None)],
        "what is left, and that more may have been there"
    );
    assert_eq!(Remembering::read(&places).unwrap().forgotten, acts);
}

#[test]
fn an_inside_file_that_remembers_nothing_needs_no_outside_file() {
    let dir = tempfile::tempdir().unwrap();
    let places = places(dir.path());
    Remembering::default().write(&places.inside, &Disk::real()).unwrap();
    assert_eq!(Remembering::read(&places).unwrap(), Remembering::default());
}

#[test]
fn a_target_is_remembered_under_every_name_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (places, anchor) = (places(dir.path()), dir.path().join("anchor"));
    std::fs::create_dir(&anchor).unwrap();
    let (name, other) = (format!("anchor {}", anchor.display()), format!("anchor {}/.", anchor.display()));
    let memory = Memory::open(places.clone(), Disk::real()).unwrap();
    memory.holds(&name, &signed(7), at(1_000));
    let origin = signed(1).checkpoint.origin;
    let read = Remembering::read(&places).unwrap();
    assert_eq!(read.held(&other, &origin), read.held(&name, &origin));
    assert_eq!(read.of_others(std::slice::from_ref(&other), &origin), []);
    assert_eq!(read.of_others(&["anchor /mnt/y".to_owned()], &origin).len(), 1);
    assert_eq!(read.named(&format!("{}/", anchor.display())), Some(name));
    assert_eq!(memory.held(&other, &origin), None);
    memory.adopt(&other, &origin);
    assert_eq!(memory.held(&other, &origin).map(|held| held.signed.checkpoint.size), Some(7));
    let acts = forget(&places, Some(&other), at(2_000), ("ada", "why"), &Disk::real()).unwrap();
    assert_eq!(acts.len(), 1);
}

#[test]
fn less_than_was_held_and_nothing_are_disputes_and_the_edge_is_none() {
    let held = Held { signed: signed(7), seen: at(0) };
    assert!(held.check(Some(7)).is_ok() && held.check(Some(8)).is_ok());
    for (found, told) in [(Some(6), "it holds a checkpoint of 6 records"), (None, "it holds no checkpoint")] {
        let error = held.check(found).unwrap_err();
        assert!(matches!(error, AnchorError::HoldsLess(_)));
        let text = error.to_string();
        assert!(
            text.contains(told) && text.contains("held one of 7 records at 1970-01-01T00:00:00.000Z"),
            "{text}"
        );
    }
}

#[test]
fn every_cut_and_every_flip_of_the_inside_file_is_found_and_the_outside_file_counts() {
    let dir = tempfile::tempdir().unwrap();
    let places = holding(dir.path(), 7);
    let whole = std::fs::read(&places.outside).unwrap();
    let cuts = (0..whole.len()).map(|cut| whole[..cut].to_vec());
    let flips = (0..whole.len()).map(|at| {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        flipped
    });
    for damaged in cuts.chain(flips) {
        std::fs::write(&places.outside, &damaged).unwrap();
        let refused = Remembering::read(&places).expect_err("the outside file is damaged");
        assert!(
            matches!(refused, MemoryError::Damaged { .. } | MemoryError::NewerFormat { .. }),
            "{refused}"
        );
        std::fs::write(&places.outside, &whole).unwrap();
        std::fs::write(&places.inside, &damaged).unwrap();
        match Remembering::read(&places) {
            Ok(read) => {
                assert_eq!(read.faults.len(), 1, "{}", String::from_utf8_lossy(&damaged));
                assert_eq!(size(&places), Some(7));
            }
            // The digit of the format.
            Err(error) => assert!(matches!(error, MemoryError::NewerFormat { .. }), "{error}"),
        }
    }
}

#[test]
fn two_damaged_files_or_one_without_the_other_are_no_clean_start() {
    let dir = tempfile::tempdir().unwrap();
    let places = holding(dir.path(), 7);
    std::fs::write(&places.outside, "").unwrap();
    std::fs::write(&places.inside, "torn").unwrap();
    assert!(matches!(Remembering::read(&places), Err(MemoryError::Damaged { .. })));
    std::fs::remove_file(&places.inside).unwrap();
    let error = Remembering::read(&places).unwrap_err();
    assert!(error.to_string().contains("signing.anchors is damaged"), "{error}");
    // It is mended by the next thing that is remembered, once the operator has said so.
    let named = forget(&places, Some(ANCHOR), at(2_000), ("ada", "why"), &Disk::real());
    assert!(matches!(named, Err(MemoryError::Damaged { .. })), "one target is not all of them");
    let acts = forget(&places, None, at(2_000), ("ada", "why"), &Disk::real()).unwrap();
    assert_eq!((acts.len(), &acts[0].target), (1, &None));
    let read = Remembering::read(&places).unwrap();
    assert_eq!((read.faults.len(), read.forgotten), (0, acts));
    let aside = std::fs::read_dir(places.outside.parent().unwrap()).unwrap();
    assert!(aside.into_iter().any(|it| it.unwrap().file_name() == "signing.anchors.damaged-2000"));
}

#[test]
fn what_was_forgotten_is_not_brought_back_by_a_file_of_yesterday() {
    let dir = tempfile::tempdir().unwrap();
    let places = holding(dir.path(), 7);
    let yesterday = std::fs::read(&places.inside).unwrap();
    let unknown = forget(&places, Some("anchor /mnt/y"), at(2_000), ("ada", "why"), &Disk::real());
    assert!(matches!(unknown, Err(MemoryError::Unknown(_))));
    let acts = forget(&places, Some(ANCHOR), at(2_000), ("ada", "it was moved"), &Disk::real()).unwrap();
    assert_eq!((acts[0].size, acts[0].seen, acts[0].at), (Some(7), Some(at(1_000)), at(2_000)));
    assert_eq!((acts[0].operator.as_str(), acts[0].reason.as_str()), ("ada", "it was moved"));
    assert_eq!(size(&places), None);
    std::fs::write(&places.inside, &yesterday).unwrap();
    assert_eq!(size(&places), None);
    // What it holds from now on counts, also where it is not more.
    let memory = Memory::open(places.clone(), Disk::real()).unwrap();
    memory.holds(ANCHOR, &signed(7), at(3_000));
    assert_eq!(size(&places), Some(7));
    assert_eq!(Remembering::read(&places).unwrap().forgotten, acts, "once, and for good");
}

#[test]
fn a_place_that_cannot_be_written_is_told_and_the_other_one_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let places = places(dir.path());
    let memory = Memory::open(places.clone(), Disk::real()).unwrap();
    std::fs::write(dir.path().join("keys"), "in the way").unwrap();
    memory.holds(ANCHOR, &signed(7), at(1_000));
    let told = memory.failure().unwrap();
    assert!(told.contains("signing.anchors cannot be written"), "{told}");
    assert!(!places.inside.exists(), "an inside file alone would be refused at the next start");
    std::fs::remove_file(dir.path().join("keys")).unwrap();
    memory.holds(ANCHOR, &signed(8), at(2_000));
    assert_eq!((memory.failure(), size(&places)), (None, Some(8)));
    // Once both are there, the other one is written.
    let inside = std::fs::read(&places.inside).unwrap();
    std::fs::remove_file(&places.outside).unwrap();
    std::fs::create_dir(&places.outside).unwrap();
    memory.holds(ANCHOR, &signed(9), at(3_000));
    assert!(memory.failure().is_some_and(|told| told.contains("signing.anchors cannot be written")));
    assert_ne!(std::fs::read(&places.inside).unwrap(), inside);
}

#[test]
fn a_file_that_is_too_large_is_damaged_and_one_at_the_limit_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let places = places(dir.path());
    std::fs::create_dir(dir.path().join("ledger")).unwrap();
    let limit = usize::try_from(MAX_BYTES).unwrap();
    let file = |length: usize| {
        let json = "{\"held\":[],\"forgotten\":[]}".to_owned();
        let json = json.clone() + &" ".repeat(length - MAGIC.len() - 67 - json.len());
        format!("{MAGIC}{FORMAT} {}\n{json}", checksum(json.as_bytes()))
    };
    for (length, read) in [(limit, true), (limit + 1, false)] {
        let text = file(length);
        assert_eq!(text.len(), length);
        std::fs::write(&places.inside, text).unwrap();
        assert_eq!(Remembering::read(&places).is_ok(), read, "{length}");
    }
}
