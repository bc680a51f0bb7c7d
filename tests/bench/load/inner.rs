//! What criterion found of the inner loops: `make bench` measures those first.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Outcome;
use crate::table::{Figure, Unit};

/// The middle of each, as criterion wrote it down.
pub fn measure() -> Outcome<Vec<Figure>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = env!("CARGO_MANIFEST_DIR");
    let arguments = ["bench", "--locked", "--bench", "inner", "--", "--noplot"];
    let status = Command::new(cargo).args(arguments).current_dir(root).status()?;
    if !status.success() {
        return Err(format!("the inner loops ended with {status}").into());
    }
    // Beside the directory for temporary files of this program.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("a target directory")?;
    let mut figures = Vec::new();
    for group in directories(&target.join("criterion"))? {
        for function in directories(&group)? {
            figures.extend(figure(&function.join("new"))?);
        }
    }
    Ok(figures)
}

/// One loop; nothing where a directory holds something else.
fn figure(directory: &Path) -> Outcome<Option<Figure>> {
    if !directory.join("estimates.json").exists() {
        return Ok(None);
    }
    let read =
        |name: &str| -> Outcome<Value> { Ok(serde_json::from_slice(&std::fs::read(directory.join(name))?)?) };
    let (about, found) = (read("benchmark.json")?, read("estimates.json")?);
    let nanoseconds = found["median"]["point_estimate"].as_f64().ok_or("there is no median")?;
    let elements = about["throughput"]["Elements"].as_f64().unwrap_or(1.0);
    let what = about["full_id"].as_str().ok_or("it has no name")?.replace('/', ": ");
    let what = if elements > 1.0 { format!("{what}, each") } else { what };
    Ok(Some(Figure::new(what, nanoseconds / elements / 1_000.0, Unit::Microseconds, "")))
}

/// Those in a directory, by name.
fn directories(path: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        found.extend(path.is_dir().then_some(path));
    }
    found.sort();
    Ok(found)
}
