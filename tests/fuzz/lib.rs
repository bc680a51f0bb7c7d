//! What the programs of `bins/` have in common: the targets, and the corpus that each begins with.

#[path = "../it/support/house.rs"]
pub mod house;
#[path = "../it/support/http.rs"]
mod http;
pub mod targets;

/// Where the targets look for the house, here as in the tests.
mod support {
    pub use super::house;
    pub use super::http::http;
}

use std::path::PathBuf;

use targets::Target;

/// Puts the seeds of a target into the corpus directory named on the command line, if one is named.
pub fn sow(target: &Target) {
    let directory = std::env::args_os().skip(1).map(PathBuf::from).find(|path| path.is_dir());
    let Some(directory) = directory else { return };
    for (number, seed) in (target.seeds)().into_iter().enumerate() {
        let path = directory.join(format!("seed-{number:03}"));
        std::fs::write(&path, seed).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
