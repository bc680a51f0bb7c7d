//! What a stranger reads first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::people;
use super::play::Person;

/// Where to look, whom to log in as, and three lines to paste.
pub(super) fn welcome(cast: &BTreeMap<String, Person>, url: &str) -> String {
    let mut text = format!("\nmfa-ledger demo: {} administrators, 90 days of history.\n\n", cast.len());
    let _ = writeln!(text, "  Console        {url}/console");
    let _ = writeln!(text, "  API            {url}");
    let _ = writeln!(text, "  Documentation  {url}/docs");
    let _ = writeln!(text, "  OpenAPI        {url}/openapi.json\n\nAccounts:\n");
    let accounts = [
        (people::ROOT, "super administrator, MFA enabled"),
        (people::HELP_DESK, "help desk, may reset others, MFA enabled"),
        (people::AUDITOR, "auditor, reads the activity log, no MFA"),
        (people::UNENROLLED, "security officer, must enroll: the role requires MFA"),
    ];
    for (name, what) in accounts {
        let Some(person) = cast.get(name) else { continue };
        let _ = writeln!(text, "  {name:<15} {:<34} {what}", person.password.expose());
        if let Some(uri) = &person.uri {
            let _ = writeln!(text, "  {:<15} {}", "", uri.expose());
        }
    }
    if let Some(uri) = cast.get(people::HELP_DESK).and_then(|person| person.uri.as_ref()) {
        let secret =
            uri.expose().split("secret=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
        let _ = writeln!(text, "\nA code for {}: oathtool --totp -b {secret}", people::HELP_DESK);
    }
    let _ =
        writeln!(text, "{} has lost her phone: reset her MFA as {}.", people::LOST_PHONE, people::HELP_DESK);
    let password = cast.get(people::AUDITOR).map(|it| it.password.expose().to_owned()).unwrap_or_default();
    let _ = writeln!(text, "\nThree lines to paste:\n");
    let _ = writeln!(
        text,
        "TOKEN=$(curl -s {url}/v1/session -H 'Content-Type: application/json' \
         -d '{{\"user_name\":\"{}\",\"password\":\"{password}\"}}' | sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')",
        people::AUDITOR
    );
    let _ = writeln!(
        text,
        "curl -s \"{url}/v1/activity?action=mfa.reset&limit=3\" -H \"Authorization: Bearer $TOKEN\""
    );
    let _ = writeln!(text, "curl -s \"{url}/v1/resets?limit=3\" -H \"Authorization: Bearer $TOKEN\"");
    text.push_str("\nStop with Ctrl-C; everything is in a temporary directory that goes with it.\n");
    text
}
