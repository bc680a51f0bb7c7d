//! How log-ins, second factors and the ends of sessions change the directory.

use mfa_ledger_schemas::bodies;
use mfa_ledger_schemas::{
    AdministratorId, Event, Factor, FactorUse, Instant, LogInFailure, Record, SessionId, SessionStage,
};

use crate::Throttle;
use crate::administrator::{BLOCKING_FAILURES, BLOCKING_PASSWORD_FAILURES};
use crate::directory::{Directory, SLOWED_NAMES, Session, TriedName};

impl Directory {
    pub(super) fn apply_session(&mut self, record: &Record) {
        match &record.event {
            Event::SessionStarted(event) => self.start_session(record, event),
            Event::LogInFailed(event) => self.fail_log_in(event),
            Event::SecondFactorVerified(event) => {
                self.accept(record, event.administrator, Factor::Totp, event.used_for);
                self.refresh(event.session, event.expires, record.at);
                self.with(event.administrator, |it| it.last_step = it.last_step.max(Some(event.step)));
            }
            Event::BackupCodeUsed(event) => {
                self.accept(record, event.administrator, Factor::BackupCode, event.used_for);
                self.refresh(event.session, event.expires, record.at);
                self.with(event.administrator, |it| {
                    if let Some(enrolled) = &mut it.mfa.enrolled {
                        enrolled.unused.remove(&event.index);
                    }
                });
            }
            Event::SecondFactorFailed(event) => self.fail_factor(event),
            Event::SessionEnded(event) => self.end_session(event.session),
            Event::SessionsRevoked(event) => self.end_sessions(event.administrator, None),
            _ => {}
        }
    }

    fn start_session(&mut self, record: &Record, event: &bodies::SessionStarted) {
        // Ids are fresh; a log that says otherwise must not leave two ends of one session behind.
        self.end_session(event.session);
        self.sessions_by_end.insert((event.expires, event.session));
        self.sessions.insert(
            event.session,
            Session {
                id: event.session,
                administrator: event.administrator,
                stage: event.stage,
                started: record.at,
                expires: event.expires,
                verified_at: None,
                address: record.origin.address.clone(),
                user_agent: record.origin.user_agent.clone(),
            },
        );
        let known = event.device_known;
        if !known && let Some(slowed) = self.slowed.get_mut(&TriedName::Account(event.administrator)) {
            // It keeps its place: how long a name is remembered tells nothing.
            *slowed = Throttle::default();
        }
        self.with(event.administrator, |it| {
            it.sessions.insert(event.session);
            *it.throttles.password_mut(known) = Throttle::default();
            if event.stage == SessionStage::Done {
                it.last_log_in = Some(record.at);
                it.remember(record.origin.address.as_deref());
            }
        });
    }

    fn fail_log_in(&mut self, event: &bodies::LogInFailed) {
        let throttle = Throttle { consecutive: event.consecutive, next_attempt: event.next_attempt };
        if let Some(id) = event.administrator {
            let counts = event.cause != LogInFailure::Throttled;
            self.with(id, |it| {
                let own = it.throttles.password_mut(event.device_known);
                // Of its own: how long the next try waits may be forgotten, how many there were is not.
                own.consecutive = own.consecutive.saturating_add(counts.into());
                own.next_attempt = event.next_attempt;
                if own.consecutive >= BLOCKING_PASSWORD_FAILURES {
                    *it.password.blocked_mut(event.device_known) = true;
                }
            });
        }
        let unknown = event.unknown_name.clone().map(TriedName::Nobody);
        let name = event.administrator.map(TriedName::Account).or(unknown);
        if let Some(name) = name.filter(|_| !event.device_known) {
            self.slow(name, throttle);
        }
    }

    fn slow(&mut self, name: TriedName, throttle: Throttle) {
        if self.slowed.insert(name.clone(), throttle).is_none() {
            self.slowed_by_age.push_back(name);
        }
        if self.slowed.len() > SLOWED_NAMES
            && let Some(oldest) = self.slowed_by_age.pop_front()
        {
            self.slowed.remove(&oldest);
        }
    }

    fn accept(&mut self, record: &Record, id: AdministratorId, factor: Factor, used_for: FactorUse) {
        self.with(id, |it| {
            *it.throttles.factor_mut(factor) = Throttle::default();
            *it.throttles.host_mut(factor) = Throttle::default();
            it.last_used = Some((factor, record.at));
            if used_for == FactorUse::LogIn {
                it.last_log_in = Some(record.at);
                it.remember(record.origin.address.as_deref());
            }
        });
    }

    fn fail_factor(&mut self, event: &bodies::SecondFactorFailed) {
        self.with(event.administrator, |it| {
            let throttle = Throttle { consecutive: event.consecutive, next_attempt: event.next_attempt };
            if event.counts_apart {
                *it.throttles.host_mut(event.factor) = throttle;
                return;
            }
            *it.throttles.factor_mut(event.factor) = throttle;
            if event.consecutive >= BLOCKING_FAILURES
                && let Some(enrolled) = &mut it.mfa.enrolled
            {
                if event.factor == Factor::BackupCode {
                    enrolled.backup_codes_blocked = true;
                } else {
                    enrolled.totp_blocked = true;
                }
            }
        });
    }

    pub(super) fn refresh(&mut self, session: Option<SessionId>, expires: Option<Instant>, at: Instant) {
        let Some(session) = session.and_then(|id| self.sessions.get_mut(&id)) else { return };
        session.stage = SessionStage::Done;
        session.verified_at = Some(at);
        if let Some(expires) = expires {
            self.sessions_by_end.remove(&(session.expires, session.id));
            session.expires = expires;
            self.sessions_by_end.insert((expires, session.id));
        }
    }

    pub(super) fn end_session(&mut self, id: SessionId) {
        if let Some(session) = self.forget_session(id) {
            self.sessions_by_end.remove(&(session.expires, id));
        }
    }

    fn forget_session(&mut self, id: SessionId) -> Option<Session> {
        let session = self.sessions.remove(&id)?;
        self.with(session.administrator, |it| {
            it.sessions.remove(&id);
        });
        Some(session)
    }

    pub(super) fn end_sessions(&mut self, administrator: AdministratorId, kept: Option<SessionId>) {
        let Some(it) = self.administrators.get(&administrator) else { return };
        let ended: Vec<_> = it.sessions.iter().copied().filter(|id| Some(*id) != kept).collect();
        for id in ended {
            self.end_session(id);
        }
    }

    pub(crate) fn drop_expired_sessions(&mut self, now: Instant) {
        while self.sessions_by_end.first().is_some_and(|(expires, _)| *expires <= now)
            && let Some((_, id)) = self.sessions_by_end.pop_first()
        {
            self.forget_session(id);
        }
    }
}
