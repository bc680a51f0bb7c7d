//! The loop: takes in what is owed, hands it over, records what became of it.

use std::collections::BTreeMap;
use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::Mailbox;
use mfa_ledger_ledger::service::{Call, Service, Value, command};
use mfa_ledger_projections::State;
use mfa_ledger_projections::notices::OWED_HOURS;
use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{ActorKind, AdministratorId, Delivery, Event, Instant, Personal, Position, Record};
use tokio_util::sync::CancellationToken;

use super::Setup;
use super::copies::copies;
use super::job::{Job, Kind, is_reminder_due};
use super::letter::{self, Around, Letter};
use super::message::{Heading, message};
use super::schedule::{self, HOST_PAUSES};
use super::smtp::{Handed, Host};

/// How often it looks whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often it looks for people to be reminded, in seconds.
const REMIND_EVERY_SECONDS: i64 = 15;

/// Most notices in hand; more wait in the fold.
pub(super) const MOST_IN_HAND: usize = 1_000;

/// Most messages between two looks.
const BATCH: usize = 64;

pub(super) struct Run {
    setup: Setup,
    host: Host,
    sender: Mailbox,
    ending: CancellationToken,
    jobs: BTreeMap<(Position, Kind), Job>,
    /// What is owed up to here is in hand, or done.
    taken: Position,
    begun: Instant,
    reminded_at: Instant,
    host_failures: u32,
    host_again: Instant,
}

impl Run {
    pub fn new(setup: Setup, host: Host, sender: Mailbox, ending: CancellationToken) -> Self {
        let begun = setup.service.now();
        Self {
            setup,
            host,
            sender,
            ending,
            jobs: BTreeMap::new(),
            taken: Position::default(),
            begun,
            reminded_at: Instant::default(),
            host_failures: 0,
            host_again: Instant::default(),
        }
    }

    pub async fn until_told(mut self) {
        while !self.ending.is_cancelled() {
            let now = self.service().now();
            self.take_in(now);
            self.take_in_reminders(now);
            self.jobs.values_mut().filter(|job| job.result.is_none()).for_each(|job| {
                if schedule::is_over(job.since, now) {
                    job.give_up();
                }
            });
            self.hand_over(now).await;
            self.record_results().await;
            self.host.rest().await;
            let ending = self.ending.clone();
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = ending.cancelled() => {}
            }
        }
    }

    fn service(&self) -> &Service {
        &self.setup.service
    }

    fn take_in(&mut self, now: Instant) {
        let (room, taken) = (MOST_IN_HAND.saturating_sub(self.jobs.len()), self.taken);
        let oldest = now.plus_hours(-OWED_HOURS);
        let owed: Vec<_> =
            self.service().peek(|state| state.notices.owed_after(taken).take(room).copied().collect());
        for owed in owed {
            self.taken = owed.about;
            // The fold drops what is too old when the next record comes; here it may have been long ago.
            if owed.at >= oldest {
                let job = Job::new(owed.about, Kind::Notice, owed.administrator, owed.at.max(self.begun));
                self.jobs.insert((owed.about, Kind::Notice), job);
            }
        }
    }

    fn take_in_reminders(&mut self, now: Instant) {
        let hours = self.setup.reminder_hours;
        if hours == 0 || now < self.reminded_at.plus_seconds(REMIND_EVERY_SECONDS) {
            return;
        }
        self.reminded_at = now;
        let room = MOST_IN_HAND.saturating_sub(self.jobs.len());
        for (about, administrator) in self.service().peek(|state| to_remind(state, now, hours, room)) {
            let key = (about, Kind::Reminder);
            self.jobs.entry(key).or_insert_with(|| Job::new(about, Kind::Reminder, administrator, now));
        }
    }

    /// Hands over what is due, while the host takes it.
    async fn hand_over(&mut self, now: Instant) {
        let due = |job: &&Job| job.result.is_none() && job.again <= now;
        let due: Vec<_> =
            self.jobs.values().filter(due).map(|job| (job.about, job.kind)).take(BATCH).collect();
        if due.is_empty() || now < self.host_again || !self.may_record() {
            return;
        }
        if let Err(why) = self.host.reach().await {
            return self.host_is_away(&why);
        }
        for key in due {
            if self.ending.is_cancelled() {
                return;
            }
            let Some(mut job) = self.jobs.remove(&key) else { continue };
            let away = self.attempt(&mut job).await.err();
            self.jobs.insert(key, job);
            if let Some(why) = away {
                return self.host_is_away(&why);
            }
            self.host_failures = 0;
            // One after the other, so that what was sent is on record before the next one can be lost.
            self.record_results().await;
        }
    }

    /// What could not be recorded would be sent again and again.
    fn may_record(&self) -> bool {
        self.service().admit().is_ok()
    }

    fn host_is_away(&mut self, why: &str) {
        if self.host_failures == 0 {
            let waiting = self.jobs.len();
            tracing::warn!(
                host = self.setup.mail.host,
                why,
                waiting,
                "no mail can be sent; to be tried again"
            );
        }
        self.host_failures = self.host_failures.saturating_add(1);
        self.host_again = schedule::again(HOST_PAUSES, self.host_failures, self.service().now());
        self.jobs.values_mut().for_each(|job| job.waits(why));
    }

    /// One attempt at one notice; an error is about the host.
    async fn attempt(&mut self, job: &mut Job) -> Result<(), String> {
        let now = self.service().now();
        let (letter, personal) = match self.letter(job).await {
            Ok(Some(found)) => found,
            Ok(None) => {
                job.finish();
                return Ok(());
            }
            Err(why) => {
                job.put_off(why, now);
                return Ok(());
            }
        };
        let copies = copies(letter, &personal, now);
        job.unusable |= copies.iter().any(|copy| copy.unusable);
        let is_left = |address: &&Address| !job.settled.contains(address);
        let left: Vec<Vec<_>> =
            copies.iter().map(|copy| copy.addresses.iter().filter(is_left).cloned().collect()).collect();
        if left.iter().any(|addresses| !addresses.is_empty()) {
            job.begin();
        }
        for (copy, left) in copies.iter().zip(&left).filter(|(_, left)| !left.is_empty()) {
            let heading = Heading {
                sender: &self.sender,
                display_name: &personal.display_name,
                addresses: &copy.addresses,
                id: self.message_id(job, copy.suffix),
                now,
            };
            match message(&copy.letter, &heading) {
                Ok(message) => self.deliver(job, left, &message.formatted(), now).await?,
                // Another attempt would end alike.
                Err(error) => {
                    tracing::warn!(position = %job.about, %error, "a notice cannot be written as a message");
                    for address in left {
                        job.cannot_reach(address);
                    }
                }
            }
        }
        if copies.iter().flat_map(|copy| &copy.addresses).all(|address| job.settled.contains(address)) {
            job.finish();
        }
        Ok(())
    }

    /// To all of them at once; where the host refuses that, to each.
    async fn deliver(
        &mut self,
        job: &mut Job,
        addresses: &[Address],
        message: &[u8],
        now: Instant,
    ) -> Result<(), String> {
        let mut groups = vec![addresses.to_vec()];
        while let Some(group) = groups.pop() {
            let sender = Some(self.sender.email.clone());
            let envelope = Envelope::new(sender, group.clone()).map_err(|error| error.to_string())?;
            match (self.host.hand_over(&envelope, message).await, group.as_slice()) {
                (Handed::Over, group) => job.delivered_to(group),
                (Handed::Refused(code), [address]) => job.refused_to(address, code),
                (Handed::Never, [address]) => job.cannot_reach(address),
                (Handed::NotNow(code), [_]) => job.put_off(format!("the mail server answers {code}"), now),
                (Handed::Refused(_) | Handed::Never | Handed::NotNow(_), group) => {
                    groups.extend(group.iter().map(|address| vec![address.clone()]));
                }
                (Handed::Away(why), _) => return Err(why),
            }
        }
        Ok(())
    }

    /// What is to be said, and to whom; none where there is nobody.
    async fn letter(&self, job: &Job) -> Result<Option<(Letter, Personal)>, String> {
        let service = self.service();
        let records = service.activity_records(&[job.about]).await;
        let records = records.map_err(|_| "the record cannot be read".to_owned())?;
        let Some(record) = records.into_iter().next().map(|found| found.record) else { return Ok(None) };
        let (person, settings) = service.peek(|state| {
            let person = state.directory.administrator(job.administrator);
            let person = person.map(|it| (it.user_name.clone(), it.personal));
            (person, state.directory.settings().cloned())
        });
        let (Some((user_name, annex)), Some(settings)) = (person, settings) else { return Ok(None) };
        let personal = match service.personal(annex) {
            Value::Known(personal) => personal,
            Value::None => return Ok(None),
            Value::Unreadable => return Err("the addresses in the vault are damaged".to_owned()),
        };
        let performer = self.performer(&record.actor);
        let around = Around { settings, user_name, performer, link: self.link(&record, job.about) };
        let letter = match job.kind {
            Kind::Notice => letter::about(&record, &around),
            Kind::Reminder => {
                let hours = i64::from(self.setup.deactivate_hours);
                let deactivates = (hours > 0).then(|| record.at.plus_hours(hours));
                Some(letter::reminder(&record, &around, deactivates))
            }
        };
        Ok(letter.map(|letter| (letter, personal)))
    }

    fn link(&self, record: &Record, about: Position) -> Option<String> {
        let url = self.setup.public_url.as_deref().filter(|_| matches!(record.event, Event::MfaReset(_)))?;
        let token = self.service().notice_token(about);
        Some(format!("{}/this-was-not-me/{}", url.trim_end_matches('/'), token.expose()))
    }

    /// The display name while there is one, and the user name.
    fn performer(&self, actor: &Actor) -> String {
        match (actor.kind, actor.administrator) {
            (_, Some(id)) => {
                let annex = self.service().peek(|state| {
                    state.directory.administrator(id).and_then(|administrator| administrator.personal)
                });
                // The user name says it as well.
                let personal = self.service().personal(annex).known();
                let display = personal.map(|it| it.display_name).filter(|name| !name.trim().is_empty());
                display.map_or_else(|| actor.name.clone(), |name| format!("{name} ({})", actor.name))
            }
            (ActorKind::Operator, None) => format!("{}, at the server's command line", actor.name),
            (ActorKind::Anonymous, None) => "somebody who was not logged in".to_owned(),
            _ => actor.name.clone(),
        }
    }

    /// The same for every attempt, so that whoever gets one twice can see that.
    fn message_id(&self, job: &Job, suffix: &str) -> String {
        let (kind, about, ledger) = (job.kind.name(), job.about, self.service().ledger());
        format!("<{kind}-{about}{suffix}.{ledger}@{}>", self.sender.email.domain())
    }

    async fn record_results(&mut self) {
        let now = self.service().now();
        let ready = |job: &&Job| job.result.is_some() && job.again <= now;
        let ready: Vec<_> = self.jobs.values().filter(ready).map(|job| (job.about, job.kind)).collect();
        for key in ready {
            let Some(job) = self.jobs.get_mut(&key) else { continue };
            let Some(result) = job.result.clone() else { continue };
            let (delivery, error) = (result.delivery, result.error.clone());
            let name = format!("{} {}", job.kind.name(), job.about);
            let service = &self.setup.service;
            // An answer that was lost is not a second record.
            let idempotency = Some((name.clone(), service.fingerprint(&[name.as_bytes()])));
            let answer = match service.reaction("notify", result.about).await {
                Ok(call) => {
                    let call = Call { idempotency, ..call };
                    service.execute(call, command::RecordNotification(result)).await
                }
                Err(failure) => Err(failure),
            };
            if let Err(failure) = answer {
                job.record_later(now);
                tracing::warn!(notice = name, %failure, "what became of a notice is not on record yet");
                return;
            }
            self.jobs.remove(&key);
            if delivery == Delivery::Failed {
                tracing::warn!(notice = name, error, "nobody could be told");
            }
        }
    }
}

/// Those to be reminded now, the latest first to have been reset last.
fn to_remind(state: &State, now: Instant, hours: u16, room: usize) -> Vec<(Position, AdministratorId)> {
    let due = state.resets.all_open().filter(|reset| {
        let known = state.directory.administrator(reset.target.administrator);
        known.is_some_and(mfa_ledger_projections::Administrator::can_log_in)
            && is_reminder_due(reset, now, hours)
            && !state.notices.owes(reset.position)
    });
    due.take(room).map(|reset| (reset.position, reset.target.administrator)).collect()
}
