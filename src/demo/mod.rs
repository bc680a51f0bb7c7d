//! `mfa-ledger demo`: everything embedded in a temporary directory, with a sample history of 90 days
//! that was written through the real commands, under a clock set by hand.

mod attack;
mod days;
mod people;
mod play;
mod print;

use std::path::Path;
use std::sync::Arc;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::{self, FirstAdministrator, StartError};
use play::Play;

/// How far back the history begins, in days.
const DAYS: i64 = 90;
/// A hash in the demo costs little: the history holds thousands, and the accounts are for show.
const MEMORY_KIB: u32 = 64;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The server would not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A step of the sample history did not go as written.
    #[error("the sample history: {0}")]
    Step(String),
}

/// Configuration for a demo in a directory.
pub fn config(base: Config, directory: &Path) -> Config {
    let mut config = base;
    config.data_dir = directory.join("data");
    config.hashing.memory_kib = MEMORY_KIB;
    config.hashing.passes = 1;
    config
}

/// Writes the sample history into a fresh directory, ending now. Gives what is to be printed once the
/// server listens.
pub async fn write(config: &Config) -> Result<impl Fn(&str) -> String + use<>, DemoError> {
    let now = Clock::System.unix_ms();
    let clock = Arc::new(Clock::manual(now - DAYS * DAY_MS));
    let chance = Arc::new(Chance::System);
    let first = FirstAdministrator {
        user_name: people::ROOT.to_owned(),
        display_name: "Ada Root".to_owned(),
        emails: vec!["ada.root@example.org".to_owned()],
        operator: "demo".to_owned(),
    };
    let begun = data_dir::init(config, first, Arc::clone(&clock), Arc::clone(&chance)).await?;
    let opened = data_dir::open(config, Arc::clone(&clock), chance).await?;
    let mut play = Play::new(Arc::clone(&opened.service), clock, now);
    let outcome = days::write(&mut play, begun.password).await;
    let cast = play.into_cast();
    opened.close().await?;
    outcome?;
    Ok(move |url: &str| print::welcome(&cast, url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_history_plays_to_its_end_and_tells_of_the_attack() {
        let directory = tempfile::tempdir().expect("a directory");
        let config = config(Config::default(), directory.path());
        let welcome = write(&config).await.unwrap_or_else(|error| panic!("{error}"));
        let text = welcome("http://127.0.0.1:1");
        assert!(text.contains("otpauth://totp/") && text.matches("curl ").count() == 3, "{text}");

        let opened = data_dir::open(&config, Arc::default(), Arc::default()).await.expect("opens");
        let (administrators, repudiated, refused) = opened.service.peek(|state| {
            let repudiated =
                state.resets.newest_first(None).filter(|reset| reset.repudiated.is_some()).count();
            let refused =
                state.activity.iter().filter(|(_, entry)| &*entry.action == "mfa.reset_refused").count();
            (state.directory.administrators().count(), repudiated, refused)
        });
        assert_eq!((administrators, repudiated), (60, 1));
        assert!(refused > 5, "{refused}");
        opened.close().await.expect("closes");
    }
}
