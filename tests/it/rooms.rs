//! The walls of the house: which room may use which, who may append, how long a file may be, and
//! what stays out of the two crates that must be pure. A new room must be put into the table first.

mod scan;
mod table;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use table::{LENDS, ROOMS};

/// The root of the library: it declares the rooms, so it may name all of them.
const ROOT: &str = "src/lib.rs";

/// Who may call the log's `append` and `submit`: the service, and the engines with their tests.
const MAY_APPEND: &[&str] = &["service", "log"];

const MOST_LINES: usize = 400;

/// Files that may be longer, each with the reason. The list should only ever shrink.
const LONG_FILES: &[(&str, &str)] = &[];

/// What would make a pure crate impure.
const NOT_IN_PURE_CRATES: &[&str] =
    &["async-nats", "axum", "getrandom", "mfa-ledger", "rand", "reqwest", "sled", "tokio", "tower-http"];

#[test]
fn every_room_uses_only_what_the_table_allows() {
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
}

#[test]
fn the_table_has_no_circles() {
    // Rooms whose every use is known to end somewhere, found from the bottom up.
    let mut ends = vec!["schemas", "projections"];
    loop {
        let before = ends.len();
        for (room, uses) in ROOMS {
            if !ends.contains(room) && uses.iter().all(|used| ends.contains(used)) {
                ends.push(room);
            }
        }
        if ends.len() == before {
            break;
        }
    }
    let circular: Vec<_> = ROOMS.iter().map(|(room, _)| room).filter(|room| !ends.contains(room)).collect();
    assert!(circular.is_empty(), "these use each other, or a room that is not in the table: {circular:?}");
}

fn may_lend(room: &str, used: &str) -> bool {
    LENDS.iter().any(|(lender, lent)| *lender == room && lent.contains(&used))
}

/// What is wrong with a file of `src/`, a line each.
fn judge(path: &str, source: &str) -> Vec<String> {
    if path == ROOT {
        return Vec::new();
    }
    let module = module_of(path);
    let room = if path == "src/main.rs" { "main" } else { module[0] };
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{path}: `{room}` is not in the table of rooms (tests/it/rooms/table.rs)")];
    };
    let mut faults = Vec::new();
    for used in scan::uses(source, &module) {
        if used.room == room {
            continue;
        }
        if !allowed.contains(&used.room.as_str()) {
            faults.push(format!("{path}:{}: {room} may not use {}", used.line, used.room));
        } else if used.lent && !may_lend(room, &used.room) {
            // Or else whoever may use this room could reach the other one through it.
            faults.push(format!("{path}:{}: {room} may not hand on {} as its own", used.line, used.room));
        }
    }
    if !MAY_APPEND.contains(&room) {
        let lines = scan::appends(source).into_iter();
        faults.extend(lines.map(|line| format!("{path}:{line}: only the service appends to the log")));
    }
    faults
}

/// `src/http/resets.rs` and `src/http/resets/mod.rs` are both the module `http::resets`.
fn module_of(path: &str) -> Vec<&str> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<_> = inside.split('/').collect();
    if matches!(module.last(), Some(&("mod" | "main" | "lib"))) {
        module.pop();
    }
    module
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
    fn a_plain_path() {
        reported("src/http/a.rs", "use crate::log;", &[":1: http may not use log"]);
        reported("src/http/a.rs", "\nfn f() { crate::log::open() }", &[":2: http may not use log"]);
        reported("src/http/a.rs", "use crate::domain::policy;", &[":1: http may not use domain"]);
        reported("src/main.rs", "fn main() { mfa_ledger::log::open() }", &[":1: main may not use log"]);
        reported("src/http/a.rs", "use crate::{service::Service, http::b};", &[]);
    }

    #[test]
    fn a_member_crate_by_any_spelling() {
        reported("src/log/a.rs", "use ::mfa_ledger_schemas::Record;", &[":1: log may not use schemas"]);
        reported(
            "src/vault.rs",
            "extern crate mfa_ledger_projections as p;",
            &[":1: vault may not use projections"],
        );
        reported(
            "src/log/a.rs",
            "use {bytes::Bytes, mfa_ledger_schemas as s};",
            &[":1: log may not use schemas"],
        );
        reported("src/domain/a.rs", "use mfa_ledger_schemas::{Record, event::Event};", &[]);
    }

    #[test]
    fn every_branch_of_a_group() {
        let source = "use crate::{\n  domain::{decide, state::{self, State}},\n  log as l,\n  vault,\n};";
        let faults = [":2: follow may not use domain", ":4: follow may not use vault"].as_slice();
        reported("src/follow/a.rs", source, faults);
        reported("src/domain/a.rs", "use super::{b, super::{log}};", &[":1: domain may not use log"]);
    }

    #[test]
    fn super_that_leaves_the_room() {
        reported("src/domain/a.rs", "use super::super::http::x;", &[":1: domain may not use http"]);
        reported("src/domain/mod.rs", "use super::http::x;", &[":1: domain may not use http"]);
        reported("src/domain/a/b.rs", "use super::super::x;", &[]);
        reported("src/domain/a/b.rs", "use self::super::super::super::log;", &[":1: domain may not use log"]);
        reported("src/disk.rs", "use super::log;", &[":1: disk may not use log"]);
    }

    #[test]
    fn super_counted_from_an_inline_module() {
        let source = "mod tests {\n use super::super::x;\n fn f() { {} }\n use super::super::super::log;\n}\nuse super::super::log;";
        let faults = [":4: domain may not use log", ":6: domain may not use log"];
        reported("src/domain/a.rs", source, &faults);
        reported("src/disk.rs", "mod tests { use super::*; }", &[]);
    }

    #[test]
    fn paths_that_could_lead_anywhere() {
        reported("src/domain/a.rs", "use crate::*;", &[":1: domain may not use *"]);
        reported("src/domain/a.rs", "use crate as all;", &[":1: domain may not use crate"]);
        reported("src/domain/a.rs", "use crate::{self as all};", &[":1: domain may not use crate"]);
        reported(
            "src/domain/a.rs",
            "macro_rules! m { ($r:ident) => { $crate::$r::x() } }",
            &[":1: domain may not use crate"],
        );
    }

    #[test]
    fn a_room_handed_on() {
        reported(
            "src/service/mod.rs",
            "pub use crate::log::Log;",
            &[":1: service may not hand on log as its own"],
        );
        reported(
            "src/service/mod.rs",
            "pub(crate) use crate::{follow};",
            &[":1: service may not hand on follow as its own"],
        );
        reported("src/service/mod.rs", "pub use self::execute::execute; use crate::log::Log;", &[]);
    }

    #[test]
    fn nothing_in_comments_strings_and_characters() {
        let silent = [
            "// use crate::log;",
            "/// See [`crate::log`].",
            "/* /* use crate::log; */ use crate::log; */",
            r#"const A: &str = "use crate::log; \" use crate::log;";"#,
            "const A: &str = r#\"\" use crate::log;\"#;",
            "const A: &[u8] = br##\"\"# crate::log\"##; const B: &[u8] = b\"crate::log\";",
            "pub(crate) fn f() {} pub(super) struct S; pub(in crate::domain) struct T;",
            "fn f(&self) { self.log.read(); log::info() }",
        ];
        for source in silent {
            reported("src/domain/a.rs", source, &[]);
        }
    }

    #[test]
    fn what_follows_comments_strings_and_characters() {
        let heard = [
            "/* /* */ */ use crate::log;",
            r#"const A: &str = "\\"; use crate::log;"#,
            "const A: &str = r##\"\"# \"##; use crate::log;",
            r"const A: (char, char, u8) = ('\'', '\\', b'\''); use crate::log;",
            r#"const A: char = '"'; use crate::log; const B: char = '"';"#,
            "fn f<'a>(x: &'a str) { 'l: loop { break 'l } } use crate::log;",
            "fn r#mod() {} use r#crate_like::x; use crate::log;",
        ];
        for source in heard {
            reported("src/domain/a.rs", source, &[":1: domain may not use log"]);
        }
    }

    #[test]
    fn a_room_that_nobody_entered_in_the_table() {
        let fault = ": `utils` is not in the table of rooms (tests/it/rooms/table.rs)";
        reported("src/utils.rs", "", &[fault]);
        reported("src/utils/a.rs", "", &[fault]);
        reported("src/domain/a.rs", "use crate::utils;", &[":1: domain may not use utils"]);
    }

    #[test]
    fn an_append_behind_the_back_of_the_service() {
        let fault = [":1: only the service appends to the log"].as_slice();
        reported("src/http/a.rs", "log.append(&stream, &[(a, b)], bytes).await", fault);
        reported("src/follow/a.rs", "self.log.clone().append(s, r, b,)", fault);
        reported("src/follow/a.rs", "Log::append(&*log, s, r, b)", fault);
        reported("src/follow/a.rs", "let f = Log::append;", fault);
        reported("src/react/a.rs", "log.submit(stream, Vec::new(), bytes)?.durable().await", fault);
        reported("src/react/a.rs", "let f = Log::submit;", fault);
        reported("src/http/a.rs", "headers.append(SET_COOKIE, value(a, b)); all.append(&mut more)", &[]);
        reported("src/http/a.rs", "OpenOptions::new().append(true); fn append(a: A, b: B, c: C) {}", &[]);
        reported("src/service/execute.rs", "log.append(&stream, &reads, bytes).await", &[]);
    }

    #[test]
    fn a_dependency_that_acts() {
        let manifest = "[dependencies]\nserde.workspace = true\nt = { package = 'tokio', version = '1' }\n\
                        [target.'cfg(unix)'.dependencies]\nrand = '1'\n[build-dependencies]\nsled = '1'\n\
                        [dev-dependencies]\naxum = '1'\n";
        assert_eq!(impure(manifest, &["serde"]), ["rand", "serde", "tokio", "sled"]);
    }
}
