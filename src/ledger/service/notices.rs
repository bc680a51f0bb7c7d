//! The link in the notice of a reset: a token that names the reset, and is nothing without our key.

use mfa_ledger_projections::Reset;
use mfa_ledger_schemas::{Instant, Position};
use mfa_ledger_vault::tokens::TokenKind;

use super::{SecretText, Service};

/// How long the link works, in days after the reset.
pub const LINK_DAYS: i64 = 30;

/// What a link can still do.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// It is none of ours.
    Unknown,
    /// It is too old.
    Expired,
    /// This reset was denied before, by this link or otherwise.
    Used(Box<Reset>),
    /// It denies this reset.
    Good(Box<Reset>),
}

impl Service {
    /// The token that denies a reset.
    pub fn notice_token(&self, reset: Position) -> SecretText {
        let mut id = [0; 16];
        id[8..].copy_from_slice(&reset.0.to_be_bytes());
        self.tokens.mint(TokenKind::Repudiation, id)
    }

    /// What a token can still do; changes nothing.
    pub fn notice_link(&self, token: &str) -> Link {
        let Some((TokenKind::Repudiation, id)) = self.tokens.verify(token) else { return Link::Unknown };
        let (_, position) = id.split_last_chunk::<8>().expect("an id has 16 bytes");
        let state = self.state();
        let Some(reset) = state.resets.at(Position(u64::from_be_bytes(*position))) else {
            return Link::Unknown;
        };
        let reset = Box::new(reset.clone());
        drop(state);
        if reset.repudiated.is_some() {
            Link::Used(reset)
        } else if has_expired(reset.at, self.now()) {
            Link::Expired
        } else {
            Link::Good(reset)
        }
    }
}

fn has_expired(reset: Instant, now: Instant) -> bool {
    now > reset.plus_hours(24 * LINK_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_for_its_days_and_no_longer() {
        let reset = Instant::from_unix_seconds(1_000_000);
        assert!(!has_expired(reset, reset.plus_hours(24 * 30)));
        assert!(has_expired(reset, reset.plus_hours(24 * 30).plus_seconds(1)));
    }
}
