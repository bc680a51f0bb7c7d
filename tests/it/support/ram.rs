//! Directories in memory, for tests that open a log or a vault hundreds of times: what a process leaves
//! to the kernel is there after it just as on a disk, and a sync costs nothing. Nothing that is to
//! outlive the loss of power can be shown here; `faults/cuts.rs` and `faults/power.rs` do that.

use std::path::Path;

use tempfile::TempDir;

/// A directory in memory, or on the disk where the machine has no such place; gone when dropped.
pub fn dir() -> TempDir {
    let place = Path::new("/dev/shm");
    let made = if place.is_dir() { tempfile::tempdir_in(place) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a directory can be made")
}

/// Copies a directory with all that is in it.
pub fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory can be made");
    for entry in std::fs::read_dir(from).expect("the directory can be read") {
        let entry = entry.expect("the entry can be read");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("the file can be copied");
        }
    }
}
