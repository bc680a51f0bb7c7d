//! Ledgers that a row begins with.

use std::path::Path;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::config::Config;
use mfa_ledger::data_dir::{Opened, init_with, master_key_at_hand, open_with};
use mfa_ledger::disk::Disk;
use mfa_ledger::service::command;
use mfa_ledger::vault::{Copy, Purpose, Vault};
use mfa_ledger_schemas::{Event, Personal};
use tempfile::TempDir;

use super::super::ledger::{command, config as plain, first, means};
use super::super::whole::people::{execute, operator};
use super::served::Served;
use crate::support::client::Client;
use crate::support::ram;
use crate::support::server::{FIRST, enroll_at, totp_at};

/// Entries of 64 KiB that make more garbage than compaction waits for.
const GARBAGE_ENTRIES: u16 = 300;
/// Commands before the next segment is begun.
const LEFT: usize = 20;

/// What lies there before.
pub struct Base {
    pub dir: TempDir,
    pub password: String,
    /// Somebody whose password can be reset, so that there is a secret to destroy.
    pub jane: String,
    /// The authenticator of the first administrator, and the time step in which they enrolled.
    authenticator: (String, i64),
}

pub fn config(dir: &Path) -> Config {
    let mut config = plain(dir);
    config.http.listen = "127.0.0.1:0".parse().unwrap();
    config.http.attempts_per_second = 0;
    config
}

async fn open(dir: &Path) -> Opened {
    open_with(&config(dir), &means(Disk::real())).await.unwrap()
}

/// Closes in good order what was broken off, as soon as nobody has it any more.
async fn closed(config: &Config) {
    for _ in 0..500 {
        if let Ok(opened) = open_with(config, &means(Disk::real())).await {
            return opened.close().await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("somebody has it still");
}

fn segments(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("ledger/journal")).unwrap().count()
}

impl Base {
    /// A ledger that has just begun.
    pub async fn small() -> Self {
        let dir = ram::dir();
        let begun = init_with(&config(dir.path()), first(), &means(Disk::real())).await.unwrap();
        let password = begun.password.expose().to_owned();
        let opened = open(dir.path()).await;
        let register = command::RegisterAdministrator {
            user_name: "jane".to_owned(),
            role: "general-staff".parse().unwrap(),
            super_administrator: false,
            personal: Personal::new("Jane".to_owned(), vec!["jane@example.org".to_owned()]),
        };
        let done = execute(&opened, operator(), "jane", register).await.outcome.unwrap();
        let Some(Event::AdministratorRegistered(event)) = &done.event else { panic!("{:?}", done.event) };
        let jane = event.administrator.to_string();
        opened.close().await.unwrap();
        let served = Served::start(&config(dir.path()), Disk::real()).await;
        let (client, _) = served.client.log_in(FIRST, &password).await;
        let step = Clock::System.unix_ms() / 30_000;
        let seed = enroll_at(&client, step * 30).await;
        served.end().await;
        closed(&config(dir.path())).await;
        Self { dir, password, jane, authenticator: (seed, step) }
    }

    /// The first administrator in a copy of this, with a fresh code: what is asked of them takes one.
    pub async fn root(&self, client: &Client) -> Client {
        let (client, _) = client.log_in(FIRST, &self.password).await;
        let (seed, enrolled) = &self.authenticator;
        let step = (Clock::System.unix_ms() / 30_000).max(enrolled + 1);
        let code = serde_json::json!({ "code": totp_at(seed, step * 30) });
        client.post("/v1/session/second-factor", &code).await.ok(200);
        client
    }

    /// One whose next commands begin the next segment.
    pub async fn nearly_full_segment() -> Self {
        let measure = Self::small().await;
        let opened = open(measure.dir.path()).await;
        let mut commands = 0;
        while segments(measure.dir.path()) == 1 {
            command(&opened, "fill").await.unwrap();
            commands += 1;
        }
        opened.close().await.unwrap();
        let base = Self::small().await;
        let opened = open(base.dir.path()).await;
        for _ in LEFT..commands {
            command(&opened, "fill").await.unwrap();
        }
        opened.close().await.unwrap();
        assert_eq!(segments(base.dir.path()), 1);
        base
    }

    /// One without a free slot in its vault.
    pub async fn full_slots() -> Self {
        let base = Self::small().await;
        let vault = base.dir.path().join("ledger/vault");
        let copy = Copy::read(&vault).unwrap();
        std::fs::remove_dir_all(&vault).unwrap();
        copy.write(&vault, &Disk::real()).unwrap();
        base
    }

    /// One whose vault is compacted after its next write.
    pub async fn full_of_garbage() -> Self {
        let base = Self::small().await;
        let config = config(base.dir.path());
        let (dir, key) = (config.data_dir.join("vault"), master_key_at_hand(&config).unwrap());
        let chance = Arc::new(Chance::System);
        let vault = Vault::open_compacting(&dir, &key, Disk::real(), chance, u64::MAX).unwrap();
        for n in 0..GARBAGE_ENTRIES {
            let id = [n.to_be_bytes(); 8].concat().try_into().unwrap();
            vault.put(id, Purpose::Annex, [0; 16], vec![7; 64 * 1024].into()).await.unwrap();
            vault.destroy(&[id]).await.unwrap();
        }
        // Without this the next open would cut the garbage off.
        vault.close().await.unwrap();
        base
    }
}
