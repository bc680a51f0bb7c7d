//! One planted attack: somebody is turned away by one agent, talks another into a reset at night, enrolls a device of
//! their own, redirects the mail of the next victim, and goes on from there, until the first says "this wasn't me".

use mfa_ledger_schemas::{RedFlag, ResetReason, VerificationMethod};

use super::days::{documented, ensure_enrolled};
use super::play::Play;
use super::{DemoError, people};
use crate::service::command;

/// Where the attacker comes from (a documentation range, RFC 5737).
const ATTACKER: &str = "198.51.100.23";

/// An agent who does not believe the caller.
pub(super) async fn first_try(play: &mut Play) -> Result<(), DemoError> {
    let desk = ensure_enrolled(play, people::HELP_DESK).await?;
    let address = play.person(people::HELP_DESK).address.clone();
    let report = command::ReportSuspiciousRequest {
        administrator: Some(play.id(people::VICTIM)?),
        reset_request: None,
        red_flags: [RedFlag::FailedSecurityQuestions, RedFlag::UnusualStyle].into(),
        description: Some("Would not be called back on the known number.".to_owned()),
    };
    play.must(&desk, Some(&address), report).await.map(drop)
}

pub(super) async fn night(play: &mut Play) -> Result<(), DemoError> {
    play.wait_minutes(2 * 60 + 40);
    for victim in [people::VICTIM, people::SECOND_VICTIM] {
        ensure_enrolled(play, victim).await?;
    }
    let desk = ensure_enrolled(play, people::NIGHT_DESK).await?;
    let performer = (people::NIGHT_DESK, &desk);
    let by_mail = documented(
        play,
        people::VICTIM,
        Some(ResetReason::LostOrStolenDevice),
        Some(VerificationMethod::EmailOnly),
        None,
    );
    expect_refusal(play.reset(performer, people::VICTIM, by_mail).await?.is_err())?;
    play.wait_minutes(4);
    let by_phone = documented(
        play,
        people::VICTIM,
        Some(ResetReason::LostOrStolenDevice),
        Some(VerificationMethod::KnownPhoneAndQuestions),
        None,
    );
    let reset = play.reset(performer, people::VICTIM, by_phone).await?;
    let reset = reset.map_err(|why| DemoError::Step(format!("the attack was refused: {}", why.code())))?;
    play.wait_minutes(3);
    let intruder = play.log_in(people::VICTIM, Some(ATTACKER)).await?;
    play.enroll(people::VICTIM, &intruder, Some(ATTACKER)).await?;
    play.wait_minutes(5);
    // So that the notice of the next reset goes elsewhere; the former address gets it all the same.
    let redirect = command::ChangeAdministrator {
        administrator: play.id(people::SECOND_VICTIM)?,
        user_name: None,
        super_administrator: None,
        display_name: None,
        emails: Some(vec!["iris.it@mail.example".to_owned()]),
    };
    play.must(&intruder, Some(ATTACKER), redirect).await?;
    let next = documented(
        play,
        people::SECOND_VICTIM,
        Some(ResetReason::NewPhone),
        Some(VerificationMethod::VideoCall),
        None,
    );
    let moved_on = play.reset((people::VICTIM, &intruder), people::SECOND_VICTIM, next).await?;
    moved_on.map_err(|why| DemoError::Step(format!("the attack was refused: {}", why.code())))?;
    play.wait_minutes(5 * 60);
    let root = play.log_in(people::ROOT, None).await?;
    let note = Some("Ines called from her known number: she had asked for nothing.".to_owned());
    play.must(&root, None, command::RepudiateReset { reset: reset.receipt.position, note }).await?;
    clean_up(play).await
}

/// The morning after: the account back in its owner's hands.
async fn clean_up(play: &mut Play) -> Result<(), DemoError> {
    play.wait_minutes(60);
    let root = play.log_in(people::ROOT, None).await?;
    let administrator = play.id(people::VICTIM)?;
    let note = Some("Identity verified in person, device enrolled at the desk.".to_owned());
    play.must(&root, None, command::ReactivateAdministrator { administrator, note }).await?;
    let documented = documented(
        play,
        people::VICTIM,
        Some(ResetReason::LostOrStolenDevice),
        Some(VerificationMethod::InPersonPhotoId),
        Some("SEC-0001".to_owned()),
    );
    let reset = play.reset((people::ROOT, &root), people::VICTIM, documented).await?;
    reset.map_err(|why| DemoError::Step(format!("the clean-up was refused: {}", why.code())))?;
    for victim in [people::VICTIM, people::SECOND_VICTIM] {
        play.wait_minutes(20);
        ensure_enrolled(play, victim).await?;
    }
    Ok(())
}

fn expect_refusal(refused: bool) -> Result<(), DemoError> {
    if refused { Ok(()) } else { Err(DemoError::Step("a request by mail alone was not refused".to_owned())) }
}
