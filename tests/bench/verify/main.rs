//! `make bench`, the second part: how fast `log verify` is, and what memory it takes, over a log of
//! `MFA_LEDGER_BENCH_RECORDS` records (2,000,000 unless told otherwise) and over one four times as long. The
//! records are made through the codec and are as small as it makes them. What is printed is a table in Markdown.

mod generate;
mod measure;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How many records the shorter log has.
const RECORDS: u64 = 2_000_000;

/// How much longer the longer one is.
const TIMES: u64 = 4;

fn main() -> Outcome<()> {
    let records = match std::env::var("MFA_LEDGER_BENCH_RECORDS") {
        Ok(text) => text.parse()?,
        Err(_) => RECORDS,
    };
    println!(
        "| what | records | bytes a record | bytes a leaf | records a second | CPU, ns a record | peak memory, MiB | wanted |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---|");
    for records in [records, records * TIMES] {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let made = generate::log(directory.path(), records)?;
        let export = directory.path().join("export");
        measure::run(&made.data_dir, &["log", "export", "--output", &export.display().to_string()])?;
        let of_export = ["log", "verify", "--output", "json", "--export", &export.display().to_string()];
        let whats: [(&str, &[&str]); 2] =
            [("log verify", &["log", "verify", "--output", "json"]), ("log verify --export", &of_export)];
        for (what, arguments) in whats {
            let measured = measure::run(&made.data_dir, arguments)?;
            let (per_record, per_leaf) = (made.bytes / records, made.leaf_bytes / records);
            let (speed, memory) = (measured.records_per_second()?, measured.peak_kib / 1_024);
            let cpu = measured.cpu_ns(records);
            println!(
                "| {what} | {records} | {per_record} | {per_leaf} | {speed} | {cpu} | {memory} | 300,000/s, flat |"
            );
        }
    }
    Ok(())
}
