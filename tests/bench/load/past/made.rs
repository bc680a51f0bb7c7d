//! Houses with long logs.

use std::path::PathBuf;

use super::history;
use crate::Outcome;
use crate::house::{House, Run};

/// A house with so many events in its log, and snapshots of them, that does not run: the one of
/// `MFA_LEDGER_BENCH_DIRECTORY`, if that was made before, which may have had some more commands since.
pub async fn log(events: u64) -> Outcome<House> {
    match std::env::var_os("MFA_LEDGER_BENCH_DIRECTORY").map(PathBuf::from) {
        None => fresh(events).await,
        Some(directory) if directory.exists() => {
            let mut house = House::again(&directory, 8, 1)?;
            settled(&mut house).await?;
            Ok(house)
        }
        Some(directory) => filled(House::stay(&directory, 8, 1).await?, events).await,
    }
}

/// The same, made now, and gone afterwards.
pub async fn fresh(events: u64) -> Outcome<House> {
    filled(House::run(8, 1, Run::Binary, &[]).await?, events).await
}

async fn filled(mut house: House, events: u64) -> Outcome<House> {
    house.unlimited().await?;
    house.end()?;
    let bytes = history::append(&house.data(), events).await?;
    std::fs::write(house.path().join("encoded"), bytes.to_string())?;
    settled(&mut house).await?;
    Ok(house)
}

/// The first start folds all of it, and the first after a kill looks all of it over; an orderly end leaves a snapshot.
async fn settled(house: &mut House) -> Outcome<()> {
    house.start_again().await?;
    house.settle().await?;
    house.end()
}
