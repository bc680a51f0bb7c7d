//! Which entries are wanted: the filters of the API.

use std::net::IpAddr;

use mfa_ledger_projections::ActivityFilter;
use mfa_ledger_schemas::{Instant, Outcome, limits};

use crate::cli::fields;

/// The parameters of a query, as the API names them.
pub(in crate::cli) type Query = Vec<(&'static str, String)>;

#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct Filter {
    /// Only this action, such as mfa.reset; may be given several times
    #[arg(long)]
    action: Vec<String>,
    /// Only by this actor: id or name
    #[arg(long)]
    actor: Option<String>,
    /// Only about this administrator: id or user name
    #[arg(long)]
    target: Option<String>,
    /// Only with this outcome
    #[arg(long, value_parser = fields::one_of!(Outcome))]
    outcome: Option<Outcome>,
    /// Only from this address
    #[arg(long)]
    ip: Option<IpAddr>,
    /// Only with this ticket
    #[arg(long)]
    ticket: Option<String>,
    /// Only with all of these words in a name, ticket, reason, action, code or address, or in what was told in words
    #[arg(short, long, value_name = "WORDS")]
    q: Option<String>,
    /// Only from this moment on: RFC 3339, or so long ago as 24h, 7d
    #[arg(long, value_name = "TIME", value_parser = fields::moment)]
    since: Option<Instant>,
    /// Only before this moment
    #[arg(long, value_name = "TIME", value_parser = fields::moment)]
    until: Option<Instant>,
}

impl Filter {
    /// Everything about an administrator.
    pub fn of_target(who: &str) -> Self {
        Self { target: Some(who.to_owned()), ..Self::default() }
    }

    /// Everything that an administrator did.
    pub fn of_actor(who: &str) -> Self {
        Self { actor: Some(who.to_owned()), ..Self::default() }
    }

    /// For the projection.
    pub fn projected(&self) -> ActivityFilter {
        ActivityFilter {
            actions: self.action.clone(),
            actor: self.actor.clone(),
            target: self.target.clone(),
            outcome: self.outcome,
            address: self.ip.map(|ip| ip.to_canonical().to_string()),
            ticket: self.ticket.clone(),
            words: self.q.iter().flat_map(|words| words.split_whitespace()).map(str::to_owned).collect(),
            since: self.since,
            until: self.until,
        }
    }

    /// For the API.
    pub fn query(&self) -> Query {
        let mut query: Query = self.action.iter().map(|action| ("action", action.clone())).collect();
        let texts = [
            ("actor", self.actor.clone()),
            ("target", self.target.clone()),
            ("outcome", self.outcome.map(|outcome| outcome.to_string())),
            ("ip", self.ip.map(|ip| ip.to_string())),
            ("ticket", self.ticket.clone()),
            ("q", self.q.clone()),
            ("since", self.since.map(|since| since.to_string())),
            ("until", self.until.map(|until| until.to_string())),
        ];
        query.extend(texts.into_iter().filter_map(|(name, value)| Some((name, value?))));
        query
    }

    /// For the record of the reading.
    pub fn recorded(&self) -> String {
        let pairs: Vec<_> = self.query().iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&").chars().take(limits::QUERY_CHARS).collect()
    }
}
