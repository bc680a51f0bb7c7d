//! What is fuzzed: plain functions over bytes. libFuzzer runs them (`make fuzz`), and so do the property
//! tests of CI (`tests/it/fuzz/`); one file each, entered in [`ALL`].

mod choices;
pub mod codec;
pub mod config;
mod http;
pub mod journal;
pub mod keyring;
pub mod texts;
pub mod tlog;
pub mod vault;

pub use http::{bodies, headers, queries};

use std::borrow::Cow;
use std::path::Path;

/// What became of an input, in a word or two: a test sees by it that every way was gone.
pub type Outcome = Cow<'static, str>;

/// One thing that is fuzzed.
pub struct Target {
    /// Its file, its program, its test.
    pub name: &'static str,
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Takes any bytes whatever, and panics when a promise is broken.
    pub run: fn(&[u8]) -> Outcome,
}

/// Every target.
pub const ALL: &[Target] = &[
    bodies::TARGET,
    codec::TARGET,
    config::TARGET,
    headers::TARGET,
    journal::TARGET,
    keyring::TARGET,
    queries::TARGET,
    texts::TARGET,
    tlog::TARGET,
    vault::TARGET,
];

/// A directory of its own for files that are gone afterwards: in memory where there is such a place, since
/// nothing is learnt from waiting for a disk.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary directory")
}

/// The root of the repository, from whichever package this is compiled into.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|dir| dir.join("schemas/golden").is_dir()).expect("this lies in the repository")
}

/// Runs to its end what has to wait.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// Where `needle` begins in `bytes`, from `from` on.
fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(needle.len()).position(|window| window == needle).map(|at| from + at)
}
