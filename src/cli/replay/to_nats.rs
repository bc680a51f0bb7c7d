//! `mfa-ledger replay --to-nats`

use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::str::FromStr;
use std::time::Duration;

use mfa_ledger_schemas::{Instant, LedgerId, Position};
use tokio::sync::mpsc;

use crate::cli::{Exit, Failed, Globals, chance, clock, nats};
use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir;
use crate::follow::publish::replaying::{Prefix, ReplayFailed, Replaying};

/// Leaves that were read and not sent yet: each is at most a few kilobytes.
const READ_AHEAD: usize = 256;

/// Between two lines of progress where standard error is no terminal.
const TELL_EVERY_MS: i64 = 10_000;

/// The same on a terminal, where the line is written over.
const SHOW_EVERY_MS: i64 = 250;

/// The fastest and the slowest that has a number; `max` knows no waiting at all.
const FASTEST: f64 = 1_000_000.0;
const SLOWEST: f64 = 0.001;

/// How fast, against how it happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Speed {
    Times(f64),
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.strip_suffix('x').unwrap_or(text).parse::<f64>().ok();
        let times = times.filter(|times| (SLOWEST..=FASTEST).contains(times));
        times.map(Self::Times).ok_or_else(|| format!("max, or {SLOWEST}x to {FASTEST}x, as in 10x"))
    }
}

impl Speed {
    /// When it is to be sent, in milliseconds after the first, what was recorded so long after it.
    fn due(self, after_ms: i64) -> i64 {
        match self {
            Self::Max => 0,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "milliseconds of a log's life are far below 2^52, and as a number too large it would wait for ever"
            )]
            Self::Times(times) => (after_ms.max(0) as f64 / times) as i64,
        }
    }
}

struct Leaf {
    position: Position,
    at: Instant,
    text: String,
}

pub(super) async fn run(
    globals: &Globals,
    urls: &[String],
    prefix: Prefix,
    speed: Speed,
    (from, to): (u64, Option<u64>),
) -> Result<(), Failed> {
    if to.is_some_and(|to| to < from) {
        return Err(Failed::with(Exit::Usage, "--to lies before --from"));
    }
    let config = globals.load_to_reach(urls)?.config;
    let ledger = data_dir::ledger(&config)?;
    let (connection, _) = nats::reach(globals, urls).await?;
    let (give, leaves) = mpsc::channel(READ_AHEAD);
    let reading = tokio::task::spawn_blocking(move || read(&config, from, to, &give));
    let mut replay = Replay::new(Replaying::new(&connection, prefix, ledger, &chance()), ledger, speed);
    let sent = replay.send_all(leaves).await;
    let read = reading.await.map_err(|error| Failed::new("reading the log broke off").because(&error))?;
    sent?;
    let last = read?;
    replay.done(from, to, last)
}

/// Reads the leaves of a range; whoever does not want more of them drops the other end.
fn read(config: &Config, from: u64, to: Option<u64>, give: &mpsc::Sender<Leaf>) -> Result<Position, Failed> {
    Ok(data_dir::history(config, |past| {
        let position = past.position.0;
        if position < from {
            return ControlFlow::Continue(());
        }
        if to.is_some_and(|to| position > to) {
            return ControlFlow::Break(());
        }
        let leaf = Leaf { position: past.position, at: past.state.at(), text: past.leaf().to_owned() };
        let wanted = give.blocking_send(leaf).is_ok() && to != Some(position);
        if wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?)
}

struct Replay<'c> {
    replaying: Replaying<'c>,
    ledger: LedgerId,
    speed: Speed,
    clock: std::sync::Arc<Clock>,
    sent: u64,
    last: Option<Position>,
    told_at: i64,
}

impl<'c> Replay<'c> {
    fn new(replaying: Replaying<'c>, ledger: LedgerId, speed: Speed) -> Self {
        let clock = clock();
        let told_at = clock.unix_ms();
        Self { replaying, ledger, speed, clock, sent: 0, last: None, told_at }
    }

    async fn send_all(&mut self, mut leaves: mpsc::Receiver<Leaf>) -> Result<(), Failed> {
        let mut begun = None;
        while let Some(leaf) = leaves.recv().await {
            let now = self.clock.unix_ms();
            let (began_at, first) = *begun.get_or_insert((now, leaf.at));
            let due = began_at.saturating_add(self.speed.due(leaf.at.unix_ms() - first.unix_ms()));
            self.until(due).await.map_err(|error| self.stopped(&error))?;
            let sent = self.replaying.send(leaf.position, &leaf.text).await;
            sent.map_err(|error| self.stopped(&error))?;
            (self.sent, self.last) = (self.sent + 1, Some(leaf.position));
            self.tell();
        }
        self.replaying.settle().await.map_err(|error| self.stopped(&error))
    }

    /// Waits, and says from time to time that it does.
    async fn until(&mut self, due: i64) -> Result<(), ReplayFailed> {
        loop {
            let left = due.saturating_sub(self.clock.unix_ms());
            let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { return Ok(()) };
            self.replaying.wait(Duration::from_millis(left.min(SHOW_EVERY_MS.unsigned_abs()))).await?;
            self.tell();
        }
    }

    fn tell(&mut self) {
        let (now, terminal) = (self.clock.unix_ms(), std::io::stderr().is_terminal());
        if now - self.told_at < if terminal { SHOW_EVERY_MS } else { TELL_EVERY_MS } {
            return;
        }
        self.told_at = now;
        let last = self.last.map_or_else(|| "none".to_owned(), |last| last.to_string());
        let (begin, end) = if terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        let line =
            format!("{begin}mfa-ledger: {} messages sent, the last of position {last}{end}", self.sent);
        let mut out = std::io::stderr().lock();
        // Whoever closed the terminal does not look at it.
        let _unseen = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }

    fn stopped(&self, error: &ReplayFailed) -> Failed {
        let exit = match error {
            ReplayFailed::NotAllowed(_) => Exit::NotAllowed,
            ReplayFailed::Lost | ReplayFailed::Send(_) => Exit::Remote,
            ReplayFailed::NoLeaf(_) => Exit::Tampering,
        };
        let advice = match error {
            ReplayFailed::NotAllowed(_) => {
                "let this user publish to the subjects of the replay; some of the messages may not have arrived"
            }
            _ => "some of the messages may not have arrived",
        };
        let sent = self.sent;
        Failed::with(exit, format!("the replay of {} broke off after {sent} messages: {error}", self.ledger))
            .advise(advice)
    }

    fn done(&self, from: u64, to: Option<u64>, head: Position) -> Result<(), Failed> {
        let terminal = if std::io::stderr().is_terminal() { "\r\x1b[K" } else { "" };
        let Some(last) = self.last else {
            let why = format!("the log ends at position {head}, before position {from}");
            return Err(Failed::with(Exit::NotFound, why));
        };
        eprintln!("{terminal}mfa-ledger: sent positions {from} to {last}, {} messages", self.sent);
        if let Some(to) = to.filter(|to| last.0 < *to) {
            let why = format!("the log ends at position {last}: there is no position {to} yet");
            return Err(Failed::with(Exit::NotFound, why));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_has_its_limits() {
        assert_eq!("10x".parse(), Ok(Speed::Times(10.0)));
        assert_eq!("0.001".parse(), Ok(Speed::Times(SLOWEST)));
        assert_eq!("1000000x".parse(), Ok(Speed::Times(FASTEST)));
        assert_eq!("max".parse(), Ok(Speed::Max));
        for text in ["", "x", "0x", "-1x", "0.0009x", "1000001x", "NaN", "inf", "10y", "1 x"] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_lay_a_minute_apart_lies_six_seconds_apart_at_ten_times_the_speed() {
        assert_eq!(Speed::Times(10.0).due(60_000), 6_000);
        assert_eq!(Speed::Times(0.5).due(60_000), 120_000);
        assert_eq!(Speed::Max.due(60_000), 0);
        assert_eq!(Speed::Times(10.0).due(-5), 0);
    }
}
