//! Text files that people write.

/// Without the byte-order mark that some editors put before the first line.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}
