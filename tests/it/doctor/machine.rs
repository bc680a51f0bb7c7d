//! What is amiss with the machine: the disk, its syncs, the clock.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::config::Config;
use mfa_ledger::data_dir::{FirstAdministrator, init};

use super::{chmod, doctor, on_a_disk};
use crate::support::server::{FIRST, Place, text};

#[test]
fn a_disk_without_the_reserve_is_told_and_not_written_to() {
    let place = on_a_disk();
    let told = doctor(&place, &[("MFA_LEDGER__LOG__RESERVE_MIB", "1048576")]);
    told.says("disk-space", "fail", &["1048576 MiB are to be kept: nothing is recorded", "log.reserve_mib"]);
    told.says("sync", "skipped", &["see disk-space"]);
    assert_eq!(told.code, Some(1));
    let told = doctor(&place, &[("MFA_LEDGER__LOG__RESERVE_MIB", "0")]);
    told.says("disk-space", "warn", &["there is no reserve"]);
    assert_ne!(told.status("sync"), "skipped");
}

#[test]
fn a_directory_in_memory_is_not_durable() {
    let memory = Path::new("/dev/shm");
    let kind = Command::new("stat").args(["-f", "-c", "%T"]).arg(memory).output().expect("there is stat");
    if text(&kind.stdout).trim() != "tmpfs" {
        eprintln!("NOT TESTED: there is no tmpfs at /dev/shm: {}", text(&kind.stderr).trim());
        return;
    }
    let place = Place::empty_in(memory);
    place.init();
    let told = doctor(&place, &[]);
    told.says("sync", "fail", &["tmpfs", "nothing in it is durable", "move it to a disk"]);
    assert_eq!(told.code, Some(1));
}

/// Unmounts when dropped.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let gone = Command::new("umount").arg("-l").arg(self.0).status();
        assert!(gone.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

#[test]
fn a_file_system_that_does_not_really_sync_is_told() {
    let place = Place::empty_in(Path::new(env!("CARGO_TARGET_TMPDIR")));
    for dir in ["lower", "upper", "work", "ledger"] {
        std::fs::create_dir(place.outside().join(dir)).unwrap();
    }
    let options = "lowerdir=lower,upperdir=upper,workdir=work,volatile";
    let mut mount = Command::new("mount");
    mount.args(["-t", "overlay", "-o", options, "overlay", "ledger"]).current_dir(place.outside());
    let mounted = mount.output().expect("there is mount");
    if !mounted.status.success() {
        let why = text(&mounted.stderr);
        eprintln!(
            "NOT TESTED ON A REAL ONE: mounting a volatile overlay is not allowed here: {}",
            why.trim()
        );
        return;
    }
    let data_dir = place.data_dir();
    let mounted = Mounted(&data_dir);
    chmod(&data_dir, 0o700);
    place.init();
    let told = doctor(&place, &[]);
    told.says("sync", "warn", &["a sync on overlay takes", "volatile", "a loss of power may take"]);
    assert_eq!(told.code, Some(0));
    drop(mounted);
}

/// A ledger that was begun by this clock.
async fn begun_at(place: &Place, unix_ms: i64) {
    let mut config = Config { data_dir: place.data_dir(), ..Config::default() };
    (config.hashing.memory_kib, config.hashing.passes) = (64, 1);
    let first = FirstAdministrator {
        user_name: FIRST.to_owned(),
        display_name: FIRST.to_owned(),
        emails: Vec::new(),
        operator: "test".to_owned(),
    };
    let clock = Arc::new(Clock::manual(unix_ms));
    init(&config, first, clock, Arc::new(Chance::System)).await.expect("it begins");
}

#[tokio::test]
async fn a_record_from_the_future_is_told() {
    const HOUR_MS: i64 = 3_600_000;
    for (ahead, status) in [(HOUR_MS, "fail"), (-HOUR_MS, "ok")] {
        let place = Place::empty();
        begun_at(&place, Clock::System.unix_ms() + ahead).await;
        let told = doctor(&place, &[("PATH", "/nowhere")]);
        told.says(
            "clock",
            status,
            if status == "fail" { &["the newest record is of", "Set the clock"] } else { &[] },
        );
        assert_eq!(told.code == Some(1), status == "fail", "{told:?}");
    }
}

#[test]
fn what_the_kernel_says_of_its_clock_is_passed_on() {
    let place = on_a_disk();
    let tool = place.outside().join("timedatectl");
    let path = place.outside().to_str().expect("a plain path").to_owned();
    for (script, status, words) in [
        ("echo yes", "ok", "the clock is synchronised"),
        ("echo no", "warn", "the clock is not synchronised"),
        ("echo perhaps", "ok", "is not told here"),
        ("exit 1", "ok", "is not told here"),
        ("exec /bin/sleep 60", "ok", "is not told here"),
    ] {
        std::fs::write(&tool, format!("#!/bin/sh\n{script}\n")).unwrap();
        chmod(&tool, 0o755);
        let told = doctor(&place, &[("PATH", &path)]);
        told.says("clock", status, &[words]);
        assert_eq!(told.code, Some(0), "{script}: {told:?}");
    }
    doctor(&place, &[("PATH", "/nowhere")]).says("clock", "ok", &["is not told here"]);
}
