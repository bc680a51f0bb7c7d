//! A disk that fails or hangs under the real server: a library that is preloaded into it, made with `cc`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::server::{Place, text};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/shim.c");

/// The library, and the file by which it is told what to do.
#[derive(Debug)]
pub struct Shim {
    shared: PathBuf,
    control: PathBuf,
}

impl Shim {
    /// Makes it beside the data directory of a place.
    pub fn make(place: &Place) -> Self {
        let shared = place.outside().join("shim.so");
        let made =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shared).arg(SOURCE).output();
        let made = made.expect("cc: `.ci/install test` installs it");
        assert!(made.status.success(), "{}", text(&made.stderr));
        Self { shared, control: place.outside().join("shim.control") }
    }

    /// The environment of a server that is to run on it.
    pub fn environment(&self) -> [(&str, &str); 2] {
        [("LD_PRELOAD", plain(&self.shared)), ("DISK_SHIM", plain(&self.control))]
    }

    /// No sync of a file whose path contains this returns.
    pub fn hang(&self, word: &str) {
        self.tell(&format!("hang {word}"));
    }

    /// Every sync of a file whose path contains this fails, and the probe of the disk does too.
    pub fn fail(&self, word: &str) {
        self.tell(&format!("fail {word} /.probe"));
    }

    /// All is well again.
    pub fn heal(&self) {
        std::fs::remove_file(&self.control).expect("it was told something");
    }

    /// At once: it may be read at any moment.
    fn tell(&self, what: &str) {
        let temporary = self.control.with_extension("new");
        std::fs::write(&temporary, what).expect("a file can be written");
        std::fs::rename(temporary, &self.control).expect("a file can be renamed");
    }
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("paths here are plain")
}
