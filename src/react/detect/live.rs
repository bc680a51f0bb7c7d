//! Detection that follows the log, and raises what it finds. It never blocks a command.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_base::vitals::Since;
use mfa_ledger_ledger::follow::snapshot::MILESTONE;
use mfa_ledger_ledger::service::{Failure, Leaf, Service};
use mfa_ledger_schemas::{Instant, Position};
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::engine::{Engine, Match};
use super::load::Rules;
use crate::raise::raise;

/// Records taken in one go, between which others get their turn.
const BATCH: usize = 256;
/// A wait ends live so many seconds late: a record from before its end may still be on its way to the disk.
const GRACE_SECONDS: i64 = 5;
/// How often the clock is looked at while a wait is under way.
const TICK: Duration = Duration::from_secs(1);

/// The follower.
pub struct Detector {
    rules: Arc<Rules>,
    shared: Arc<Shared>,
    ending: CancellationToken,
    task: AsyncMutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    position: AtomicU64,
    raised: AtomicU64,
    windows: AtomicU64,
    stuck: Mutex<Option<Since>>,
    stopped: Mutex<Option<(String, Since)>>,
}

impl Shared {
    fn stuck(&self) -> MutexGuard<'_, Option<Since>> {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector").field("position", &self.position()).finish_non_exhaustive()
    }
}

impl Detector {
    /// Goes on where the last run with the same rules was, or else reads the log from its beginning; then follows it.
    /// What was completed before the longest window of the rules, counted from the newest record, is history, and is
    /// raised by a back-test only.
    pub fn start(service: Arc<Service>, rules: Arc<Rules>) -> Self {
        let (shared, ending) = (Arc::new(Shared::default()), CancellationToken::new());
        let following = Following {
            rules: Arc::clone(&rules),
            horizon: horizon(&service, &rules),
            all_raised: true,
            kept: Position::default(),
            service,
            shared: Arc::clone(&shared),
            ending: ending.clone(),
        };
        let task = AsyncMutex::new(Some(tokio::spawn(following.run())));
        Self { rules, shared, ending, task }
    }

    /// The rules that are in force.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// How far it has come.
    pub fn position(&self) -> Position {
        Position(self.shared.position.load(Ordering::Relaxed))
    }

    /// Alerts that it has raised since the start.
    pub fn raised(&self) -> u64 {
        self.shared.raised.load(Ordering::Relaxed)
    }

    /// Windows of rules that are kept in memory.
    pub fn windows(&self) -> u64 {
        self.shared.windows.load(Ordering::Relaxed)
    }

    /// Since when an alert could not be recorded, and is tried again.
    pub fn stuck(&self) -> Option<Since> {
        *self.shared.stuck()
    }

    /// Why it has stopped, and when, if it has.
    pub fn stopped(&self) -> Option<(String, Since)> {
        self.shared.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it.
    pub async fn close(&self) {
        self.ending.cancel();
        if let Some(task) = self.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "detection did not end well");
        }
    }
}

impl Drop for Detector {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

fn horizon(service: &Service, rules: &Rules) -> Instant {
    let window = i64::try_from(rules.longest_window()).unwrap_or(i64::MAX);
    service.peek(|state| state.at().plus_seconds(window.saturating_neg()))
}

struct Following {
    rules: Arc<Rules>,
    horizon: Instant,
    /// Whether everything that was found is on record, as far as it is to be.
    all_raised: bool,
    /// Up to where what the engine knows was kept.
    kept: Position,
    service: Arc<Service>,
    shared: Arc<Shared>,
    ending: CancellationToken,
}

impl Following {
    async fn run(mut self) {
        if let Err(why) = self.follow().await
            && !self.ending.is_cancelled()
        {
            tracing::error!(why, "detection stops: no more alerts until the next start");
            *self.shared.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some((why, Since::now()));
        }
    }

    async fn follow(&mut self) -> Result<(), String> {
        let (mut engine, mut position) = self.resume().await;
        while !self.ending.is_cancelled() {
            let batch = self.service.leaves(position, BATCH).await.map_err(|error| error_chain(&error))?;
            let Some(last) = batch.last().map(|leaf| leaf.position) else {
                self.wait(&mut engine, position).await?;
                continue;
            };
            // Rules take a processor for a while, which those who answer callers have none to spare of.
            let taken = tokio::task::spawn_blocking(move || take(engine, &batch)).await;
            let found;
            (engine, found) = taken.map_err(|panic| panic.to_string())??;
            for found in found {
                self.all_raised &= self.raise(found).await;
            }
            position = last;
            self.shared.windows.store(engine.groups() as u64, Ordering::Relaxed);
            self.shared.position.store(position.0, Ordering::Relaxed);
            if position.0 - self.kept.0 >= MILESTONE {
                self.keep(&engine, position).await;
            }
        }
        if position > self.kept {
            self.keep(&engine, position).await;
        }
        Ok(())
    }

    /// The engine of the last run, and how far it had come.
    async fn resume(&mut self) -> (Engine, Position) {
        if let Some((position, bytes)) = self.service.kept_detection().await {
            match Engine::from_memory(&self.rules, &bytes) {
                Ok(engine) => {
                    self.kept = position;
                    self.shared.position.store(position.0, Ordering::Relaxed);
                    return (engine, position);
                }
                Err(why) => {
                    tracing::info!(why = error_chain(&why), "detection reads the log from its beginning");
                }
            }
        }
        (Engine::new(&self.rules), Position::default())
    }

    /// Keeps what the engine knows, unless something that it found is not on record: the next start finds it again.
    async fn keep(&mut self, engine: &Engine, position: Position) {
        self.kept = position;
        if !self.all_raised {
            return;
        }
        match engine.to_memory() {
            Ok(bytes) => self.service.keep_detection(position, bytes).await,
            Err(error) => tracing::warn!(%error, "what detection knows cannot be kept"),
        }
    }

    /// Waits for more records, or for the end of a wait while there are no more.
    async fn wait(&mut self, engine: &mut Engine, position: Position) -> Result<(), String> {
        let ticking = engine.next_due().is_some();
        tokio::select! {
            () = self.ending.cancelled() => return Ok(()),
            more = self.service.wait_beyond(position) => {
                return more.map(drop).map_err(|stopped| stopped.to_string());
            }
            () = tokio::time::sleep(TICK), if ticking => {}
        }
        // Only when the log has nothing more that could end the wait in time.
        let head = self.service.head().await.map_err(|error| error_chain(&error))?;
        if head == position {
            for found in engine.due(self.service.now().plus_seconds(-GRACE_SECONDS)) {
                self.all_raised &= self.raise(found).await;
            }
        }
        Ok(())
    }

    /// Puts a match on record, unless it is there. `false` where the end came before it could be.
    async fn raise(&self, found: Match) -> bool {
        if found.at < self.horizon {
            return true;
        }
        let failed = |_: &Failure| {
            self.shared.stuck().get_or_insert_with(Since::now);
        };
        let raised = tokio::select! {
            new = raise(&self.service, "detect", found.raised(), failed) => {
                self.shared.raised.fetch_add(u64::from(new), Ordering::Relaxed);
                true
            }
            () = self.ending.cancelled() => false,
        };
        *self.shared.stuck() = None;
        raised
    }
}

/// Takes leaves, and tells what they completed.
fn take(mut engine: Engine, leaves: &[Leaf]) -> Result<(Engine, Vec<Match>), String> {
    let mut found = Vec::new();
    for Leaf { position, text, void } in leaves {
        let taken = engine.take(*position, text, *void).map_err(|error| error_chain(&error))?;
        found.extend(taken.matches);
    }
    Ok((engine, found))
}
