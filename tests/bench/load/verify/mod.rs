//! How fast `log verify` is, and what memory it takes, over a log of `MFA_LEDGER_BENCH_RECORDS` records (2,000,000
//! unless told otherwise) and over one four times as long. The records are made through the codec and are as small
//! as it makes them.

mod generate;
mod measure;

use crate::Outcome;
use crate::table::{Figure, Unit};

/// How many records the shorter log has.
const RECORDS: u64 = 2_000_000;

/// How much longer the longer one is.
const TIMES: u64 = 4;

pub fn measure() -> Outcome<Vec<Figure>> {
    let records = match std::env::var("MFA_LEDGER_BENCH_RECORDS") {
        Ok(text) => text.parse()?,
        Err(_) => RECORDS,
    };
    let (short, long) = (of(records)?, of(records * TIMES)?);
    let mut figures = Vec::new();
    for ([speed, cpu, peak], (what, [_, _, before])) in long.into_iter().zip(WHATS.into_iter().zip(short)) {
        let what = format!("{what} of {} records", records * TIMES);
        figures.push(Figure::per_second(&what, speed, "300,000/s"));
        figures.push(Figure::new(format!("{what}, all cores, a record"), cpu, Unit::Microseconds, ""));
        let memory = Figure::new(format!("{what}, peak memory"), peak, Unit::MiB, "flat");
        figures.push(memory.against("of a log a quarter as long", before));
    }
    Ok(figures)
}

const WHATS: [&str; 2] = ["`log verify`", "`log verify --export`"];

/// Records a second, microseconds of all cores a record, MiB at most: of a data directory, and of an export.
fn of(records: u64) -> Outcome<[[f64; 3]; 2]> {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let data_dir = generate::log(directory.path(), records)?;
    let export = directory.path().join("export").display().to_string();
    measure::run(&data_dir, &["log", "export", "--output", &export])?;
    let figures = |arguments: &[&str]| {
        let measured = measure::run(&data_dir, arguments)?;
        Outcome::Ok([measured.records_per_second()?, measured.cpu_us(records), measured.peak_mib()])
    };
    Ok([
        figures(&["log", "verify", "--output", "json"])?,
        figures(&["log", "verify", "--output", "json", "--export", &export])?,
    ])
}
