//! A disk of a test's own, small enough to be filled: a tmpfs, which needs root to be mounted.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::server::text;

/// What fills it.
const FILLER: &str = "filler";

/// A mounted tmpfs; unmounted when dropped, which must be after everything that uses it.
#[derive(Debug)]
pub struct Tmpfs(PathBuf);

impl Tmpfs {
    /// Mounts one of so many MiB on `dir`, which is made if need be. `None`, and a line that cannot be
    /// overlooked, where this machine does not allow it.
    pub fn mount(dir: &Path, mib: u64) -> Option<Self> {
        std::fs::create_dir_all(dir).expect("a directory can be made");
        let size = format!("size={mib}m,mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir).output();
        let why = match mounted {
            Ok(output) if output.status.success() => return Some(Self(dir.to_owned())),
            Ok(output) => text(&output.stderr),
            Err(error) => error.to_string(),
        };
        eprintln!("NOT TESTED ON A REAL FULL DISK: mounting a tmpfs is not allowed here: {}", why.trim());
        None
    }

    /// Free bytes, as `df` has them.
    pub fn free(&self) -> u64 {
        let df =
            Command::new("df").args(["-B1", "--output=avail"]).arg(&self.0).output().expect("there is df");
        let told = text(&df.stdout);
        told.lines().last().and_then(|line| line.trim().parse().ok()).expect("df tells a number")
    }

    /// Fills it until no more than `free` bytes are left, or nothing more goes in.
    pub fn fill(&self, free: u64) {
        let mut file = File::options().create(true).append(true).open(self.0.join(FILLER)).expect("a file");
        while let left = self.free()
            && left > free
        {
            let bytes = usize::try_from(left - free).expect("it is small");
            match file.write_all(&vec![7; bytes]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Gives back what was filled.
    pub fn empty(&self) {
        std::fs::remove_file(self.0.join(FILLER)).expect("it was filled");
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: a process that is just being killed may still have a file open.
        let gone = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(
            gone.is_ok_and(|status| status.success()) || std::thread::panicking(),
            "{}",
            self.0.display()
        );
    }
}
