//! What each notice says. The guide's words where it has them ("Communication"), short ones elsewhere. No
//! secret, no code, and no token but the one of the link.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mfa_ledger_ledger::service::{BACKUP_CODES_LOW, LINK_DAYS};
use mfa_ledger_projections::administrator::BLOCKING_FAILURES;
use mfa_ledger_schemas::bodies::{BackupCodeUsed, SecondFactorFailed, SettingsBody};
use mfa_ledger_schemas::{Event, Factor, FactorUse, Instant, Record};

/// A letter before it is a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Letter {
    pub subject: String,
    pub parts: Vec<Part>,
    /// Whether addresses that were taken away from the account get it as well.
    pub to_former: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Paragraph(String),
    Facts(Vec<(&'static str, String)>),
    /// "This wasn't me."
    Link(String),
}

/// What a letter needs beside the record.
pub(super) struct Around {
    pub settings: SettingsBody,
    /// The user name of whoever is told.
    pub user_name: String,
    /// Who did it, in words.
    pub performer: String,
    /// For a reset that can still be denied by it.
    pub link: Option<String>,
}

/// The letter about a record; none where nobody is told of it.
pub(super) fn about(record: &Record, around: &Around) -> Option<Letter> {
    Some(match &record.event {
        Event::MfaReset(event) => reset(record, event.story.ticket.as_deref(), around),
        Event::MfaEnabled(_) => plain(
            "MFA is now enabled",
            "Multi-Factor Authentication was enabled for your administrator account.",
            record,
            around,
        ),
        Event::MfaDisabled(_) => plain(
            "MFA was disabled",
            "Multi-Factor Authentication was disabled for your administrator account, and its backup codes were \
            removed.",
            record,
            around,
        ),
        Event::BackupCodeUsed(event) => backup_code(event, record, around),
        Event::SecondFactorFailed(event) => wrong_codes(event, record, around),
        Event::PasswordReset(_) => plain(
            "Your password was reset",
            "A new password was generated for your administrator account. Whoever did it hands it to you; you \
            choose one of your own after you have logged in with it.",
            record,
            around,
        ),
        Event::AdministratorChanged(_) => plain(
            "Your name or mail addresses were changed",
            "The name or the mail addresses of your administrator account were changed. Notices go to the \
            addresses that are there now; those of a reset go to the former ones as well for a while.",
            record,
            around,
        ),
        _ => return None,
    })
}

/// Some time after a reset, to whoever has not enrolled again.
pub(super) fn reminder(record: &Record, around: &Around, deactivates: Option<Instant>) -> Letter {
    let mut parts = vec![
        Part::Paragraph(
            "Your Multi-Factor Authentication was reset, and you have not enabled it again. Until you do, your \
            password alone opens your administrator account."
                .to_owned(),
        ),
        Part::Paragraph(
            "1. Log in using your username and password\n2. Navigate to My Profile\n3. Click \"Enable MFA\" in \
            the Security section\n4. Follow the on-screen instructions to re-enroll"
                .to_owned(),
        ),
    ];
    if let Some(when) = deactivates {
        let when = shown(when, &around.settings);
        parts.push(Part::Paragraph(format!("Without it, your account is deactivated on {when}.")));
    }
    parts.push(Part::Facts(vec![
        ("Account", account(around)),
        ("Reset performed by", around.performer.clone()),
        ("Date", shown(record.at, &around.settings)),
    ]));
    deny(&mut parts, around);
    Letter { subject: "Please enable MFA again".to_owned(), parts, to_former: true }
}

fn reset(record: &Record, ticket: Option<&str>, around: &Around) -> Letter {
    let settings = &around.settings;
    let paragraphs = settings.reset_notice_text.split("\n\n").filter(|it| !it.trim().is_empty());
    let mut parts: Vec<_> = paragraphs.map(|it| Part::Paragraph(it.to_owned())).collect();
    let mut facts = vec![
        ("Account", account(around)),
        ("Reset performed by", around.performer.clone()),
        ("Date", shown(record.at, settings)),
    ];
    facts.extend(ticket.map(|ticket| ("Ticket #", ticket.to_owned())));
    parts.push(Part::Facts(facts));
    deny(&mut parts, around);
    Letter { subject: settings.reset_notice_subject.clone(), parts, to_former: true }
}

fn deny(parts: &mut Vec<Part>, around: &Around) {
    match &around.link {
        Some(link) => {
            parts.push(Part::Paragraph(format!(
                "If this wasn't you, open this page and confirm it there. Your account is frozen at once, until \
                IT opens it again. The page works once, for {LINK_DAYS} days."
            )));
            parts.push(Part::Link(link.clone()));
        }
        None => parts.push(Part::Paragraph(
            "If this wasn't you, call the help desk now: they can freeze your account at once.".to_owned(),
        )),
    }
}

fn backup_code(event: &BackupCodeUsed, record: &Record, around: &Around) -> Letter {
    let low = usize::from(event.left) <= usize::from(BACKUP_CODES_LOW);
    let (what, left) = (used_for(event.used_for), event.left);
    let subject = if low { "A backup code was used, and few are left" } else { "A backup code was used" };
    let left = match left {
        0 => "It was the last one.".to_owned(),
        1 => "One is left.".to_owned(),
        more => format!("{more} are left."),
    };
    let more = if low { " Make new ones in My Profile, in the Security section." } else { "" };
    let words = format!("A backup code of your administrator account was used {what}. {left}{more}");
    plain(subject, &words, record, around)
}

fn wrong_codes(event: &SecondFactorFailed, record: &Record, around: &Around) -> Letter {
    let factor = if event.factor == Factor::BackupCode { "backup codes" } else { "codes of your app" };
    if event.consecutive >= BLOCKING_FAILURES && !event.counts_apart {
        let words = format!(
            "After {} wrong {factor} in a row, your administrator account takes no more {factor}. IT can reset \
            your Multi-Factor Authentication once it is certain that it is you who asks.",
            event.consecutive
        );
        return plain("Your second factor is locked", &words, record, around);
    }
    let words = format!(
        "{} wrong {factor} in a row were given for your administrator account. Whoever gave them knows your \
        password: if it was not you, change it.",
        event.consecutive
    );
    plain("Wrong codes for your account", &words, record, around)
}

fn used_for(used: FactorUse) -> &'static str {
    match used {
        FactorUse::LogIn => "to log in",
        FactorUse::HostApplication => "in another application",
        _ => "to confirm a change",
    }
}

fn plain(subject: &str, words: &str, record: &Record, around: &Around) -> Letter {
    let mut facts = vec![
        ("Account", account(around)),
        ("Done by", around.performer.clone()),
        ("Date", shown(record.at, &around.settings)),
    ];
    facts.extend(record.origin.address.clone().map(|address| ("From the address", address)));
    let parts = vec![
        Part::Paragraph(words.to_owned()),
        Part::Facts(facts),
        Part::Paragraph("If this wasn't you, contact IT immediately.".to_owned()),
    ];
    // Of what others can do to the account, not of what the person does with it.
    let to_former = matches!(record.event, Event::AdministratorChanged(_) | Event::PasswordReset(_));
    Letter { subject: subject.to_owned(), parts, to_former }
}

fn account(around: &Around) -> String {
    format!("{} ({})", around.user_name, around.settings.issuer)
}

/// In the time zone of the settings, with its name.
fn shown(at: Instant, settings: &SettingsBody) -> String {
    let zone = TimeZone::get(&settings.business_hours.time_zone).unwrap_or(TimeZone::UTC);
    match Timestamp::from_millisecond(at.unix_ms()) {
        Ok(timestamp) => timestamp.to_zoned_datetime(zone).strftime("%A, %-d %B %Y, %H:%M %Z").to_string(),
        Err(_) => at.to_string(),
    }
}
