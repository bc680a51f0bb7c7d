//! How much room there is on the file system that a path lies on.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Disk, Faults};

/// The room of a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// What a process without privileges can still write.
    pub free: u64,
    /// What it holds altogether.
    pub total: u64,
}

/// The room on the file system of `path`, as the operating system tells it. May block as long as the
/// file system does.
pub fn space(path: &Path) -> io::Result<Space> {
    let told = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(told.f_frsize);
    Ok(Space { free: bytes(told.f_bavail), total: bytes(told.f_blocks) })
}

/// A room that a test makes up.
#[derive(Debug, Default)]
pub(super) struct Pretended(Mutex<Option<Space>>);

impl Faults {
    /// From now on the disk claims to have this room; `None` for what it really has.
    pub fn pretend_space(&self, space: Option<Space>) {
        *self.space.0.lock().unwrap_or_else(PoisonError::into_inner) = space;
    }
}

impl Disk {
    /// The room on the file system of `path`; may block as long as the file system does.
    pub fn space(&self, path: &Path) -> io::Result<Space> {
        let pretended = |faults: &Faults| *faults.space.0.lock().unwrap_or_else(PoisonError::into_inner);
        match self.faults.as_deref().and_then(pretended) {
            Some(pretended) => Ok(pretended),
            None => space(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::disk::Fate;

    #[test]
    fn df_says_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let df = Command::new("df").args(["-B1", "--output=size"]).arg(dir.path()).output().unwrap();
        let size: u64 = String::from_utf8(df.stdout).unwrap().lines().last().unwrap().trim().parse().unwrap();
        let told = space(dir.path()).unwrap();
        assert_eq!(told.total, size);
        assert!(told.free <= told.total, "{told:?}");
    }

    #[test]
    fn what_is_not_there_has_no_room_to_tell_of() {
        let error = Disk::real().space(Path::new("/nowhere/at/all")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_test_can_make_up_the_room() {
        let (disk, faults) = Disk::faulty(u64::MAX, Fate::Lost);
        let little = Space { free: 1, total: 2 };
        faults.pretend_space(Some(little));
        assert_eq!(disk.space(Path::new("/")).unwrap(), little);
        faults.pretend_space(None);
        assert_ne!(disk.space(Path::new("/")).unwrap(), little);
    }
}
