//! What types cannot say: ranges, and values that do not go together.

use std::path::Path;

use lettre::message::Mailbox;

use super::{Config, MailTls, network};

/// Most networks that deliveries may go into.
const MAX_NETWORKS: usize = 64;

/// Most anchors, and most witnesses.
const MAX_ANCHORS: usize = 16;

/// A value that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its key, such as `http.sse_clients`.
    pub key: &'static str,
    /// As it was given.
    pub value: String,
    /// What would be right.
    pub why: String,
}

/// The first fault, if there is one.
pub(super) fn check(config: &Config) -> Result<(), Fault> {
    let hashing = &config.hashing;
    range("hashing.lanes", hashing.lanes, 1..=16)?;
    range("hashing.passes", hashing.passes, 1..=64)?;
    // argon2 wants eight blocks a lane.
    range("hashing.memory_kib", hashing.memory_kib, 8 * hashing.lanes..=1024 * 1024)?;
    range("http.sse_clients", config.http.sse_clients, 0..=100_000)?;
    range("http.in_flight", config.http.in_flight, 1..=100_000)?;
    range("http.attempts_per_second", config.http.attempts_per_second, 0..=1_000_000)?;
    range("http.session_idle_minutes", config.http.session_idle_minutes, 0..=1_440)?;
    range("log.commands_waiting", config.log.commands_waiting, 1..=1_000_000)?;
    range("log.segment_mib", config.log.segment_mib, 1..=4_096)?;
    range("log.reread_mib", config.log.reread_mib, 0..=1_048_576)?;
    range("log.reserve_mib", config.log.reserve_mib, 0..=1_048_576)?;
    // Less would end a server whose disk is only slow for a moment.
    range("log.hang_exit_seconds", config.log.hang_exit_seconds, 4..=3_600)?;
    if let Some(url) = &config.http.public_url
        && origin(url).is_none()
    {
        let why = "it must be as https://mfa.example.org: https or http, a host, and no query";
        return fault("http.public_url", url, why);
    }
    if let Some(contact) = &config.http.security_contact
        && !["https://", "mailto:"].iter().any(|scheme| contact.starts_with(scheme))
    {
        return fault("http.security_contact", contact, "it must begin with mailto: or https://");
    }
    if config.data_dir.as_os_str().is_empty() {
        return fault("data_dir", "", "it must name a directory");
    }
    key_outside(config, "vault.master_key_file", config.vault.master_key_file.as_deref())?;
    key_outside(config, "log.signing_key_file", config.log.signing_key_file.as_deref())?;
    if let Some(file) = &config.log.anchor_memory_file
        && whole(file).starts_with(whole(&config.data_dir))
    {
        let why = "it lies in the data directory, and would be rolled back with it";
        return fault("log.anchor_memory_file", &file.display().to_string(), why);
    }
    mail(config)?;
    webhooks(config)?;
    anchors(config)?;
    super::nats::check(&config.nats)
}

/// What a browser says of a page at this address; none where it is no address of a site.
pub fn origin(url: &str) -> Option<String> {
    let uri: axum::http::Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let default = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let is_site = !authority.as_str().contains('@') && uri.query().is_none() && !url.contains('#');
    let host = Some(authority.host().to_lowercase()).filter(|host| is_site && !host.is_empty())?;
    Some(match authority.port_u16().filter(|port| *port != default) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// Longest wait for a mail host, in seconds.
const MAX_MAIL_TIMEOUT: u32 = 300;

/// Most hours of the watchdog: a year.
const MAX_WATCHDOG_HOURS: u16 = 365 * 24;

/// Whether mail can be sent at all; whether the host takes it is found out when there is some.
fn mail(config: &Config) -> Result<(), Fault> {
    let (mail, watchdog) = (&config.mail, &config.watchdog);
    range("mail.timeout_seconds", mail.timeout_seconds, 1..=MAX_MAIL_TIMEOUT)?;
    range("watchdog.reminder_hours", watchdog.reminder_hours, 0..=MAX_WATCHDOG_HOURS)?;
    range("watchdog.deactivate_hours", watchdog.deactivate_hours, 0..=MAX_WATCHDOG_HOURS)?;
    if mail.port == Some(0) {
        return fault("mail.port", "0", "it must be from 1 to 65535");
    }
    let Some(host) = &mail.host else {
        let given = [("mail.user_name", &mail.user_name), ("mail.sender", &mail.sender)];
        return match given.into_iter().find_map(|(key, value)| value.as_ref().map(|value| (key, value))) {
            Some((key, value)) => fault(key, value, "there is no mail.host that it could be for"),
            None => Ok(()),
        };
    };
    let named = |letter: char| letter.is_ascii_alphanumeric() || ".-:".contains(letter);
    if host.is_empty() || !host.chars().all(named) {
        return fault("mail.host", host, "it must be the name or the address of a host, and nothing else");
    }
    let sender = mail.sender.as_deref().unwrap_or_default();
    if sender.parse::<Mailbox>().is_err() {
        let why =
            "it must be a mail address, as mfa@example.org or MFA <mfa@example.org>, since mail.host is set";
        return fault("mail.sender", sender, why);
    }
    match (&mail.user_name, &mail.password) {
        (Some(name), None) => {
            fault("mail.user_name", name, "it needs a password, through MFA_LEDGER__MAIL__PASSWORD")
        }
        (None, Some(_)) => fault("mail.password", "***", "it needs a mail.user_name"),
        (Some(name), Some(_)) if matches!(mail.tls, MailTls::None | MailTls::StarttlsIfOffered) => {
            let why = "the password could be read on its way: mail.tls must be starttls or implicit";
            fault("mail.user_name", name, why)
        }
        _ => Ok(()),
    }
}

fn webhooks(config: &Config) -> Result<(), Fault> {
    let networks = &config.webhooks.allow_networks;
    range("webhooks.allow_networks", networks.len(), 0..=MAX_NETWORKS)?;
    match networks.iter().find(|text| network::parse(text).is_none()) {
        Some(text) => fault("webhooks.allow_networks", text, "it must be a network, such as 10.1.0.0/16"),
        None => Ok(()),
    }
}

/// Whether the texts are directories and addresses; what a key in them says is found out where it is used.
fn anchors(config: &Config) -> Result<(), Fault> {
    let (anchors, witnesses) = (&config.log.anchors, &config.log.witnesses);
    range("log.anchors", anchors.len(), 0..=MAX_ANCHORS)?;
    range("log.witnesses", witnesses.len(), 0..=MAX_ANCHORS)?;
    for anchor in anchors.iter().filter(|anchor| !anchor.starts_with('/')) {
        address("log.anchors", anchor, anchor)?;
    }
    for anchor in anchors.iter().filter(|anchor| anchor.starts_with('/')) {
        if whole(Path::new(anchor)).starts_with(whole(&config.data_dir)) {
            return fault(
                "log.anchors",
                anchor,
                "it lies in the data directory, and would be rolled back with it",
            );
        }
    }
    for witness in witnesses {
        let address_of = witness.trim().split_once(' ').map_or("", |(_, address)| address.trim());
        address("log.witnesses", witness, address_of)?;
    }
    Ok(())
}

fn address(key: &'static str, value: &str, address: &str) -> Result<(), Fault> {
    if address.starts_with("https://") {
        return fault(key, value, "there is no TLS here: name the http:// address of a proxy that speaks it");
    }
    if address.starts_with("http://") {
        return Ok(());
    }
    let why = match key {
        "log.witnesses" => "it must be a verifier key, a space, and an address that begins with http://",
        _ => "it must be a directory, from / on, or an address that begins with http://",
    };
    fault(key, value, why)
}

fn key_outside(config: &Config, key: &'static str, file: Option<&Path>) -> Result<(), Fault> {
    let Some(file) = file else { return Ok(()) };
    if whole(file).starts_with(whole(&config.data_dir)) {
        let why =
            "it lies in the data directory: a copy of the data would carry the key to it; keep it elsewhere";
        return fault(key, &file.display().to_string(), why);
    }
    Ok(())
}

fn whole(path: &Path) -> std::path::PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.into())
}

pub(super) fn range<T: Copy + PartialOrd + std::fmt::Display>(
    key: &'static str,
    value: T,
    range: std::ops::RangeInclusive<T>,
) -> Result<(), Fault> {
    if range.contains(&value) {
        return Ok(());
    }
    fault(key, &value.to_string(), &format!("it must be from {} to {}", range.start(), range.end()))
}

pub(super) fn fault(key: &'static str, value: &str, why: &str) -> Result<(), Fault> {
    Err(Fault { key, value: value.to_owned(), why: why.to_owned() })
}
