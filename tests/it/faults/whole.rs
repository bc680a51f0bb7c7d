//! The whole house, driven by a seed: people who do things, and everything that can go wrong meanwhile; after
//! every start what is there is held against a model of a few lines.

mod model;
pub mod people;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mfa_ledger::chance::Chance;
use mfa_ledger::clock::Clock;
use mfa_ledger::config::Config;
use mfa_ledger::data_dir::{Means, Opened, StartError, init_with, open_with};
use mfa_ledger::disk::{Disk, Fate, Faults, Space};
use mfa_ledger::service::command::TypedFactor;
use mfa_ledger::service::guard::CHECK_EVERY;
use mfa_ledger::service::{Caller, SecretText, command};
use mfa_ledger_projections::State;

use self::model::{Model, fold, judge_vault};
use self::people::{People, execute, operator};
use super::ledger::{Told, config, first, holds, no_tampering, records};
use crate::support::draws::{Draws, seeds};
use crate::support::house::MORNING;
use crate::support::ram;

/// Starts of one house.
const LIVES: u64 = 4;
/// Things done in one life.
const ACTS: u64 = 60;
/// The step at which a disk fails comes at the latest so far into a life.
const LATEST_STEP: u64 = 500;
/// What 30 houses see at least.
const SEEN: &[&str] = &[
    "mfa.reset",
    "mfa.enabled",
    "second_factor.verified",
    "second_factor.failed",
    "backup_code.used",
    "password.reset",
    "role.assigned",
    "administrator.deactivated",
    "a start that failed",
    "let in again",
    "the log cannot be written",
    "whether the command was recorded is not known",
];
/// Steps that a start takes, or a few more.
const STEPS_OF_A_START: u64 = 20;
const DAY_MS: i64 = 86_400_000;
/// What was dropped lets go of the directory within this.
const LETS_GO_WITHIN: Duration = Duration::from_secs(10);

struct Run {
    draws: Draws,
    config: Config,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
    people: People,
    model: Model,
    told: Told,
    acts: u64,
}

impl Run {
    fn means(&self, disk: Disk) -> Means {
        Means { disk, clock: Arc::clone(&self.clock), chance: Arc::clone(&self.chance) }
    }

    /// What is to go wrong with the disk of a life.
    fn disk(&self) -> (Disk, Arc<Faults>) {
        // Now and then in the start itself.
        let step =
            1 + self.draws.below(if self.draws.below(3) == 0 { STEPS_OF_A_START } else { LATEST_STEP });
        let fate = *self.draws.pick(&Fate::ALL);
        match self.draws.below(4) {
            0 => Disk::recorded(),
            1 => Disk::faulty_once(step, fate),
            _ => Disk::faulty(step, fate),
        }
    }

    /// Seconds mostly; now and then days, either way.
    fn time_passes(&self) {
        let by = match self.draws.below(40) {
            0 => DAY_MS * i64::try_from(1 + self.draws.below(5)).unwrap(),
            1 => -DAY_MS * i64::try_from(1 + self.draws.below(5)).unwrap(),
            _ => i64::try_from(self.draws.below(40_000)).unwrap(),
        };
        self.clock.set(self.clock.unix_ms() + by);
    }

    /// Opens, as soon as nobody has the directory any more.
    async fn open(&self, disk: Disk) -> Result<Opened, StartError> {
        let waiting = async {
            loop {
                match open_with(&self.config, &self.means(disk.clone())).await {
                    Err(StartError::InUse(_)) => tokio::time::sleep(Duration::from_millis(1)).await,
                    opened => return opened,
                }
            }
        };
        tokio::time::timeout(LETS_GO_WITHIN, waiting).await.expect("the last life lets go")
    }

    /// One start, things done, and an end; the state at the end, if it has begun.
    async fn live(&mut self) -> Option<State> {
        let (disk, faults) = self.disk();
        let opened = match self.open(disk).await {
            Ok(opened) => opened,
            Err(error) => {
                no_tampering(&error);
                *self.model.tally.entry("a start that failed".to_owned()).or_default() += 1;
                return None;
            }
        };
        self.told.listen(&opened.sealer);
        let little_room = self.draws.below(20) == 0;
        for _ in 0..self.draws.below(ACTS) {
            self.time_passes();
            self.act(&opened).await;
        }
        if little_room {
            self.without_room(&opened, &faults).await;
        }
        if self.draws.coin() {
            // The process is gone here: nothing is written any more.
            faults.fail_now();
            let state = opened.service.peek(Clone::clone);
            drop(opened);
            return Some(state);
        }
        let state = opened.service.peek(Clone::clone);
        let _fails_too = opened.close().await;
        Some(state)
    }

    async fn act(&mut self, opened: &Opened) {
        self.acts += 1;
        let request = format!("r{}", self.acts);
        let attempt = self.people.act(opened, &self.draws, &self.clock, &request).await;
        self.model.note(&attempt);
    }

    /// The guard sees a disk with little room: nothing is recorded until it sees another.
    async fn without_room(&mut self, opened: &Opened, faults: &Faults) {
        faults.pretend_space(Some(Space { free: 0, total: 1 << 40 }));
        tokio::time::sleep(CHECK_EVERY + Duration::from_millis(300)).await;
        let before = opened.service.peek(State::position);
        for _ in 0..5 {
            self.act(opened).await;
        }
        assert_eq!(opened.service.peek(State::position), before, "nothing is recorded for want of room");
        faults.pretend_space(None);
    }

    /// The reading copy may be lost between two lives.
    fn lose_the_copy(&self) {
        if self.draws.below(4) == 0 {
            let _none = std::fs::remove_dir_all(self.config.data_dir.join("sled"));
        }
    }

    /// What lies there is what was told; a start makes of it what it was.
    async fn judge(&mut self, running: Option<State>) {
        self.lose_the_copy();
        let opened = self.open(Disk::real()).await.unwrap_or_else(|error| panic!("{error}"));
        let rebuilt = opened.service.peek(Clone::clone);
        assert_eq!(opened.sealer.newest().signed.checkpoint.size, rebuilt.position().0);
        opened.close().await.unwrap();

        self.told.acknowledged = self.model.acknowledged.clone().into_iter().collect();
        holds(&self.config, &self.told);
        let records = records(&self.config.data_dir);
        self.model.judge_log(&records);
        assert!(rebuilt == fold(&records, records.len() as u64), "rebuilt, it is the fold of the log");
        if let Some(running) = running {
            assert!(running == fold(&records, running.position().0), "running, it was the fold of the log");
        }
        judge_vault(&self.config, &records, &rebuilt);
    }

    /// Whoever has an authenticator is let in with it, however often the house has fallen.
    async fn all_get_in(&mut self) {
        let opened = self.open(Disk::real()).await.unwrap();
        for person in self.people.0.clone() {
            let able = opened.service.peek(|state| {
                let it = state.directory.administrator(person.id).unwrap();
                it.can_log_in() && it.mfa.enrolled.is_some()
            });
            if !able {
                continue;
            }
            // Beyond every lockout, and every code that was ever accepted.
            let newest = opened.service.peek(State::at).unix_ms();
            self.clock.set(newest.max(self.clock.unix_ms()) + 40 * DAY_MS);
            let reset = command::ResetPassword { administrator: person.id };
            let done = execute(&opened, operator(), "again", reset).await.outcome.unwrap();
            let password = done.shown.secret().unwrap().clone();
            let log_in = opened.service.log_in(person.user_name.clone(), password);
            let done = execute(&opened, Caller::Anonymous, "again", log_in).await.outcome.unwrap();
            let token = done.shown.token.unwrap_or_else(|| panic!("{:?}", done.event));
            let caller = opened.service.authenticate(token.expose()).unwrap();
            let code = SecretText::new(person.code(self.clock.unix_ms()).unwrap());
            let verify = command::VerifySecondFactor { factor: TypedFactor::Code(code) };
            let done = execute(&opened, caller, "again", verify).await.outcome.unwrap();
            assert_eq!(done.receipt.action, "second_factor.verified");
            *self.model.tally.entry("let in again".to_owned()).or_default() += 1;
        }
        opened.close().await.unwrap();
    }
}

async fn run(seed: u64, dir: &Path, tally: &mut BTreeMap<String, u64>) {
    let draws = Draws::new(seed);
    let mut config = config(dir);
    config.log.reserve_mib = 1;
    let mut run = Run {
        draws,
        config,
        clock: Arc::new(Clock::manual(MORNING)),
        chance: Arc::new(Chance::seeded(seed ^ 0x5eed)),
        people: People::default(),
        model: Model::default(),
        told: Told::default(),
        acts: 0,
    };
    init_with(&run.config, first(), &run.means(Disk::real())).await.unwrap();
    for _ in 0..LIVES {
        let running = run.live().await;
        run.judge(running).await;
    }
    run.all_get_in().await;
    for (name, times) in &run.model.tally {
        *tally.entry(name.clone()).or_default() += times;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_the_house_is_what_its_records_say() {
    let mut tally = BTreeMap::new();
    for seed in seeds(30, 2_000) {
        run(seed, ram::dir().path(), &mut tally).await;
    }
    println!("{tally:#?}");
    // One seed alone need not have seen all of it.
    if std::env::var_os("MFA_LEDGER_SEED").is_none() {
        for name in SEEN {
            assert!(tally.contains_key(*name), "{name} has never happened: {tally:#?}");
        }
    }
}
