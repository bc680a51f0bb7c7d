//! From where to where a stream reaches, before it is read.

use std::time::Duration;

use super::ended::Ended;
use crate::follow::publish::reading::Source;
use crate::integrity::{Bad, Kind, Tampered};

/// The stream grows within this time where its publisher still has something to send.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(5);

/// How often it is asked.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// The last sequence of a stream that has its beginning. What was signed for may still be on its way there.
pub(super) async fn end(events: &Source, covered: u64) -> Result<u64, Ended> {
    let (mut first, mut last) = events.bounds().await?;
    let mut waited = Duration::ZERO;
    while last < covered && waited < PUBLISHED_WITHIN {
        tokio::time::sleep(ASK_EVERY).await;
        let before = last;
        (first, last) = events.bounds().await?;
        waited = if last > before { Duration::ZERO } else { waited + ASK_EVERY };
    }
    check_beginning(first, last)?;
    Ok(last)
}

/// Limits of a stream take its oldest messages away, as deleting does.
pub(super) fn check_beginning(first: u64, last: u64) -> Result<(), Tampered> {
    if last > 0 && first > 1 { Err(missing(1, first - 1)) } else { Ok(()) }
}

pub(super) fn missing(first: u64, last: u64) -> Tampered {
    let bad = if first == last { Bad::At(first) } else { Bad::Within { first, last } };
    let why = if first == 1 {
        format!(
            "messages 1 to {last} are gone: the limits of the stream have dropped them, or somebody deleted them"
        )
    } else {
        format!("message {first} is gone")
    };
    Tampered::at(Kind::Gap, bad, first - 1, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_without_its_beginning_is_said_so() {
        assert!(check_beginning(0, 0).is_ok());
        assert!(check_beginning(1, 9).is_ok());
        let missing = check_beginning(4, 9).unwrap_err();
        assert_eq!(missing.bad, Bad::Within { first: 1, last: 3 });
        assert_eq!(check_beginning(2, 9).unwrap_err().bad, Bad::At(1));
    }
}
