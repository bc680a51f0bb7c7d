//! Ninety days: people enroll, log in, mistype, lose phones; the help desk resets, refuses, follows up.

use mfa_ledger_schemas::{NotificationChannel, ResetReason, VerificationMethod, Words};

use super::play::Play;
use super::{DAY_MS, DAYS, DemoError, attack, people};
use crate::chance::Chance;
use crate::service::command::{Documented, TypedFactor};
use crate::service::{Caller, SecretText, command, presets};

const HOUR_MS: i64 = 60 * 60 * 1_000;
/// The attack comes in the night of this day before the end.
const ATTACK_DAYS_AGO: i64 = 7;
/// Two days before, the same caller was turned away: a report makes a reset need a second person for one day.
const TRIED_DAYS_AGO: i64 = ATTACK_DAYS_AGO + 2;
/// From this day on the security officers' role requires MFA.
const REQUIRED_FROM_DAY: i64 = 30;

const REASONS: &[(ResetReason, VerificationMethod)] = &[
    (ResetReason::NewPhone, VerificationMethod::InPersonPhotoId),
    (ResetReason::LostOrStolenDevice, VerificationMethod::VideoCall),
    (ResetReason::AppReinstalled, VerificationMethod::KnownPhoneAndQuestions),
    (ResetReason::DeviceFailure, VerificationMethod::AuthenticatedTicket),
    (ResetReason::LockedOut, VerificationMethod::InPersonPhotoId),
];

/// A die that falls the same way every time: the story does not change from one demo to the next.
struct Die(Chance);

impl Die {
    fn below(&self, sides: usize) -> usize {
        usize::from(u16::from_be_bytes(self.0.bytes())) % sides.max(1)
    }
}

pub(super) async fn write(play: &mut Play, first_password: SecretText) -> Result<(), DemoError> {
    let die = Die(Chance::seeded(90));
    play.enter(people::ROOT, None, first_password);
    play.choose_password(people::ROOT).await?;
    let root = play.log_in(people::ROOT, None).await?;
    play.enroll(people::ROOT, &root, None).await?;
    for (user_name, role) in people::cast() {
        play.register(&root, &user_name, role).await?;
    }
    for day in 1..DAYS {
        let midnight = (play.end() / DAY_MS - DAYS + day) * DAY_MS;
        if DAYS - day == ATTACK_DAYS_AGO {
            play.at(midnight);
            attack::night(play).await?;
        }
        if day == REQUIRED_FROM_DAY {
            play.at(midnight + 8 * HOUR_MS);
            require_mfa_of_security(play).await?;
        }
        // 1 January 1970 was a Thursday: days 2 and 3 of this count are Saturday and Sunday.
        let weekday = (midnight / DAY_MS).rem_euclid(7);
        if weekday != 2 && weekday != 3 {
            working_day(play, &die, day, midnight).await?;
        }
        if DAYS - day == TRIED_DAYS_AGO {
            play.at(midnight + 20 * HOUR_MS);
            attack::first_try(play).await?;
        }
    }
    Ok(())
}

async fn require_mfa_of_security(play: &mut Play) -> Result<(), DemoError> {
    let root = play.log_in(people::ROOT, None).await?;
    let role = presets::roles().into_iter().find(|role| role.role.as_str() == "security-officer");
    let role = role.ok_or_else(|| DemoError::Step("the presets have no security officer".to_owned()))?;
    play.must(&root, None, command::DefineRole { mfa_required: true, ..role }).await?;
    Ok(())
}

async fn working_day(play: &mut Play, die: &Die, day: i64, midnight: i64) -> Result<(), DemoError> {
    play.at(midnight + 7 * HOUR_MS);
    let names = play.names();
    for _ in 0..8 {
        play.wait_minutes(10 + i64::try_from(die.below(35)).unwrap_or(0));
        let name = &names[die.below(names.len())];
        if [people::AUDITOR, people::UNENROLLED].contains(&name.as_str()) {
            mistype(play, name).await?;
            continue;
        }
        if die.below(9) == 0 {
            mistype(play, name).await?;
        }
        let caller = play.log_in(name, None).await?;
        if !play.is_enrolled(name) && (day > 20 || die.below(3) == 0) {
            play.enroll(name, &caller, None).await?;
        } else if play.is_enrolled(name) && die.below(12) == 0 {
            slow_clock(play, name, &caller).await?;
        }
    }
    match day % 5 {
        1 if day > 10 => lost_phone(play, die, day).await?,
        3 => refused(play, die, day).await?,
        _ => {}
    }
    Ok(())
}

async fn mistype(play: &mut Play, name: &str) -> Result<(), DemoError> {
    let address = play.person(name).address.clone();
    let password = SecretText::new("a slip of the fingers".to_owned());
    let command = play.service.log_in(name.to_owned(), password);
    play.act(&Caller::Anonymous, Some(&address), command).await.map(drop)
}

/// A code of four minutes ago: refused, and the help desk can read why.
async fn slow_clock(play: &mut Play, name: &str, caller: &Caller) -> Result<(), DemoError> {
    let address = play.person(name).address.clone();
    let factor = TypedFactor::Code(play.code(name, -8)?);
    play.act(caller, Some(&address), command::VerifySecondFactor { factor }).await.map(drop)
}

async fn lost_phone(play: &mut Play, die: &Die, day: i64) -> Result<(), DemoError> {
    let desk = ensure_enrolled(play, people::HELP_DESK).await?;
    let staff: Vec<String> =
        play.names().into_iter().filter(|name| people::is_staff(name) && play.is_enrolled(name)).collect();
    if staff.is_empty() {
        return Ok(());
    }
    let target = staff[die.below(staff.len())].clone();
    let (reason, verification) = REASONS[die.below(REASONS.len())];
    let documented =
        documented(play, &target, Some(reason), Some(verification), Some(format!("INC-{}", 4_000 + day)));
    let reset = play.reset((people::HELP_DESK, &desk), &target, documented).await?;
    let reset = reset.map_err(|why| DemoError::Step(format!("a reset was refused: {}", why.code())))?;
    play.wait_minutes(6);
    let note = Some("Told how to enroll again.".to_owned());
    let notified = Some(NotificationChannel::Phone);
    play.must(&desk, None, command::RecordFollowUp { reset: reset.receipt.position, notified, note }).await?;
    play.wait_minutes(35);
    let caller = play.log_in(&target, None).await?;
    play.enroll(&target, &caller, None).await
}

/// Requests that the rules turn down.
async fn refused(play: &mut Play, die: &Die, day: i64) -> Result<(), DemoError> {
    let desk = ensure_enrolled(play, people::HELP_DESK).await?;
    let names = play.names();
    let target = names[die.below(names.len())].clone();
    let (target, verification) = match die.below(3) {
        0 => (people::SECOND_ROOT.to_owned(), Some(VerificationMethod::VideoCall)),
        1 => (target, Some(VerificationMethod::EmailOnly)),
        _ => (target, None),
    };
    if target == people::HELP_DESK || target == people::ROOT {
        return Ok(());
    }
    let ticket = Some(format!("INC-{}", 5_000 + day));
    let documented = documented(play, &target, Some(ResetReason::LockedOut), verification, ticket);
    match play.reset((people::HELP_DESK, &desk), &target, documented).await? {
        Err(_) => Ok(()),
        Ok(_) => Err(DemoError::Step(format!("a reset of {target} should have been refused"))),
    }
}

/// A session of somebody who has proved a second factor a moment ago.
pub(super) async fn ensure_enrolled(play: &mut Play, name: &str) -> Result<Caller, DemoError> {
    let caller = play.log_in(name, None).await?;
    if !play.is_enrolled(name) {
        play.enroll(name, &caller, None).await?;
    }
    Ok(caller)
}

pub(super) fn documented(
    play: &Play,
    target: &str,
    reason: Option<ResetReason>,
    verification: Option<VerificationMethod>,
    ticket: Option<String>,
) -> Documented {
    Documented {
        reason,
        verification,
        requested_at: Some(play.now().plus_minutes(-12)),
        ticket,
        words: Words {
            requester_name: Some(people::display_name(target)),
            requester_contact: Some("known number, extension 20".to_owned()),
            text: None,
        },
        reset_request: None,
    }
}
