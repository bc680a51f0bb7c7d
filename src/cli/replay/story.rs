//! `mfa-ledger replay --administrator`

use serde_json::Value;

use super::source;
use super::telling::row;
use crate::cli::reach::reach;
use crate::cli::{Column, Failed, Globals, Output, Reach, Rows};

const COLUMNS: &[Column] = &[
    ("Time", "time"),
    ("What", "what"),
    ("By", "by"),
    ("Reason", "reason"),
    ("Verification", "verification"),
    ("Ticket", "ticket"),
    ("Position", "position"),
    ("Void", "void"),
];

pub(super) async fn run(globals: &Globals, who: &str, output: Output) -> Result<(), Failed> {
    let (_, entries) = match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| source::here(here, who).await).await?,
        Reach::There(remote) => source::there(&remote, who).await?,
    };
    let mut rows = Rows::new(output, COLUMNS);
    let told: Vec<Value> = entries.iter().map(row).collect();
    rows.write(&told)?;
    rows.finish()
}
