//! Sessions that nobody uses end before their time (NIST SP 800-63B-4, 2.2.3: after an hour at the latest).
//!
//! When a session was last used is kept in memory alone: a record for each request would bury the log. After a start it
//! counts from the last proof in it, a password or a second factor; so a restart never makes one live longer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use mfa_ledger_ledger::service::{Caller, Service};
use mfa_ledger_schemas::{Instant, SessionId};

/// Sessions in memory before those that are over are looked for.
const LOOK_FROM: usize = 1_000;

/// When sessions were last used.
#[derive(Debug)]
pub struct Idle {
    minutes: u16,
    used: Mutex<HashMap<SessionId, Instant>>,
}

impl Idle {
    /// Ends sessions after so many minutes without a request; 0 for never.
    pub fn after(minutes: u16) -> Self {
        Self { minutes, used: Mutex::default() }
    }

    /// Whether a caller's session was used lately; if so, it is used now.
    pub(super) fn admits(&self, caller: &Caller, service: &Service) -> bool {
        self.is_live(caller, service, true)
    }

    /// Whether a caller's session is over for want of use. To ask is not to use it.
    pub(super) fn is_over(&self, caller: &Caller, service: &Service) -> bool {
        !self.is_live(caller, service, false)
    }

    fn is_live(&self, caller: &Caller, service: &Service, uses: bool) -> bool {
        let Caller::Session { session, .. } = caller else { return true };
        if self.minutes == 0 {
            return true;
        }
        let now = service.now();
        let found = service.peek(|state| {
            state.directory.session(*session, now).map(|it| it.verified_at.unwrap_or(it.started))
        });
        let Some(proved) = found else { return false };
        let ends = |used: Instant| used.plus_minutes(self.minutes.into());
        let mut all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let last = all.get(session).copied().map_or(proved, |last| last.max(proved));
        if ends(last) <= now {
            return false;
        }
        if uses {
            if all.len() >= LOOK_FROM && !all.contains_key(session) {
                all.retain(|_, last| ends(*last) > now);
            }
            all.insert(*session, now);
        }
        true
    }
}

impl Default for Idle {
    fn default() -> Self {
        Self::after(0)
    }
}
