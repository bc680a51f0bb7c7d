//! The one path from a command to its answer. Nothing else appends.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use mfa_ledger_domain::{self as domain, Command, Decision, Undecided, policy};
use mfa_ledger_log::{self as log, AppendError, Stream};
use mfa_ledger_schemas::codec::{self, CodecError};
use mfa_ledger_schemas::record::{Idempotency, Read};
use mfa_ledger_schemas::{Event, EventId, Instant, Position, Record};

use super::carried::Carried;
use super::draft::Draft;
use super::{Call, Done, Failure, Intent, Refused, Service};

/// Attempts when others move what a decision rests on; commands of this process take turns, so that
/// more than one is rare.
const ATTEMPTS: usize = 32;

/// A command that was decided, with all that is needed to record it and to do what its record owes.
struct Decided {
    call: Arc<Call>,
    intent: Arc<Intent>,
    draft: Draft,
    decision: Decision,
    /// Held to the end.
    _turn: Turn,
}

/// What became of it.
enum Fate {
    /// It is on record, and what it owes is done.
    Recorded(Box<Done>),
    /// What it rested on had moved: nothing was recorded.
    Conflict(Box<Draft>),
}

type Turn = Vec<tokio::sync::OwnedMutexGuard<()>>;

impl Service {
    /// Carries a command out, or refuses it: either way the answer has a record.
    ///
    /// Dropping the future before the command is decided takes it back. Later it does not: the record and all that it
    /// owes (see `service/duties.rs`) go on in a task of their own.
    ///
    /// # Errors
    /// [`Failure`] when no rule could be asked or nothing could be recorded.
    pub async fn execute(self: &Arc<Self>, call: Call, intent: Intent) -> Result<Done, Failure> {
        self.admit()?;
        let mut draft = self.draft(&intent, self.now());
        let (call, intent) = (Arc::new(call), Arc::new(intent));
        for _ in 0..ATTEMPTS {
            let command = self.command(&call, &intent, &draft).await?;
            let turn = self.take_turn(&call, &command).await;
            if let Some(answer) = self.earlier_answer(&call).await? {
                return Ok(answer);
            }
            let decision = match self.decide(&call, &command) {
                Ok(decision) => decision,
                Err(Undecided::Unauthenticated) => return Err(Failure::Unauthenticated),
                Err(Undecided::StaleEvidence) => continue,
            };
            let (call, intent) = (Arc::clone(&call), Arc::clone(&intent));
            let decided = Decided { call, intent, draft, decision, _turn: turn };
            match self.see_through(decided).await? {
                Fate::Recorded(done) => return Ok(*done),
                Fate::Conflict(back) => draft = *back,
            }
            self.catch_up().await.map_err(|stopped| Failure::Unavailable(stopped.into()))?;
        }
        Err(Failure::Busy)
    }

    /// The rest, which runs to its end whatever becomes of the caller.
    fn see_through(self: &Arc<Self>, decided: Decided) -> Carried<'_, Result<Fate, Failure>> {
        let service = Arc::clone(self);
        Carried::new(async move { service.carry_out(decided).await }, &self.duties.tasks, &self.runtime)
    }

    async fn carry_out(&self, decided: Decided) -> Result<Fate, Failure> {
        let Decided { call, intent, mut draft, decision, _turn } = decided;
        if let Err(failure) = self.materialise(&mut draft, &intent, &decision.event).await {
            self.discard(&mut draft, &[]).await;
            return Err(failure);
        }
        draft.put.submit();
        let failure = match self.append(&call, decision).await {
            Ok((position, record)) => {
                let done = self.conclude(position, record, &mut draft).await?;
                return Ok(Fate::Recorded(Box::new(done)));
            }
            Err(AppendError::Conflict) => {
                draft.put.take_back();
                return Ok(Fate::Conflict(Box::new(draft)));
            }
            // What a record may name must not be destroyed before it is known.
            Err(AppendError::Unknown(error)) => return Err(Failure::Unknown(error)),
            Err(AppendError::Busy) => Failure::Busy,
            Err(AppendError::TooLarge { .. }) => Failure::TooLarge,
            Err(AppendError::Unavailable(error)) => Failure::Unavailable(error),
        };
        self.discard(&mut draft, &[]).await;
        Err(failure)
    }

    fn decide(&self, call: &Call, command: &Command) -> Result<Decision, Undecided> {
        // Before the state is taken, of which it asks the newest record.
        let now = self.now();
        let state = self.state();
        domain::decide(&state, &call.caller, command, call.if_match, now.max(state.at()))
    }

    async fn take_turn(&self, call: &Call, command: &Command) -> Turn {
        let mut keys = vec![{
            let state = self.state();
            command.stream(&state, &call.caller).to_string()
        }];
        // The limit per performer counts over the streams of many targets: their resets take turns too.
        if let (Command::ResetMfa(_), Some(actor)) = (command, super::draft::own(&call.caller))
            && self.state().directory.settings().is_none_or(|settings| settings.resets_per_actor_per_hour > 0)
        {
            keys.push(mfa_ledger_schemas::StreamName::Administrator(actor).to_string());
        }
        // So does the limit of endpoints.
        if matches!(command, Command::CreateWebhook(_)) {
            keys.push("webhooks".to_owned());
        }
        keys.extend(call.idempotency.iter().map(|(key, _)| format!("key {key}")));
        self.locks.take(keys).await
    }

    /// The answer to an earlier request with the same key.
    async fn earlier_answer(&self, call: &Call) -> Result<Option<Done>, Failure> {
        let Some((key, fingerprint)) = &call.idempotency else { return Ok(None) };
        let first = {
            let now = self.now();
            let state = self.state();
            let actor = policy::actor(&state.directory, &call.caller);
            state.keys.first_answer(&actor, key, now)
        };
        let Some(first) = first else { return Ok(None) };
        if first.fingerprint != *fingerprint {
            return Err(Failure::KeyReused);
        }
        let record = self.record(first.position).await?;
        self.destroy_ended(&record.event).await?;
        let shown = self.shown(&record, None)?;
        Ok(Some(Done { position: first.position, record, shown, replayed: true }))
    }

    /// A record as it lies in the log.
    pub(super) async fn record(&self, position: Position) -> Result<Record, Failure> {
        let entries = self.log.entries(&[log::Position(position.0)]).await;
        let entries = entries.map_err(|error| Failure::Unavailable(error.into()))?;
        let stored = entries.first().ok_or_else(|| Failure::Unavailable("the log gave no entry".into()))?;
        codec::decode(&stored.record).map_err(|error| Failure::Unavailable(error.into()))
    }

    async fn append(&self, call: &Call, decision: Decision) -> Result<(Position, Record), AppendError> {
        let Decision { stream, reads, actor, target, event } = decision;
        let log_stream = Stream::new(&stream.to_string());
        let log_read = |read: &Read| (Stream::new(&read.stream.to_string()), log::Position(read.position.0));
        let log_reads: Vec<_> = reads.iter().map(log_read).collect();
        let mut record = Record {
            id: EventId::from_bytes([0; 16]),
            stream,
            reads,
            at: Instant::default(),
            actor,
            target,
            origin: call.origin.clone(),
            request: call.request.clone(),
            idempotency: call
                .idempotency
                .as_ref()
                .map(|(key, fingerprint)| Idempotency { key: key.clone(), fingerprint: *fingerprint }),
            event,
        };
        // Time is given and the place in line taken under one lock, so that `at` never goes back from one record to the
        // next (clause 9 of the log); the waiting that follows needs no lock.
        let receipt = {
            let mut last = self.sequence.lock().unwrap_or_else(PoisonError::into_inner);
            *last = self.now().max(*last);
            record.at = *last;
            record.id = EventId::from_bytes(*self.chance.uuid_at(last.unix_ms()).as_bytes());
            let bytes = codec::encode(self.ledger, &record).map_err(|error| match error {
                CodecError::TooLarge(len) => AppendError::TooLarge { len, limit: log::MAX_RECORD },
                other => AppendError::Unavailable(other.into()),
            })?;
            self.log.submit(log_stream, log_reads, Bytes::from(bytes))?
        };
        let position = receipt.durable().await?;
        Ok((Position(position.0), record))
    }

    /// Does what a record owes, once it is durable.
    async fn conclude(&self, position: Position, record: Record, draft: &mut Draft) -> Result<Done, Failure> {
        self.duties.owe(&record.event.ended_entries(), record.at);
        self.projector.wait(position).await.map_err(|stopped| Failure::Unknown(stopped.into()))?;
        self.discard(draft, &record.event.named_entries()).await;
        self.destroy_ended(&record.event).await?;
        let shown = self.shown(&record, Some(draft)).map_err(|error| Failure::Unknown(error.into()))?;
        Ok(Done { position, record, shown, replayed: false })
    }

    /// The secrets that a record ends are gone before its caller hears of it.
    async fn destroy_ended(&self, event: &Event) -> Result<(), Failure> {
        let ended = event.ended_entries();
        if ended.is_empty() {
            return Ok(());
        }
        self.destroy(&ended).await.map(drop).map_err(|failure| Failure::Unknown(failure.into()))
    }

    /// A fingerprint of a request, under a key of this server.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.names.mac(parts)
    }
}

impl Done {
    /// The refusal, if it is one.
    pub fn refused(&self) -> Option<Refused> {
        match &self.record.event {
            Event::CommandRefused(event) => {
                Some(Refused { position: self.position, code: event.code, retry_at: event.retry_at })
            }
            _ => None,
        }
    }
}
