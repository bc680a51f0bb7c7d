//! A letter as a mail: typed headers, text and HTML.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use lettre::Address;
use lettre::Message;
use lettre::error::Error;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use mfa_ledger_base::html::escaped;
use mfa_ledger_schemas::Instant;

use super::letter::{Letter, Part};

/// Who gets it, and how it is known.
pub(super) struct Heading<'a> {
    pub sender: &'a Mailbox,
    pub display_name: &'a str,
    pub addresses: &'a [Address],
    /// The same for every attempt.
    pub id: String,
    pub now: Instant,
}

pub(super) fn message(letter: &Letter, heading: &Heading<'_>) -> Result<Message, Error> {
    let name = Some(one_line(heading.display_name)).filter(|name| !name.is_empty());
    let sent = u64::try_from(heading.now.unix_ms()).unwrap_or_default();
    // RFC 3834: nobody's holiday answers this.
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let mut builder = Message::builder()
        .from(heading.sender.clone())
        .subject(one_line(&letter.subject))
        .message_id(Some(heading.id.clone()))
        .date(UNIX_EPOCH + Duration::from_millis(sent))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
    for address in heading.addresses {
        builder = builder.to(Mailbox::new(name.clone(), address.clone()));
    }
    builder.multipart(MultiPart::alternative_plain_html(text(letter), html(letter)))
}

/// Names and subjects are one line, whatever they were typed with.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    spaced.trim().to_owned()
}

fn text(letter: &Letter) -> String {
    let mut text = String::new();
    for part in &letter.parts {
        match part {
            Part::Paragraph(words) => text.push_str(words),
            Part::Facts(facts) => {
                let lines: Vec<_> =
                    facts.iter().map(|(name, value)| format!("{name}: {}", one_line(value))).collect();
                text.push_str(&lines.join("\n"));
            }
            Part::Link(url) => text.push_str(url),
        }
        text.push_str("\n\n");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn html(letter: &Letter) -> String {
    let mut html = String::from("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>");
    html.push_str(&escaped(&one_line(&letter.subject)));
    html.push_str("</title></head>\n<body>\n");
    for part in &letter.parts {
        // Writing to a string does not fail.
        let _written = match part {
            Part::Paragraph(words) => writeln!(html, "<p>{}</p>", escaped(words).replace('\n', "<br>\n")),
            Part::Facts(facts) => {
                let line = |(name, value): &(&str, String)| {
                    format!("{}: <b>{}</b>", escaped(name), escaped(&one_line(value)))
                };
                let lines: Vec<_> = facts.iter().map(line).collect();
                writeln!(html, "<p>{}</p>", lines.join("<br>\n"))
            }
            Part::Link(url) => {
                writeln!(html, "<p><a href=\"{}\">This wasn't me</a></p>", escaped(url))
            }
        };
    }
    html.push_str("</body>\n</html>\n");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_brings_a_header_or_an_element_of_its_own() {
        let letter = Letter {
            subject: "a\r\nBcc: eve@example.org".to_owned(),
            parts: vec![
                Part::Paragraph("<script>alert(1)</script>".to_owned()),
                Part::Facts(vec![("Ticket #", "1\r\n\r\n<b>&\"'".to_owned())]),
            ],
            to_former: false,
        };
        let heading = Heading {
            sender: &"mfa@example.org".parse().unwrap(),
            display_name: "Jane\r\nBcc: eve@example.org, \"x\" <eve@example.org>",
            addresses: &["jane@example.org".parse().unwrap()],
            id: "<1@example.org>".to_owned(),
            now: Instant::from_unix_seconds(1_700_000_000),
        };
        let message = message(&letter, &heading).unwrap();
        let bytes = String::from_utf8(message.formatted()).unwrap();
        assert!(!bytes.contains("\nBcc"), "{bytes}");
        assert_eq!(message.envelope().to().len(), 1, "{bytes}");
        let html = html(&letter);
        assert!(
            !html.contains("<script") && html.contains("<b>1    &lt;b&gt;&amp;&quot;&#39;</b>"),
            "{html}"
        );
    }
}
