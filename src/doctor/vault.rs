//! Whether the vault is that of the log, and every entry that the log names can be opened.

use mfa_ledger_schemas::Secret;

use super::{Context, Outcome};
use crate::data_dir::{Entries, Lost};

/// Entries that are listed by name; the others are counted.
const LISTED: usize = 20;

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    if let Some(Err(error)) = look.vault.as_ref().filter(|_| look.entries.as_ref().is_some_and(Result::is_ok))
        && !error.is_about_the_key()
    {
        return Outcome::refused(error);
    }
    match &look.entries {
        None => Outcome::skipped("there is no key to open entries with; see key-file and master-key"),
        Some(Err(error)) => Outcome::refused(error),
        Some(Ok(entries)) if !entries.opened => unnamed(entries, look.held),
        Some(Ok(entries)) => judge(entries),
    }
}

/// Without the names that the log gives them.
fn unnamed(entries: &Entries, held: bool) -> Outcome {
    let why = if held { "a server holds the data directory" } else { "the log cannot be read" };
    if entries.strays == 0 {
        return Outcome::ok(format!(
            "{} entries, each with its key and its sealed bytes; {why}, so it was not checked whether they are all that \
             the log names{}",
            entries.named,
            if held {
                ": the server tells, with mfa_ledger_vault_damaged_entries and vault-entry-damaged alerts"
            } else {
                ""
            }
        ));
    }
    Outcome::fail(
        format!(
            "{} of {} entries are damaged; {why}, so their owners are not known here",
            entries.strays, entries.named
        ),
        "look at the alerts vault-entry-damaged, or stop the server and run doctor again: it names each entry and its owner",
    )
}

fn judge(entries: &Entries) -> Outcome {
    let Entries { named, unreadable, strays, .. } = entries;
    if unreadable.is_empty() {
        return match strays {
            0 => Outcome::ok(format!("all {named} entries open")),
            _ => Outcome::warn(
                format!("all {named} entries open; {strays} damaged key slots belong to none of them"),
                "the next start destroys them",
            ),
        };
    }
    let mut listed: Vec<_> = unreadable.iter().take(LISTED).map(line).collect();
    if unreadable.len() > LISTED {
        listed.push(format!("and {} more", unreadable.len() - LISTED));
    }
    let detail = format!("{} of {named} entries cannot be opened: {}", unreadable.len(), listed.join("; "));
    Outcome::fail(detail, advice(unreadable))
}

fn line(lost: &Lost) -> String {
    let whose = lost.whose.as_ref().map_or(String::new(), |name| format!(" of {name}"));
    format!("{} {}{whose} ({})", lost.secret.name(), lost.entry, lost.flaw)
}

/// What repairs them, for the kinds that there are.
fn advice(lost: &[Lost]) -> String {
    let has = |is: fn(Secret) -> bool| lost.iter().any(|it| is(it.secret));
    let ways = [
        (has(|it| matches!(it, Secret::Password(_))), "reset these passwords (administrator reset-password)"),
        (
            has(|it| matches!(it, Secret::TotpSeed(_) | Secret::BackupCodes(_))),
            "reset the MFA of these people, who then enroll again (mfa reset)",
        ),
        (has(|it| matches!(it, Secret::WebhookSecret(_))), "rotate the secrets of these webhooks"),
        (
            has(|it| matches!(it, Secret::Annex)),
            "enter these names and addresses again; texts of reasons and notes are lost",
        ),
    ];
    let ways: Vec<_> = ways.into_iter().filter(|(needed, _)| *needed).map(|(_, way)| way).collect();
    format!(
        "restore them from a backup (if a loss of records was accepted, from one that was made after it): mfa-ledger backup \
        restore BACKUP --vault-only. Without such a backup: {}",
        ways.join("; ")
    )
}
