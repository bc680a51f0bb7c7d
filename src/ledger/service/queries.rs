//! Asking: the caller's right is checked on the very state that the answer is read from.

use std::sync::Arc;

use mfa_ledger_domain::{READ, Reading, minute};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{Instant, Permission, Position, Record, RefusalCode, Scope, Words};
use mfa_ledger_vault::tokens::TokenKind;

use super::leaves::StoredRecord;
use super::{Answer, Call, Caller, Failure, Right, Service, Value, policy};

/// What comparing moments takes, and asking who could have reset whom. Rights are those of now: whoever may see
/// what is may see what was.
pub const PAST: Right = Right::AnyOfOrScope(
    &[Permission::ManageMfa, Permission::ViewActivity],
    &[Scope::ViewMfa, Scope::ViewActivity],
);
/// A query was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nobody known asks.
    Unauthenticated,
    /// A rule forbids it.
    Refused(RefusalCode),
}

/// One record with its public half, as it lies in the log.
#[derive(Clone, Debug)]
pub struct ActivityRecord {
    /// Where it stands.
    pub position: Position,
    /// The record.
    pub record: Record,
    /// The exact bytes of the CloudEvent.
    pub leaf: String,
    /// Whether it changed nothing.
    pub void: bool,
    /// The words that lie sealed beside it, while they exist.
    pub words: Value<Words>,
}

impl Service {
    /// Whose token this is; `None` when it is nobody's, or the session has ended.
    pub fn authenticate(&self, token: &str) -> Option<Caller> {
        let (kind, id) = self.tokens.verify(token)?;
        let state = self.state();
        let now = self.now_in(&state);
        match kind {
            TokenKind::Session => {
                let session = state.directory.session(mfa_ledger_schemas::SessionId::from_bytes(id), now)?;
                Some(Caller::Session { administrator: session.administrator, session: session.id })
            }
            TokenKind::ServiceAccount => {
                let id = mfa_ledger_schemas::ServiceAccountId::from_bytes(id);
                policy::live_account(&state.directory, id, now)
                    .map(|account| Caller::ServiceAccount(account.id))
            }
            TokenKind::Repudiation => None,
        }
    }

    /// Reads from the state, if the caller may.
    pub fn query<T>(
        &self,
        caller: &Caller,
        right: Right,
        read: impl FnOnce(&State, Instant) -> T,
    ) -> Result<T, Denied> {
        let state = self.state();
        let now = self.now_in(&state);
        policy::may(&state, caller, right, now)
            .map_err(|code| code.map_or(Denied::Unauthenticated, Denied::Refused))?;
        Ok(read(&state, now))
    }

    /// Whether the caller is known, and the one who caused the record at a position. A session that waits for its second
    /// factor is nobody's yet.
    pub fn is_own(&self, caller: &Caller, position: Position) -> bool {
        let state = self.state();
        let is_session = matches!(caller, Caller::Session { .. });
        if is_session && policy::may(&state, caller, Right::Signed, self.now_in(&state)).is_err() {
            return false;
        }
        let actor = policy::actor(&state.directory, caller).id();
        actor.is_some() && state.activity.at(position).is_some_and(|entry| entry.actor == actor)
    }

    /// Reads a fact that needs no right: positions, versions, counts for metrics.
    pub fn peek<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state())
    }

    /// Puts a reading or an export of the activity log on record, unless it is already: one record for each caller and
    /// minute is enough, refusals are recorded each time. `Ok(Some)` is the answer of the record that was made.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be recorded.
    pub async fn note_reading<R: Reading>(
        self: &Arc<Self>,
        call: Call,
        reading: R,
    ) -> Result<Option<Answer<R::Ending>>, Failure> {
        let noted = {
            let state = self.state();
            is_noted(&state, &call.caller, (reading.action(), reading.right()), self.now_in(&state))
        };
        if noted { Ok(None) } else { self.execute(call, reading).await.map(Some) }
    }

    /// Reads from the state where a reading of the activity log by this caller is allowed, and on record already.
    pub fn noted_query<T>(&self, caller: &Caller, read: impl FnOnce(&State) -> T) -> Option<T> {
        let state = self.state();
        let now = self.now_in(&state);
        is_noted(&state, caller, ("activity.read", READ), now).then(|| read(&state))
    }

    /// The newest durable record.
    pub async fn head(&self) -> Result<Position, Failure> {
        let head = self.log.head().await.map_err(|error| Failure::Unavailable(error.into()))?;
        Ok(Position(head.0))
    }

    /// Why the log takes no more records until it is reopened, if that is so.
    pub fn log_poisoned(&self) -> Option<String> {
        self.log.poisoned()
    }

    /// Records of the log with their leaves and words.
    pub async fn activity_records(&self, positions: &[Position]) -> Result<Vec<ActivityRecord>, Failure> {
        let shown = |stored: StoredRecord| {
            let (record, leaf) = (stored.record()?, stored.leaf()?.to_owned());
            let words = self.words(record.event.words());
            Ok(ActivityRecord { position: stored.position, record, leaf, void: stored.void, words })
        };
        self.stored_at(positions).await?.into_iter().map(shown).collect()
    }
}

fn is_noted(state: &State, caller: &Caller, (action, right): (&str, Right), now: Instant) -> bool {
    let actor = policy::actor(&state.directory, caller);
    state.directory.has_read(action, &actor, minute(now)) && policy::may(state, caller, right, now).is_ok()
}
