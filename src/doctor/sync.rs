//! Whether what is synced is on the medium: what every answer of the log rests on.
//!
//! No program can see through a disk that lies. But a sync takes its time, even on the fastest medium; one
//! that takes next to none went nowhere.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::{Context, Outcome};
use crate::disk::{self, Mount};

/// Syncs that are timed.
const SYNCS: usize = 100;
/// Bytes written before each of them.
const BLOCK: usize = 4096;
/// No sync begins after this time: spinning disks do about a hundred a second.
const ENOUGH: Duration = Duration::from_secs(3);
/// No medium has a median below this: the fastest (with a cache that survives a loss of power) take about twice
/// as long, including the way through the file system.
const IMPLAUSIBLE: Duration = Duration::from_micros(10);

/// File systems that are gone with the power.
const IN_MEMORY: &[&str] = &["tmpfs", "ramfs"];
/// Options with which a sync does not reach the medium.
const NOT_SYNCING: &[&str] = &["volatile", "fsync=volatile", "nobarrier", "barrier=0"];

const ADVICE: &str = "a loss of power may take what was answered: look at mount options (volatile, nobarrier), at the \
                      cache mode of a virtual disk, and at write caches without a battery";

pub(super) fn check(context: &Context) -> Outcome {
    let dir = &context.config.data_dir;
    if context.look.is_err() {
        return Outcome::skipped("there is no ledger to look at; see data-directory");
    }
    let mount = disk::mount(dir);
    if let Ok(Mount { kind, .. }) = &mount
        && IN_MEMORY.contains(&kind.as_str())
    {
        return Outcome::fail(
            format!("the data directory lies on a {kind}, in memory: nothing in it is durable"),
            "move it to a disk",
        );
    }
    match disk::space(dir) {
        Ok(space) if space.free < context.config.log.reserve_mib * 1024 * 1024 => {
            return Outcome::skipped("what little room there is is not written to; see disk-space");
        }
        _ => {}
    }
    match time(dir) {
        Ok(times) => judge(mount.ok().as_ref(), times),
        Err(error) => Outcome::fail(
            format!("a file in the data directory cannot be written and synced: {error}"),
            "look at the permissions of the data directory and at the disk; run this as the server's user",
        ),
    }
}

/// How long each sync took. The file has a name while that is going on: one without might be spared.
fn time(dir: &Path) -> io::Result<Vec<Duration>> {
    let file = tempfile::Builder::new().prefix("doctor-").tempfile_in(dir)?;
    let times = time_syncs(file.as_file());
    file.close()?;
    times
}

fn time_syncs(file: &File) -> io::Result<Vec<Duration>> {
    let begun = Instant::now();
    let block = [0x5a; BLOCK];
    let mut times = Vec::with_capacity(SYNCS);
    for offset in (0..).step_by(BLOCK).take(SYNCS) {
        let since = Instant::now();
        file.write_all_at(&block, offset)?;
        file.sync_data()?;
        times.push(since.elapsed());
        if begun.elapsed() >= ENOUGH {
            break;
        }
    }
    Ok(times)
}

fn judge(mount: Option<&Mount>, mut times: Vec<Duration>) -> Outcome {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let (median, p99) = (at(50), at(99));
    let kind = mount.map_or("a file system that is not told", |mount| mount.kind.as_str());
    let told = format!("a sync on {kind} takes {median:.0?} (p99 {p99:.0?})");
    let option = mount.and_then(|it| it.options.iter().find(|it| NOT_SYNCING.contains(&it.as_str())));
    match option {
        Some(option) => Outcome::warn(format!("{told}, and it is mounted with {option}"), ADVICE),
        None if median < IMPLAUSIBLE => {
            Outcome::warn(format!("{told}: too fast for any medium, so it does not get there"), ADVICE)
        }
        None => Outcome::ok(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    fn mounted(option: &str) -> Mount {
        Mount {
            point: "/".into(),
            kind: "ext4".to_owned(),
            options: vec!["rw".to_owned(), option.to_owned()],
        }
    }

    #[test]
    fn what_is_too_fast_or_mounted_not_to_sync_is_told() {
        let judged = |times: &[u64], option| {
            judge(Some(&mounted(option)), times.iter().copied().map(Duration::from_micros).collect())
        };
        assert_eq!(judged(&[10], "noatime").status, Status::Ok);
        assert_eq!(judged(&[9], "noatime").status, Status::Warn);
        assert_eq!(judged(&[9, 9, 300], "noatime").status, Status::Warn);
        assert_eq!(judged(&[9, 300, 300], "noatime").status, Status::Ok);
        assert_eq!(judged(&[300], "fsync=volatile").status, Status::Warn);
        let times: Vec<_> = (1..=100).rev().map(|n| n * 100).collect();
        assert_eq!(judged(&times, "noatime").detail, "a sync on ext4 takes 5ms (p99 10ms)");
    }

    #[test]
    fn as_many_syncs_are_timed_as_there_should_be_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let times = time(dir.path()).unwrap();
        assert!((1..=SYNCS).contains(&times.len()));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
