//! Runs the program to its end, and looks at its memory while it runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::Outcome;

/// How often the memory is looked at; the kernel keeps the peak itself.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a run went.
pub struct Measured {
    report: Value,
    /// The most memory that it had, in KiB.
    pub peak_kib: u64,
}

impl Measured {
    pub fn records_per_second(&self) -> Outcome<u64> {
        Ok(self.report["records_per_second"].as_u64().ok_or("no speed was reported")?)
    }
}

/// Runs the program on a data directory.
pub fn run(data_dir: &Path, arguments: &[&str]) -> Outcome<Measured> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-ledger"));
    command.args(arguments).arg("--data-dir").arg(data_dir).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    while child.try_wait()?.is_none() {
        let peak = std::fs::read_to_string(&status).ok().as_deref().and_then(peak);
        peak_kib = peak_kib.max(peak.unwrap_or(0));
        std::thread::sleep(LOOK_EVERY);
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?} ended with {}", output.status).into());
    }
    Ok(Measured { report: serde_json::from_slice(&output.stdout).unwrap_or_default(), peak_kib })
}

fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
