//! The fuzz targets as property tests: the same functions that libFuzzer runs, on inputs drawn from a fixed
//! seed, and on every input that once broke something.

mod inputs;
#[path = "../../fuzz/targets/mod.rs"]
mod targets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use targets::Target;

/// The same inputs each time: a failure can be looked at.
const SEED: u64 = 1;
/// Attempts to make a failing input smaller before it is shown.
const SHRINKING: u32 = 400;

macro_rules! fuzzed {
    ($($name:ident: $per_seed:literal, [$($outcome:literal),*];)+) => {
        $(#[test]
        fn $name() {
            judge(&targets::$name::TARGET, $per_seed, &[$($outcome),*]);
        })+

        const TESTED: &[&str] = &[$(stringify!($name)),+];
    };
}

// Inputs for each seed, and what must have become of some of them.
fuzzed! {
    bodies: 5, [];
    codec: 30, ["decoded", "Decode", "TrailingBytes", "UnknownEvent", "Overlong"];
    config: 150, ["loaded", "File", "SecretInFile", "KeyTwice", "Variable", "UnknownVariable", "Invalid", "Unreadable"];
    headers: 12, ["done", "invalid-request", "unauthenticated", "cross-site-request", "permission-denied"];
    journal: 60, ["opened", "cut", "integrity", "newer", "other ledger"];
    keyring: 100, ["read", "wrong", "malformed"];
    queries: 30, [];
    texts: 200, ["id", "stream", "moment", "position", "member", "slug", "refused", "not UTF-8"];
    tlog: 150, ["note", "checkpoint", "signed checkpoint", "receipt", "receipt of nothing", "key", "private key", "tile", "hashes", "refused"];
    vault: 60, ["whole", "in part", "empty", "damaged", "newer", "wrong key"];
}

fn judge(target: &Target, per_seed: u32, must_happen: &[&str]) {
    let mut outcomes = BTreeMap::<String, u64>::new();
    for (name, input) in found(target.name) {
        println!("{name}");
        (target.run)(&input);
    }
    for (number, seed) in (target.seeds)().into_iter().chain([Vec::new()]).enumerate() {
        let rng_seed = RngSeed::Fixed(SEED + number as u64);
        let config = Config {
            cases: per_seed,
            max_shrink_iters: SHRINKING,
            rng_seed,
            failure_persistence: None,
            ..Config::default()
        };
        let tally = std::cell::RefCell::new(&mut outcomes);
        let run = TestRunner::new(config).run(&inputs::from(seed), |input| {
            let outcome = (target.run)(&input);
            *tally.borrow_mut().entry(outcome.into_owned()).or_default() += 1;
            Ok(())
        });
        match run {
            Ok(()) => {}
            Err(TestError::Fail(why, input)) => panic!("{}", told(target.name, &why.to_string(), &input)),
            Err(TestError::Abort(why)) => panic!("{}: {why}", target.name),
        }
    }
    println!("{outcomes:#?}");
    let missing: Vec<_> = must_happen.iter().filter(|outcome| !outcomes.contains_key(**outcome)).collect();
    assert!(missing.is_empty(), "{}: of all inputs none was {missing:?}: {outcomes:#?}", target.name);
}

/// What to do with an input that broke something.
fn told(target: &str, why: &str, input: &[u8]) -> String {
    let hex = HEXLOWER.encode(input);
    format!(
        "{target}: {why}\n\nThe input, to be kept under a name that says what was wrong:\n  \
         echo {hex} | xxd -r -p > tests/fuzz/found/{target}/NAME"
    )
}

/// Inputs that once broke something.
fn found(target: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(files) = std::fs::read_dir(root().join("found").join(target)) else { return Vec::new() };
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read(&path).expect("it reads"));
    let mut found: Vec<_> = files.map(|file| read(file.expect("a file").path())).collect();
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

#[test]
fn every_target_has_a_test_and_a_program() {
    let names: Vec<_> = targets::ALL.iter().map(|target| target.name).collect();
    assert_eq!(names, TESTED);
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the package");
    let manifest: toml::Table = manifest.parse().expect("a manifest");
    let programs = manifest["bin"].as_array().expect("programs").iter();
    let programs: Vec<_> = programs.map(|program| program["name"].as_str().expect("a name")).collect();
    assert_eq!(names, programs);
    for name in names {
        let source = std::fs::read_to_string(root().join(format!("bins/{name}.rs"))).expect("a program");
        assert!(source.contains(&format!("targets::{name}::TARGET")), "{source}");
    }
    for kept in std::fs::read_dir(root().join("found")).expect("what was found") {
        let name = kept.expect("a directory").file_name();
        assert!(name.to_str().is_some_and(|name| TESTED.contains(&name)), "{name:?} is of no target");
    }
}

#[test]
fn every_body_and_every_parameter_is_reached() {
    use targets::{bodies, queries};
    let mut became = BTreeMap::<String, u64>::new();
    let tame = |seed: Vec<u8>| (bodies::TARGET.run)(&seed).into_owned();
    for seed in (bodies::TARGET.seeds)() {
        *became.entry(tame(seed)).or_default() += 1;
    }
    for seed in (queries::TARGET.seeds)() {
        let outcome = (queries::TARGET.run)(&seed);
        assert!(outcome.ends_with(": answered"), "nothing is wrong with the request, and yet: {outcome}");
    }
    println!("{became:#?}");
    let shaped: Vec<_> = became.keys().filter(|outcome| outcome.contains(" shaped: ")).collect();
    assert_eq!(shaped.len() * 5, (bodies::TARGET.seeds)().len(), "{shaped:?}");
    let unread: Vec<_> = shaped.iter().filter(|outcome| outcome.ends_with("did not parse")).collect();
    assert!(unread.is_empty(), "nothing is wrong with the bodies, and yet: {unread:?}");
}
