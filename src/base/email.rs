//! E-mail addresses: one rule for who enters one and for what sends mail.

/// Most characters before the `@`, the dots not counted. RFC 5321 (section 4.5.3.1.1) counts them; no pattern can count them
/// and keep two from standing side by side. What is longer for that is found by what sends mail.
const LOCAL_CHARS: usize = 64;

/// Longest label of a host name (RFC 1035).
const LABEL_CHARS: usize = 63;

/// [`is_address`] as ECMA 262 writes it, but for the length of the whole.
pub const PATTERN: &str = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-](\.?[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]){0,63}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$";

/// Whether mail can be sent to it: words of letters, digits and signs with dots between them, and the name of a host. No
/// quotes, no address in numbers, nothing beside it.
pub fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte))
    };
    let label = |label: &str| {
        (1..=LABEL_CHARS).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    local.bytes().filter(|byte| *byte != b'.').count() <= LOCAL_CHARS
        && local.split('.').all(word)
        && host.split('.').all(label)
        && last.starts_with(|first: char| first.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mail_can_be_sent_to_is_an_address() {
        let long =
            |local: usize, label: usize| format!("{}@{}.example", "a".repeat(local), "b".repeat(label));
        let limits = [long(64, 63)];
        let good =
            ["jane@example.org", "root@localhost", "j.d+mfa@mail.3com.example", "o'neil@x-y.example", "a@b"];
        for address in good.iter().copied().chain(limits.iter().map(String::as_str)) {
            assert!(is_address(address), "{address}");
        }
        let too_long = [long(65, 63), long(64, 64)];
        for none in [
            "jane@example.org,",
            "jane@example.org, joe@example.org",
            "lit@[10.0.0.1]",
            "lit@10.0.0.1",
            "Jane <jane@example.org>",
            "\"jane doe\"@example.org",
            "jane@",
            "@example.org",
            "jane",
            "jane@@example.org",
            "jane..doe@example.org",
            ".jane@example.org",
            "jane.@example.org",
            "jane@example..org",
            "jane@example.org.",
            "jane@-x.example",
            "jane@x-.example",
            "jané@example.org",
            "jane@exämple.org",
            "jane@example.org;",
            "mailto:jane@example.org",
            "jane@example.org\r\n",
            " jane@example.org",
        ]
        .into_iter()
        .chain(too_long.iter().map(String::as_str))
        {
            assert!(!is_address(none), "{none:?}");
        }
    }
}
