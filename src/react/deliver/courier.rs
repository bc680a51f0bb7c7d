//! The task of one endpoint: looks through the log, sends what is due, keeps account of it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::clock::Clock;
use mfa_ledger_ledger::service::{Call, Caller, Service, Value, command};
use mfa_ledger_projections::{State, Webhook};
use mfa_ledger_schemas::ocsf;
use mfa_ledger_schemas::{Event, Instant, Position, WebhookFault, WebhookForm, WebhookId};
use tokio_util::sync::CancellationToken;

use super::attempts::{Attempt, Outcome};
use super::outbox::{Next, Outbox};
use super::send::{Answer, Message, Sender};
use super::shared::Shared;
use super::store::Store;
use super::{Setup, delivery_id, schedule};

/// How records name what is done by this room.
const NAME: &str = "webhooks";

/// Records that are looked at under one lock.
const LOOKED_AT: u64 = 4_096;

/// Between two looks while the log moves: one look for many records.
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// What was delivered is put on the disk so often, in milliseconds; after a loss of power, what went out since
/// goes out again.
const SAVE_EVERY: i64 = 1_000;

/// A cursor that moved past records that nobody wanted is put there so often.
const SAVE_CURSOR_EVERY: i64 = 30_000;

/// The longest sleep, in milliseconds: clocks are set, and replaced secrets end.
const LONGEST_SLEEP: i64 = 60_000;

pub(super) struct Courier {
    id: WebhookId,
    service: Arc<Service>,
    sender: Sender,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
    shared: Arc<Shared>,
    ending: CancellationToken,
    store: Arc<Mutex<Store>>,
    outbox: Outbox,
    saved: Outbox,
    saved_at: i64,
    /// Whether something was taken in or sent since.
    moved: bool,
}

/// What was found in the log.
#[derive(Default)]
struct Found {
    cursor: Position,
    wanted: Vec<Position>,
    /// Tests and repetitions, which may be another endpoint's.
    asked: Vec<Position>,
    done: bool,
}

impl Courier {
    pub fn new(
        setup: &Setup,
        id: WebhookId,
        sender: Sender,
        shared: Arc<Shared>,
        ending: CancellationToken,
    ) -> Self {
        let store = Arc::new(Mutex::new(Store::new(&setup.dir, setup.disk.clone(), id)));
        Self {
            id,
            service: Arc::clone(&setup.service),
            sender,
            clock: Arc::clone(&setup.clock),
            chance: Arc::clone(&setup.chance),
            shared,
            ending,
            store,
            outbox: Outbox::default(),
            saved: Outbox::default(),
            saved_at: 0,
            moved: false,
        }
    }

    /// Until the end, or until the endpoint is removed.
    pub async fn until_told(mut self, created: Position) {
        let head = self.service.peek(State::position);
        let read = move |store: &mut Store| (store.read(created, head), store.read_attempts());
        let Ok((outbox, attempts)) = self.on_disk(move |store| Ok(read(store))).await else { return };
        self.outbox = outbox;
        self.shared.begin(self.id, attempts);
        loop {
            let Some(webhook) = self.service.peek(|state| state.webhooks.get(self.id).cloned()) else {
                return self.remove().await;
            };
            if let Err(error) = self.service.end_replaced_secret(self.id).await {
                tracing::warn!(webhook = %self.id, %error, "a secret that was replaced is not destroyed yet");
            }
            self.look_through(&webhook).await;
            self.tell();
            let (last, now) = (self.ending.is_cancelled(), self.clock.unix_ms());
            if self.save_at().is_some_and(|at| last || at <= now) {
                self.save(now).await;
            }
            if last {
                return;
            }
            match self.outbox.due(now).filter(|_| webhook.active) {
                Some(position) => self.attempt(&webhook, position).await,
                None => self.wait(now).await,
            }
        }
    }

    /// Takes in what the endpoint is to be told of, as far as there is room for it.
    async fn look_through(&mut self, webhook: &Webhook) {
        if !webhook.active {
            // What happens meanwhile is for nobody; whoever wants it later asks for it.
            self.outbox.forget_all();
            self.outbox.cursor = self.service.peek(State::position);
            return;
        }
        if self.outbox.cursor < webhook.active_since {
            // It was off and is on again since the last look.
            self.outbox.forget_all();
            self.outbox.cursor = webhook.active_since;
        }
        loop {
            let found = self.service.peek(|state| find(state, webhook, &self.outbox));
            let now = self.clock.unix_ms();
            self.moved |= !found.wanted.is_empty() || !found.asked.is_empty();
            for position in &found.wanted {
                self.outbox.put(*position, now);
            }
            for position in found.asked {
                match self.service.followed(position).await.map(|followed| followed.record.event) {
                    Ok(Event::WebhookTested(event)) if event.webhook == self.id => {
                        self.outbox.put_asked(position, now);
                    }
                    Ok(Event::DeliveryResent(event)) if event.webhook == self.id => {
                        self.outbox.put_asked(event.position, now);
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(webhook = %self.id, %position, %error, "a record cannot be read");
                    }
                }
            }
            self.outbox.cursor = found.cursor;
            if found.done {
                return;
            }
        }
    }

    /// Sends one record, and keeps account of it. The end of the server breaks it off.
    async fn attempt(&mut self, webhook: &Webhook, position: Position) {
        let begun = self.clock.unix_ms();
        let answer = tokio::select! {
            () = self.ending.cancelled() => return,
            answer = self.send(webhook, position) => answer,
        };
        let now = self.clock.unix_ms();
        self.moved = true;
        let Some(answer) = answer else { return self.outbox.forget(position) };
        let number = self.outbox.get(position).map_or(0, |waiting| waiting.attempts) + 1;
        let (outcome, next) = self.judge(position, &answer, now);
        let attempt = Attempt {
            serial: 0,
            position,
            id: delivery_id(self.service.ledger(), position, self.id),
            number,
            at: Instant::from_unix_ms(begun),
            outcome,
            status: answer.status,
            failure: answer.failure,
            said: answer.said,
            latency_ms: u64::try_from(now.saturating_sub(begun)).unwrap_or(0),
            next_at: next.map(Instant::from_unix_ms),
        };
        self.note(attempt).await;
        if outcome == Outcome::Gone {
            self.switch_off(WebhookFault::Gone, None).await;
        } else if self.outbox.is_hopeless(now) {
            self.switch_off(WebhookFault::Failing, self.outbox.failing_since).await;
        }
    }

    /// `None` when it is not to be sent after all.
    async fn send(&self, webhook: &Webhook, position: Position) -> Option<Answer> {
        let failed = |why: String| Some(Answer { failure: Some(why), ..Answer::default() });
        let followed = match self.service.followed(position).await {
            Ok(followed) => followed,
            Err(error) => return failed(format!("the record cannot be read: {error}")),
        };
        let asked = self.outbox.get(position).is_some_and(|waiting| waiting.asked);
        if !asked && self.is_silenced(&followed.record.event) {
            return None;
        }
        let (content_type, body) = match webhook.form {
            WebhookForm::Ocsf => match ocsf::event(&followed.leaf) {
                Ok(event) => ("application/json", event.to_string()),
                Err(error) => return failed(format!("the record has no form in OCSF: {error}")),
            },
            _ => ("application/cloudevents+json; charset=utf-8", followed.leaf),
        };
        let id = delivery_id(self.service.ledger(), position, self.id);
        let unix_seconds = Instant::from_unix_ms(self.clock.unix_ms()).unix_seconds();
        let signed = self.service.sign_delivery(self.id, &id, unix_seconds, body.as_bytes());
        let signatures = match signed {
            Value::Known(signatures) => signatures,
            Value::None => return failed("there is no secret to sign with".to_owned()),
            Value::Unreadable => {
                return failed(
                    "the secret in the vault is damaged: rotate it, or restore a backup".to_owned(),
                );
            }
        };
        let (url, signatures) = (&webhook.url, &signatures);
        Some(self.sender.send(Message { url, id: &id, unix_seconds, signatures, content_type, body }).await)
    }

    /// Alerts that are passed on to nobody, and what people do with them.
    fn is_silenced(&self, event: &Event) -> bool {
        let alert = match event {
            Event::AlertRaised(event) => event.alert,
            Event::AlertAcknowledged(event) => event.alert,
            Event::AlertResolved(event) => event.alert,
            _ => return false,
        };
        self.service.peek(|state| state.alerts.get(alert).is_some_and(|alert| alert.silenced))
    }

    fn judge(&mut self, position: Position, answer: &Answer, now: i64) -> (Outcome, Option<i64>) {
        if answer.is_delivered() {
            self.outbox.delivered(position);
            return (Outcome::Delivered, None);
        }
        if answer.is_gone() {
            self.outbox.forget(position);
            return (Outcome::Gone, None);
        }
        let hold = answer.retry_after.as_deref().and_then(|text| schedule::hold(text, now));
        match self.outbox.failed(position, now, hold, self.chance.bytes()) {
            Next::At(due) => (Outcome::ToBeRepeated, Some(due)),
            Next::GivenUp => (Outcome::GivenUp, None),
        }
    }

    async fn note(&mut self, mut attempt: Attempt) {
        let delivered = attempt.outcome == Outcome::Delivered;
        if !delivered {
            let Attempt { position, status, failure, number, .. } = &attempt;
            tracing::warn!(webhook = %self.id, %position, status, failure, number, "a delivery failed");
        }
        self.shared.push(self.id, &mut attempt);
        // With little room left, the log comes first.
        if self.service.guard().admit().is_ok() {
            let (id, shared) = (self.id, Arc::clone(&self.shared));
            let added = self.on_disk(move |store| store.add(&attempt, || shared.as_text(id))).await;
            self.told(added);
        }
    }

    /// Tells the log that nothing is delivered there any more.
    async fn switch_off(&self, fault: WebhookFault, since: Option<i64>) {
        let since = since.map(Instant::from_unix_ms);
        let call = Call::by(Caller::System(NAME), self.service.fresh_request_id());
        let command = command::DisableWebhook { webhook: self.id, fault, since };
        match self.service.execute(call, command).await {
            Ok(_) => tracing::warn!(webhook = %self.id, %fault, "nothing is delivered there any more"),
            Err(error) => {
                tracing::error!(webhook = %self.id, %fault, %error, "it cannot be switched off yet");
            }
        }
    }

    async fn wait(&self, now: i64) {
        let until = self.outbox.next_due().into_iter().chain(self.save_at()).min().unwrap_or(i64::MAX);
        let sleep = until.saturating_sub(now).clamp(1, LONGEST_SLEEP);
        let sleep = Duration::from_millis(u64::try_from(sleep).unwrap_or(1));
        tokio::select! {
            () = self.ending.cancelled() => {}
            () = tokio::time::sleep(sleep) => {}
            more = self.service.wait_beyond(self.outbox.cursor), if !self.outbox.is_full() => {
                if more.is_ok() {
                    tokio::time::sleep(LOOK_PAUSE).await;
                } else {
                    self.ending.cancelled().await;
                }
            }
        }
    }

    fn tell(&self) {
        self.shared.update(self.id, |state| {
            state.cursor = self.outbox.cursor;
            state.waiting = self.outbox.waiting();
            state.failing_since = self.outbox.failing_since;
        });
    }

    /// When there is something to be saved.
    fn save_at(&self) -> Option<i64> {
        let every = if self.moved { SAVE_EVERY } else { SAVE_CURSOR_EVERY };
        (self.moved || self.outbox != self.saved).then(|| self.saved_at.saturating_add(every))
    }

    async fn save(&mut self, now: i64) {
        let outbox = self.outbox.clone();
        let saving = outbox.clone();
        let saved = self.on_disk(move |store| store.save(&saving)).await;
        self.saved_at = now;
        if saved.is_ok() {
            (self.saved, self.moved) = (outbox, false);
        }
        self.told(saved);
    }

    fn told(&self, outcome: io::Result<()>) {
        let unsaved = outcome.err().map(|error| error.to_string());
        self.shared.update(self.id, |state| {
            if state.unsaved.is_none()
                && let Some(error) = &unsaved
            {
                tracing::warn!(webhook = %self.id, error, "what was delivered cannot be put on the disk");
            }
            state.unsaved = unsaved;
        });
    }

    async fn remove(&mut self) {
        if let Err(error) = self.on_disk(Store::remove).await {
            tracing::warn!(webhook = %self.id, %error, "files of a webhook that is gone stay");
        }
        self.shared.remove(self.id);
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut store.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

/// Looks at the next records behind the cursor.
fn find(state: &State, webhook: &Webhook, outbox: &Outbox) -> Found {
    let mut found = Found { cursor: outbox.cursor, ..Found::default() };
    let mut room = super::outbox::WAITING.saturating_sub(outbox.waiting());
    for _ in 0..LOOKED_AT {
        let next = Position(found.cursor.0 + 1);
        let entry = state.activity.at(next).filter(|_| room > 0);
        let Some(entry) = entry else {
            found.done = true;
            return found;
        };
        found.cursor = next;
        if entry.void {
            continue;
        }
        if ["webhook.tested", "webhook.resent"].contains(&&*entry.action) {
            found.asked.push(next);
        }
        if webhook.wants(&entry.action) {
            found.wanted.push(next);
            room -= 1;
        }
    }
    found
}
