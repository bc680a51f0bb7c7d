//! What an error says, with all that lies beneath it.

use std::error::Error;

/// An error with its sources, from the outermost to the innermost.
pub fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text = format!("{text}: {next}");
        source = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    #[test]
    fn every_source_is_told() {
        assert_eq!(error_chain(&Outer(io::Error::other("inner"))), "outer: inner");
        assert_eq!(error_chain(&io::Error::other("alone")), "alone");
    }
}
