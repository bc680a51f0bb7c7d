//! The walls of the house as far as Cargo does not keep them: which room of a crate may use which, who may append, how
//! long a file may be, and what stays out of the crates that must be pure.

mod scan;
mod table;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use table::{LENDS, ROOMS};

/// Who may call the log's `append` and `submit`: the service, and the engines with their tests.
const MAY_APPEND: &[&str] = &["src/ledger/service/", "src/log/"];

const MOST_LINES: usize = 400;

/// Files that may be longer, each with the reason. The list should only ever shrink.
const LONG_FILES: &[(&str, &str)] = &[];

/// What would make a pure crate impure.
const NOT_IN_PURE_CRATES: &[&str] =
    &["async-nats", "axum", "getrandom", "mfa-ledger", "rand", "reqwest", "sled", "tokio", "tower-http"];

#[test]
fn every_file_keeps_to_its_room() {
    let mut faults = String::new();
    for path in rust_files("src") {
        for fault in judge(&path, &read(&path)) {
            let _ = writeln!(faults, "{fault}");
        }
    }
    assert!(faults.is_empty(), "walls broken:\n{faults}");
}

#[test]
fn no_file_is_too_long() {
    let mut faults = String::new();
    for path in ["src", "schemas", "projections", "tests"].into_iter().flat_map(rust_files) {
        let lines = read(&path).lines().count();
        let listed = LONG_FILES.iter().any(|(long, _)| *long == path);
        if lines > MOST_LINES && !listed {
            let _ = writeln!(faults, "{path} has {lines} lines: split it, or list it with a reason");
        }
        if lines <= MOST_LINES && listed {
            let _ = writeln!(faults, "{path} has only {lines} lines: take it off the list");
        }
    }
    for (path, reason) in LONG_FILES {
        if !root().join(path).exists() || reason.is_empty() {
            let _ = writeln!(faults, "{path} is listed, but is gone or has no reason");
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn the_pure_crates_depend_on_nothing_that_acts() {
    assert_eq!(impure(&read("schemas/Cargo.toml"), &["mfa-ledger-projections"]), Vec::<String>::new());
    assert_eq!(impure(&read("projections/Cargo.toml"), &[]), Vec::<String>::new());
    assert_eq!(impure(&read("src/domain/Cargo.toml"), &[]), Vec::<String>::new());
}

/// What is wrong with a file of `src/`, a line each.
fn judge(path: &str, source: &str) -> Vec<String> {
    let mut faults = named_across(path, source);
    let lends = LENDS.iter().find(|(lender, _)| *lender == path).map_or([].as_slice(), |(_, lent)| lent);
    for (handed, line) in scan::handed_on(source) {
        let handed = handed.trim_start_matches("mfa_ledger_");
        if !lends.contains(&handed) {
            // Or else whoever may use this room could reach the other one through it.
            faults.push(format!("{path}:{line}: may not hand on {handed} as its own"));
        }
    }
    if !MAY_APPEND.iter().any(|room| path.starts_with(room)) {
        let lines = scan::appends(source).into_iter();
        faults.extend(lines.map(|line| format!("{path}:{line}: only the service appends to the log")));
    }
    faults
}

/// Rooms of its own crate that a file names and may not.
fn named_across(path: &str, source: &str) -> Vec<String> {
    let inside = |crate_folder: &str| path.strip_prefix(crate_folder)?.strip_prefix('/');
    // The root comes last: all other crates lie below it.
    let Some((inside, rooms)) = ROOMS.iter().find_map(|(folder, rooms)| Some((inside(folder)?, *rooms)))
    else {
        return Vec::new();
    };
    let own = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    if ["lib", "mod"].contains(&own) || root().join("src").join(own).join("Cargo.toml").exists() {
        return Vec::new();
    }
    let Some((_, allowed)) = rooms.iter().find(|(room, _)| *room == own) else {
        return vec![format!("{path}: `{own}` is not in the table of rooms (tests/it/rooms/table.rs)")];
    };
    let across = |named: &str| named != own && rooms.iter().any(|(room, _)| *room == named);
    let named = scan::named_in_crate(source).into_iter();
    let named = named.filter(|(room, _)| across(room) && !allowed.contains(room));
    named.map(|(room, line)| format!("{path}:{line}: {own} may not use {room}")).collect()
}

/// The dependencies of a manifest that do not belong into a pure crate; what only its tests use is free.
fn impure(manifest: &str, more: &[&str]) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().expect("a Cargo.toml is TOML");
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let tables = targets.into_iter().flat_map(|targets| targets.values().filter_map(toml::Value::as_table));
    tables
        .chain([&manifest])
        .flat_map(|table| [table.get("dependencies"), table.get("build-dependencies")])
        .flatten()
        .filter_map(toml::Value::as_table)
        .flatten()
        .map(|(name, value)| value.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_string())
        .filter(|name| NOT_IN_PURE_CRATES.iter().chain(more).any(|banned| banned == name))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file below `folder`, as a path from the root of the workspace, in a stable order.
fn rust_files(folder: &str) -> Vec<String> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(root().join(&folder)).expect("a folder of the workspace is readable");
        for entry in entries {
            let entry = entry.expect("a folder of the workspace is readable");
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path.to_str().expect("paths here are plain").to_string());
            }
        }
    }
    assert!(!files.is_empty(), "{folder} holds no Rust at all: has it moved?");
    files.sort();
    files
}

/// The guard is worth what it catches: each case is a file that must, or must not, be reported.
mod catches {
    use super::{impure, judge};

    /// Judged as the file at `path`, `source` has these faults (said after the path) and no others.
    #[track_caller]
    fn reported(path: &str, source: &str, faults: &[&str]) {
        let found: Vec<_> = judge(path, source).iter().map(|f| f[path.len()..].to_string()).collect();
        assert_eq!(found, faults, "in {path}:\n{source}");
    }

    #[test]
    fn a_room_of_the_same_crate() {
        let fault = [":1: follow may not use service"].as_slice();
        reported("src/ledger/follow/a.rs", "use crate::service::Service;", fault);
        reported("src/ledger/follow/a.rs", "use crate::{follow::b, service};", fault);
        reported("src/ledger/follow/a.rs", "use crate::{follow::{b, c}, service::{d}};", fault);
        reported("src/ledger/follow/a.rs", "fn f() { crate::service::x() }", fault);
        reported("src/ledger/service/a.rs", "use crate::follow::b;", &[]);
        reported("src/base/tlog/a.rs", "\nuse crate::disk;", &[":2: tlog may not use disk"]);
        reported("src/base/chance.rs", "use crate::disk;", &[":1: chance may not use disk"]);
        reported("src/server/a.rs", "use crate::cli;", &[":1: server may not use cli"]);
        reported("src/server/a.rs", "use crate::{config::Config, data_dir::Opened};", &[]);
        reported("src/data_dir/a.rs", "use crate::server;", &[":1: data_dir may not use server"]);
        // In a crate of one room, a module may be called as a room of another crate is.
        reported("src/http/a.rs", "use crate::config::Config;", &[]);
        let unknown = ": `attic` is not in the table of rooms (tests/it/rooms/table.rs)";
        reported("src/attic/a.rs", "", &[unknown]);
    }

    #[test]
    fn a_crate_handed_on() {
        let fault = [":1: may not hand on log as its own"].as_slice();
        reported("src/ledger/service/mod.rs", "pub use mfa_ledger_log::Log;", fault);
        reported("src/ledger/service/a.rs", "pub(crate) use mfa_ledger_log as log;", fault);
        reported(
            "src/ledger/service/mod.rs",
            "pub use mfa_ledger_domain::Caller; use mfa_ledger_log::Log;",
            &[],
        );
    }

    #[test]
    fn nothing_in_comments_strings_and_characters() {
        let silent = [
            "// use crate::service;",
            "/// See [`crate::service`].",
            "/* /* use crate::service; */ use crate::service; */",
            r#"const A: &str = "use crate::service; \" use crate::service;";"#,
            "const A: &str = r#\"\" use crate::service;\"#;",
            "const A: &[u8] = br##\"\"# crate::service\"##; const B: &[u8] = b\"crate::service\";",
            "pub(crate) fn f() {} pub(super) struct S; pub(in crate::follow) struct T;",
            "fn f(&self) { self.service.read(); service::info() }",
        ];
        for source in silent {
            reported("src/ledger/follow/a.rs", source, &[]);
        }
    }

    #[test]
    fn what_follows_comments_strings_and_characters() {
        let heard = [
            "/* /* */ */ use crate::service;",
            r#"const A: &str = "\\"; use crate::service;"#,
            "const A: &str = r##\"\"# \"##; use crate::service;",
            r"const A: (char, char, u8) = ('\'', '\\', b'\''); use crate::service;",
            r#"const A: char = '"'; use crate::service; const B: char = '"';"#,
            "fn f<'a>(x: &'a str) { 'l: loop { break 'l } } use crate::service;",
            "fn r#mod() {} use crate::r#service::x;",
        ];
        for source in heard {
            reported("src/ledger/follow/a.rs", source, &[":1: follow may not use service"]);
        }
    }

    #[test]
    fn an_append_behind_the_back_of_the_service() {
        let fault = [":1: only the service appends to the log"].as_slice();
        reported("src/http/a.rs", "log.append(&stream, &[(a, b)], bytes).await", fault);
        reported("src/ledger/follow/a.rs", "self.log.clone().append(s, r, b,)", fault);
        reported("src/ledger/follow/a.rs", "Log::append(&*log, s, r, b)", fault);
        reported("src/ledger/follow/a.rs", "let f = Log::append;", fault);
        reported("src/react/a.rs", "log.submit(stream, Vec::new(), bytes)?.durable().await", fault);
        reported("src/react/a.rs", "let f = Log::submit;", fault);
        reported("src/http/a.rs", "headers.append(SET_COOKIE, value(a, b)); all.append(&mut more)", &[]);
        reported("src/http/a.rs", "OpenOptions::new().append(true); fn append(a: A, b: B, c: C) {}", &[]);
        reported("src/ledger/service/execute.rs", "log.append(&stream, &reads, bytes).await", &[]);
    }

    #[test]
    fn a_dependency_that_acts() {
        let manifest = "[dependencies]\nserde.workspace = true\nt = { package = 'tokio', version = '1' }\n\
                        [target.'cfg(unix)'.dependencies]\nrand = '1'\n[build-dependencies]\nsled = '1'\n\
                        [dev-dependencies]\naxum = '1'\n";
        assert_eq!(impure(manifest, &["serde"]), ["rand", "serde", "tokio", "sled"]);
    }
}
