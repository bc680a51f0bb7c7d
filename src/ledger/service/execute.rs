//! The one path from a command to its answer. Nothing else appends.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use mfa_ledger_domain::{
    self as domain, Asked, Case, Command, Decision, Prepared, Undecided, UseCase, policy,
};
use mfa_ledger_log::{self as log, AppendError, Stream};
use mfa_ledger_schemas::codec::{self, CodecError};
use mfa_ledger_schemas::limits::STORED_BYTES;
use mfa_ledger_schemas::record::{Idempotency, Read};
use mfa_ledger_schemas::{Event, EventId, Instant, Position, Record};

use super::answer::Recorded;
use super::carried::Carried;
use super::draft::Draft;
use super::{Answer, Call, Failure, Service};

/// Attempts when others move what a decision rests on; commands of this process take turns, so that
/// more than one is rare.
const ATTEMPTS: usize = 32;

/// What is encoded can be stored: neither crate knows the other.
const _: () = assert!(STORED_BYTES == log::MAX_RECORD);

/// A command that was decided, with all that is needed to record it and to do what its record owes.
struct Decided {
    call: Arc<Call>,
    command: Arc<dyn Command>,
    draft: Draft,
    decision: Decision,
    /// Held to the end.
    _turn: Turn,
}

/// What became of it.
enum Fate {
    /// It is on record, and what it owes is done.
    Recorded(Box<Recorded>),
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
    pub async fn execute<C: UseCase>(
        self: &Arc<Self>,
        call: Call,
        command: C,
    ) -> Result<Answer<C::Ending>, Failure> {
        let recorded = self.run(Arc::new(call), Arc::new(command)).await?;
        self.answer::<C>(recorded)
    }

    async fn run(
        self: &Arc<Self>,
        mut call: Arc<Call>,
        command: Arc<dyn Command>,
    ) -> Result<Recorded, Failure> {
        self.admit()?;
        let mut draft = self.draft(&command.to_seal(), self.now());
        for _ in 0..ATTEMPTS {
            let question = self.case(&call, &draft.prepared, |case| command.question(case));
            draft.prepared.evidence = self.evidence(question).await?;
            let turn = self.take_turn(&call, &*command, &draft.prepared).await;
            if let Some(answer) = self.earlier_answer(&call).await? {
                // A refusal tells nothing that another one would not.
                let was_refused = matches!(answer.record.event, Event::CommandRefused(_));
                if was_refused || self.case(&call, &draft.prepared, |case| domain::may_give(case, &*command))
                {
                    return Ok(answer);
                }
                // A caller who may no longer give the command is refused as usual; the key keeps its first answer.
                call = Arc::new(Call { idempotency: None, ..Call::clone(&call) });
            }
            let decision = match self.decide(&call, &*command, &draft.prepared) {
                Ok(decision) => decision,
                Err(Undecided::Unauthenticated) => return Err(Failure::Unauthenticated),
                Err(Undecided::StaleEvidence) => continue,
            };
            let (call, command) = (Arc::clone(&call), Arc::clone(&command));
            let decided = Decided { call, command, draft, decision, _turn: turn };
            match self.see_through(decided).await? {
                Fate::Recorded(recorded) => return Ok(*recorded),
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
        let Decided { call, command, mut draft, decision, _turn } = decided;
        if let Err(failure) = self.materialise(&mut draft, &*command, &decision.event).await {
            self.discard(&mut draft, &[]).await;
            return Err(failure);
        }
        draft.put.submit();
        let failure = match self.append(&call, decision).await {
            Ok((position, record)) => {
                let recorded = self.conclude(position, record, draft).await?;
                return Ok(Fate::Recorded(Box::new(recorded)));
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

    /// Looks at a command in its circumstances, as they are now.
    fn case<T>(&self, call: &Call, prepared: &Prepared, look: impl FnOnce(&Case<'_>) -> T) -> T {
        let state = self.state();
        look(&Case::new(&state, &asked(call, self.now_in(&state)), prepared))
    }

    fn decide(&self, call: &Call, command: &dyn Command, prepared: &Prepared) -> Result<Decision, Undecided> {
        let state = self.state();
        domain::decide(&state, &asked(call, self.now_in(&state)), command, prepared)
    }

    async fn take_turn(&self, call: &Call, command: &dyn Command, prepared: &Prepared) -> Turn {
        let stream = |case: &Case<'_>| domain::stream(case, command).to_string();
        let keys = self.case(call, prepared, |case| [Some(stream(case)), command.turn(case)]);
        let key = call.idempotency.iter().map(|(key, _)| format!("key {key}"));
        self.locks.take(keys.into_iter().flatten().chain(key)).await
    }

    /// The answer to an earlier request with the same key.
    async fn earlier_answer(&self, call: &Call) -> Result<Option<Recorded>, Failure> {
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
        Ok(Some(Recorded { position: first.position, record, generated: Vec::new(), replayed: true }))
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
            context: call.context.clone(),
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
                CodecError::TooLarge(len) => AppendError::TooLarge { len, limit: STORED_BYTES },
                other => AppendError::Unavailable(other.into()),
            })?;
            self.log.submit(log_stream, log_reads, Bytes::from(bytes))?
        };
        let position = receipt.durable().await?;
        Ok((Position(position.0), record))
    }

    /// Does what a record owes, once it is durable.
    async fn conclude(
        &self,
        position: Position,
        record: Record,
        mut draft: Draft,
    ) -> Result<Recorded, Failure> {
        self.duties.owe(&record.event.ended_entries(), record.at);
        self.projector.wait(position).await.map_err(|stopped| Failure::Unknown(stopped.into()))?;
        self.discard(&mut draft, &record.event.named_entries()).await;
        self.destroy_ended(&record.event).await?;
        Ok(Recorded { position, record, generated: draft.generated, replayed: false })
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

fn asked(call: &Call, now: Instant) -> Asked<'_> {
    Asked { caller: &call.caller, address: call.origin.address.as_deref(), expected: call.if_match, now }
}
