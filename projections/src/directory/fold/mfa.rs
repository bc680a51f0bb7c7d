//! Enrollment, resets, and what surrounds them.

use mfa_ledger_schemas::v1::{self, MfaReset};
use mfa_ledger_schemas::{Event, Factor, Position, Record, ResetRequestId, SessionStage};

use super::super::{Directory, ResetRequest, ResetRequestStage};
use crate::Throttle;
use crate::administrator::{Enrolled, Mfa, Pending};

const DAY_HOURS: i64 = 24;

impl Directory {
    pub(super) fn apply_mfa(&mut self, record: &Record) {
        match &record.event {
            Event::MfaEnrollmentStarted(event) => self.with(event.administrator, |it| {
                it.mfa.pending = Some(Pending { credential: event.credential, expires: event.expires });
            }),
            Event::MfaEnrollmentCancelled(event) => {
                self.with(event.administrator, |it| it.mfa.pending = None)
            }
            Event::MfaEnabled(event) => self.enable(record, event),
            Event::MfaDisabled(event) => {
                self.end_sessions(event.administrator, record.actor.session);
                self.with(event.administrator, |it| {
                    it.mfa = Mfa::default();
                    it.last_step = it.last_step.max(event.step);
                    *it.throttles.factor_mut(event.factor) = Throttle::default();
                    it.last_used = Some((event.factor, record.at));
                });
            }
            Event::BackupCodesRegenerated(event) => self.with(event.administrator, |it| {
                it.last_step = it.last_step.max(Some(event.step));
                it.throttles.totp = Throttle::default();
                it.last_used = Some((Factor::Totp, record.at));
                if let Some(enrolled) = &mut it.mfa.enrolled {
                    enrolled.backup_codes = event.backup_codes;
                    enrolled.unused = (0..event.backup_codes_count).collect();
                    enrolled.backup_codes_blocked = false;
                }
            }),
            _ => {}
        }
    }

    pub(super) fn apply_reset(&mut self, position: Position, record: &Record) {
        match &record.event {
            Event::MfaReset(event) => self.reset(position, record, event),
            Event::MfaResetRequested(event) => {
                let request = ResetRequest {
                    id: event.reset_request,
                    position,
                    target: event.administrator,
                    requester: record.actor.clone(),
                    at: record.at,
                    expires: event.expires,
                    story: event.story.clone(),
                    stage: ResetRequestStage::Open,
                };
                self.reset_requests.insert(request.id, request);
            }
            Event::MfaResetApproved(event) => {
                if let Some(by) = record.actor.administrator {
                    self.move_request(event.reset_request, ResetRequestStage::Approved { by, at: record.at });
                }
            }
            Event::MfaResetDeclined(event) => {
                self.move_request(event.reset_request, ResetRequestStage::Declined);
            }
            Event::SuspiciousRequestReported(event) => {
                if let Some(request) = event.reset_request {
                    self.move_request(request, ResetRequestStage::Suspicious);
                }
            }
            Event::ResetRepudiated(event) => {
                self.end_sessions(event.administrator, None);
                self.with(event.administrator, |it| it.frozen = it.frozen || event.frozen);
            }
            _ => {}
        }
    }

    pub(super) fn enable(&mut self, record: &Record, event: &v1::MfaEnabled) {
        let at = record.at;
        let stage = self.sessions.get(&event.session).map(|session| session.stage);
        self.end_sessions(event.administrator, Some(event.session));
        self.refresh(Some(event.session), Some(event.expires), at);
        self.with(event.administrator, |it| {
            it.mfa.pending = None;
            it.mfa.enrolled = Some(Enrolled {
                credential: event.credential,
                at,
                backup_codes: event.backup_codes,
                unused: (0..event.backup_codes_count).collect(),
                totp_blocked: false,
                backup_codes_blocked: false,
            });
            it.last_step = it.last_step.max(Some(event.step));
            it.last_used = Some((Factor::Totp, at));
            // The first code that fits ends the row of failures, which a reset does not: a new authenticator
            // must not be blocked by the old one's wrong codes.
            it.throttles.totp = Throttle::default();
            // Whoever was made to enroll has finished the log-in with it.
            if stage == Some(SessionStage::Enroll) {
                it.last_log_in = Some(at);
                it.remember(record.origin.address.as_deref());
            }
        });
    }

    pub(super) fn reset(&mut self, position: Position, record: &Record, event: &MfaReset) {
        self.end_sessions(event.administrator, None);
        let day_ago = record.at.plus_hours(-DAY_HOURS);
        self.with(event.administrator, |it| {
            it.mfa = Mfa::default();
            it.last_reset = Some(position);
            it.epoch = event.epoch;
            it.recent_resets.retain(|at| *at > day_ago);
            it.recent_resets.push_back(record.at);
        });
        let hour_ago = record.at.plus_hours(-1);
        if let Some(actor) = record.actor.administrator {
            self.with(actor, |it| {
                it.recent_resets_of_others.retain(|at| *at > hour_ago);
                it.recent_resets_of_others.push_back(record.at);
            });
        }
        if let Some(request) = event.story.reset_request {
            self.move_request(request, ResetRequestStage::Used(position));
        }
    }

    pub(super) fn move_request(&mut self, id: ResetRequestId, stage: ResetRequestStage) {
        if let Some(request) = self.reset_requests.get_mut(&id) {
            request.stage = stage;
        }
    }
}
