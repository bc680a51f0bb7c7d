//! The whole activity log as an export.

use tokio::time::Instant;

use super::weight;
use crate::house::House;
use crate::table::{Figure, Unit};
use crate::{Outcome, per_second};

const FORMATS: [(&str, &str, &str); 3] = [
    ("export as NDJSON", "application/x-ndjson", "200,000/s"),
    ("export as CSV", "text/csv", ""),
    ("export as OCSF", "application/vnd.ocsf+ndjson", ""),
];

pub async fn measure(house: &House, events: u64) -> Outcome<Vec<Figure>> {
    mfa_ledger::tls::install();
    let before = weight::memory(house.pid())?.0;
    let mut figures = Vec::new();
    for (what, format, wanted) in FORMATS {
        let begun = Instant::now();
        let client = reqwest::Client::new();
        let request = client.get(format!("{}/v1/activity?order=asc", house.url));
        let request = request.bearer_auth(&house.root.token).header("accept", format);
        let mut answer = request.send().await?.error_for_status()?;
        let mut bytes = 0;
        while let Some(chunk) = answer.chunk().await? {
            bytes += chunk.len();
        }
        assert!(bytes > 0, "an export has events");
        figures.push(Figure::per_second(what, per_second(events, begun.elapsed()), wanted));
    }
    let after = Figure::new("memory after the exports", weight::memory(house.pid())?.0, Unit::MiB, "flat");
    figures.push(after.against("before them", before));
    Ok(figures)
}
