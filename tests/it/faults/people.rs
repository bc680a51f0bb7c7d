//! The parts of a snapshot: whoever is read alone is who was written, at that position, or a misfit.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mfa_ledger::disk::Disk;
use mfa_ledger::follow::snapshot::{Keeping, MILESTONE, Misfit, PEOPLE_EVERY, People, Place, Snapshots};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::{AdministratorRegistered, Annex, Commitment};
use mfa_ledger_schemas::{AdministratorId, AnnexId, CredentialId, LedgerId, Position, Record, StreamName};

use super::snapshot::{record, seal};
use super::table::crash_table;

const HASH: [u8; 32] = [9; 32];

fn adm(number: u8) -> AdministratorId {
    AdministratorId::from_bytes([number; 16])
}

/// One more administrator is registered by each record.
fn registered(number: u8) -> Record {
    let (administrator, unlike) = (adm(number), record(u64::from(number)));
    let event = AdministratorRegistered {
        administrator,
        user_name: format!("person-{number}"),
        role: "help-desk".parse().expect("a role id"),
        super_administrator: false,
        password: CredentialId::from_bytes([number; 16]),
        password_expires: unlike.at.plus_hours(72),
        personal: Annex { id: AnnexId::from_bytes([number; 16]), commitment: Commitment([1; 32]) },
    };
    Record { stream: StreamName::Administrator(administrator), event: event.into(), ..unlike }
}

/// With three administrators, and with four.
static STATES: LazyLock<[State; 2]> = LazyLock::new(|| {
    let mut state = State::default();
    let mut fold_to = |end: u8| {
        for number in u8::try_from(state.position().0).expect("few") + 1..=end {
            state.apply(Position(u64::from(number)), &registered(number)).expect("it is the next");
        }
        state.clone()
    };
    [fold_to(3), fold_to(4)]
});

fn snapshots(dir: &Path, disk: Disk, ledger: u8) -> Snapshots {
    let keeping = Keeping { data_dir: dir.to_owned(), disk, every: MILESTONE, reserve: 0 };
    Snapshots::new(keeping, LedgerId::from_bytes([ledger; 16]), seal(1))
}

fn people(dir: &Path, position: u64) -> PathBuf {
    dir.join(format!("snapshots/people-{position:020}"))
}

fn read(dir: &Path, position: u64, id: AdministratorId) -> Result<State, Misfit> {
    told(snapshots(dir, Disk::real(), 1).read_alone(Position(position), id))
}

fn read_all(dir: &Path, position: u64) -> Result<State, Misfit> {
    told(snapshots(dir, Disk::real(), 1).read_everyone(Position(position)))
}

fn told(read: Result<People, Misfit>) -> Result<State, Misfit> {
    read.map(|people| if people.record == HASH { people.state } else { panic!("another record") })
}

fn written() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let all = snapshots(dir.path(), Disk::real(), 1);
    for state in &*STATES {
        all.save(state, HASH, Place::Past).expect("it is written");
    }
    dir
}

/// Whether all of them, and one who was never there, are whom the whole tells, alone and together; else who is not
/// told alone.
fn judge(dir: &Path, state: &State) -> Vec<AdministratorId> {
    let mut misfits = Vec::new();
    let position = state.position().0;
    for id in (0..=5).map(adm) {
        match read(dir, position, id) {
            Ok(alone) => assert!(alone == state.alone(id), "{id} is another than the whole tells"),
            Err(_) => misfits.push(id),
        }
    }
    match read_all(dir, position) {
        Ok(everyone) => assert!(everyone == state.everyone(), "all together are others than the whole tells"),
        Err(_) => assert!(!misfits.is_empty(), "each is told alone, all together are not"),
    }
    misfits
}

#[test]
fn each_is_read_alone_as_the_whole_tells_and_whoever_was_not_there_is_not() {
    let dir = written();
    for state in &*STATES {
        assert_eq!(judge(dir.path(), state), []);
        let there = (0..=5).map(adm).filter(|id| {
            let alone = read(dir.path(), state.position().0, *id).expect("whole");
            alone.directory.administrator(*id).is_some()
        });
        assert_eq!(there.count() as u64, state.position().0);
    }
    std::fs::remove_file(people(dir.path(), 3)).expect("it is there");
    assert!(matches!(read(dir.path(), 3, adm(1)), Err(Misfit::Unreadable(_))));
    snapshots(dir.path(), Disk::real(), 1).save(&STATES[0], HASH, Place::Latest).expect("it is written");
    assert!(read(dir.path(), 3, adm(1)).is_err(), "the latest one has no parts");
    let everyone = STATES[0].everyone();
    snapshots(dir.path(), Disk::real(), 1).save(&everyone, HASH, Place::People).expect("it is written");
    assert_eq!(judge(dir.path(), &STATES[0]), [], "no more of a state is needed than where everyone stood");
}

#[test]
fn the_nearest_is_found_and_what_lies_beyond_the_beginning_of_a_fold_is_dropped() {
    let (dir, all) = (written(), |dir: &Path| snapshots(dir, Disk::real(), 1));
    let nearest = |all: &Snapshots, behind, until| {
        all.nearest_people(Position(behind), Position(until)).map(|position| position.0)
    };
    let known = all(dir.path());
    for (behind, until, found) in
        [(0, 2, None), (0, 3, Some(3)), (0, 9, Some(4)), (3, 4, Some(4)), (4, 9, None), (9, 3, None)]
    {
        assert_eq!(nearest(&known, behind, until), found, "behind {behind}, until {until}");
    }
    known.forget_people(Position(4));
    assert_eq!(nearest(&known, 0, 9), Some(3), "it is left out");
    assert_eq!(nearest(&all(dir.path()), 0, 9), Some(4), "and still lies there");
    known.save(&STATES[1], HASH, Place::People).expect("it is written");
    assert_eq!(nearest(&known, 0, 9), Some(4), "another one took its place");
    known.drop_people_beyond(Position(3));
    assert_eq!(nearest(&known, 0, 9), Some(3));
    assert!(people(dir.path(), 3).exists() && !people(dir.path(), 4).exists());
}

#[test]
fn parts_are_due_every_so_many_records_and_so_many_to_each_administrator() {
    let dir = written();
    let all = snapshots(dir.path(), Disk::real(), 1);
    let due = |last, now, administrators| all.are_people_due(Position(last), Position(now), administrators);
    assert!(!due(0, PEOPLE_EVERY - 1, 1) && due(0, PEOPLE_EVERY, 1));
    assert!(!due(PEOPLE_EVERY, 2 * PEOPLE_EVERY - 1, 1) && due(2 * PEOPLE_EVERY - 1, 2 * PEOPLE_EVERY, 0));
    let many = usize::try_from(PEOPLE_EVERY).expect("few");
    assert!(!due(0, 2 * PEOPLE_EVERY - 1, many) && due(0, 2 * PEOPLE_EVERY, many));
    assert!(due(0, MILESTONE, usize::MAX), "one with each that stays");
}

#[test]
fn no_byte_of_a_part_can_be_changed_and_no_end_cut_off() {
    let dir = written();
    let path = people(dir.path(), 4);
    let sound = std::fs::read(&path).expect("it is there");
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, &bytes).expect("it is written");
        assert!(!judge(dir.path(), &STATES[1]).is_empty(), "byte {at} was changed");
        std::fs::write(&path, &sound[..at]).expect("it is written");
        assert!(!judge(dir.path(), &STATES[1]).is_empty(), "cut at {at}");
    }
}

#[test]
fn a_part_of_another_position_ledger_key_or_person_is_told_apart() {
    let dir = written();
    let (three, four) = (people(dir.path(), 3), people(dir.path(), 4));
    let why = |all: &Snapshots, position| {
        let why = all.read_alone(Position(position), adm(1)).map(drop).expect_err("a misfit");
        let whole = all.read_everyone(Position(position)).map(drop).expect_err("a misfit");
        assert_eq!(why.to_string(), whole.to_string());
        why
    };
    assert!(matches!(why(&snapshots(dir.path(), Disk::real(), 2), 3), Misfit::Other));
    let keeping =
        Keeping { data_dir: dir.path().to_owned(), disk: Disk::real(), every: MILESTONE, reserve: 0 };
    let stranger = Snapshots::new(keeping, LedgerId::from_bytes([1; 16]), seal(2));
    assert!(matches!(why(&stranger, 3), Misfit::Seal));

    // The parts of two people, of the same length, put in each other's place.
    let sound = std::fs::read(&four).expect("it is there");
    let place = |who: u8| {
        let name = format!("person-{who}");
        let found =
            sound.windows(name.len()).position(|bytes| bytes == name.as_bytes()).expect("it is there");
        found - sound[..found].iter().rev().take_while(|byte| **byte != who).count()
    };
    let (first, second) = (place(1), place(2));
    let mut swapped = sound.clone();
    for offset in 0..second - first {
        swapped.swap(first + offset, second + offset);
    }
    assert!(swapped != sound);
    std::fs::write(&four, swapped).expect("it is written");
    let misfits = judge(dir.path(), &STATES[1]);
    assert!(
        misfits.contains(&adm(1)) && misfits.contains(&adm(2)) && !misfits.contains(&adm(4)),
        "{misfits:?}"
    );

    let all = snapshots(dir.path(), Disk::real(), 1);
    std::fs::rename(&three, &four).expect("it is renamed");
    assert!(matches!(why(&all, 4), Misfit::Other));
    let mut bytes = std::fs::read(&four).expect("it is there");
    bytes[20] += 1;
    std::fs::write(&four, bytes).expect("it is written");
    let newer = mfa_ledger_projections::SNAPSHOT_VERSION + 1;
    assert!(matches!(why(&all, 4), Misfit::Version { given } if given == newer));
}

#[tokio::test]
async fn whatever_step_fails_parts_are_whole_or_not_there() {
    let save = |snapshots: &Snapshots| snapshots.save(&STATES[0], HASH, Place::Past).is_ok();
    let table = crash_table(
        async |_: &Path| {},
        async |dir: &Path, disk| save(&snapshots(dir, disk, 1)),
        async |dir: &Path, told: bool| {
            if told || people(dir, 3).exists() {
                assert_eq!(judge(dir, &STATES[0]), [], "what has its name is whole");
            }
            assert!(save(&snapshots(dir, Disk::real(), 1)), "the next one is written");
            assert_eq!(judge(dir, &STATES[0]), []);
        },
    )
    .await;
    let named: Vec<_> = table.steps.iter().map(|step| step.act.to_string()).collect();
    assert!(named.iter().any(|step| step.contains("people-")), "{named:#?}");
}
