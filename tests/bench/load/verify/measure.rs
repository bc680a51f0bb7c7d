//! Runs the program to its end, and looks at its memory while it runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{Outcome, float};

/// How often the memory is looked at; the kernel keeps the peak itself.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The kernel's tick, in microseconds (`USER_HZ` is 100 on Linux).
const TICK_US: u64 = 10_000;

/// How a run went.
pub struct Measured {
    report: Value,
    /// The most memory that it had, in KiB.
    peak_kib: u64,
    /// Time on all cores, in ticks of [`TICK_US`].
    ticks: u64,
}

impl Measured {
    pub fn records_per_second(&self) -> Outcome<f64> {
        Ok(self.report["records_per_second"].as_f64().ok_or("no speed was reported")?)
    }

    /// Time on all cores in microseconds a record: what a machine with other things to do does not change much.
    pub fn cpu_us(&self, records: u64) -> f64 {
        float(self.ticks * TICK_US) / float(records)
    }

    /// The most memory that it had.
    pub fn peak_mib(&self) -> f64 {
        float(self.peak_kib) / 1_024.0
    }
}

/// Runs the program on a data directory.
pub fn run(data_dir: &Path, arguments: &[&str]) -> Outcome<Measured> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-ledger"));
    command.args(arguments).arg("--data-dir").arg(data_dir).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let stat = format!("/proc/{}/stat", child.id());
    let (mut peak_kib, mut ticks) = (0, 0);
    while child.try_wait()?.is_none() {
        let peak = std::fs::read_to_string(&status).ok().as_deref().and_then(peak);
        peak_kib = peak_kib.max(peak.unwrap_or(0));
        let spent = std::fs::read_to_string(&stat).ok().as_deref().and_then(spent);
        ticks = ticks.max(spent.unwrap_or(0));
        std::thread::sleep(LOOK_EVERY);
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?} ended with {}", output.status).into());
    }
    Ok(Measured { report: serde_json::from_slice(&output.stdout).unwrap_or_default(), peak_kib, ticks })
}

fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Ticks in user and kernel mode, the 14th and 15th field: two more than behind the name in brackets.
fn spent(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(ticks()? + ticks()?)
}
