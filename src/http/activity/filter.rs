//! Which entries a caller wants.

use std::net::IpAddr;

use mfa_ledger_projections::ActivityFilter;
use mfa_ledger_schemas::event::REFUSED_ACTIONS;
use mfa_ledger_schemas::{Event, Instant, Outcome};

use crate::problem::Problem;

/// Parameters of a query with those that filter, which all queries of the activity log share.
macro_rules! filtered {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields, default)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            /// Any of these actions, such as `mfa.reset` or `mfa.reset_refused`; repeatable.
            #[param(required = false)]
            action: Vec<String>,
            /// Id or name of who acted.
            #[param(nullable = false)]
            actor: Option<String>,
            /// Id or user name of the administrator acted upon.
            #[param(nullable = false)]
            target: Option<String>,
            /// What became of it.
            #[serde(default, deserialize_with = "crate::query::given")]
            #[param(nullable = false)]
            outcome: Option<mfa_ledger_schemas::Outcome>,
            /// Address of the caller.
            #[serde(default, deserialize_with = "crate::query::given")]
            #[param(nullable = false, value_type = Option<String>)]
            ip: Option<std::net::IpAddr>,
            /// The ticket.
            #[param(nullable = false)]
            ticket: Option<String>,
            /// Words, each of which must stand in a name, ticket, reason, action, code or address, or in what was
            /// told in words (requester, reason, note) and is not erased. The id of an event (`evt_…`) finds that event.
            #[param(nullable = false)]
            q: Option<String>,
            /// From this moment on.
            #[serde(default, deserialize_with = "crate::query::given")]
            #[param(nullable = false)]
            since: Option<mfa_ledger_schemas::Instant>,
            /// Before this moment.
            #[serde(default, deserialize_with = "crate::query::given")]
            #[param(nullable = false)]
            until: Option<mfa_ledger_schemas::Instant>,
            $($(#[$field_doc])* $field: $type,)*
        }

        impl $name {
            fn filter(&self) -> Result<mfa_ledger_projections::ActivityFilter, crate::problem::Problem> {
                $crate::activity::filter::Given {
                    actions: &self.action,
                    actor: self.actor.as_deref(),
                    target: self.target.as_deref(),
                    outcome: self.outcome,
                    ip: self.ip,
                    ticket: self.ticket.as_deref(),
                    q: self.q.as_deref(),
                    since: self.since,
                    until: self.until,
                }
                .filter()
            }
        }
    };
}

pub(super) use filtered;

/// The parameters that filter, as they were given.
pub(super) struct Given<'a> {
    pub actions: &'a [String],
    pub actor: Option<&'a str>,
    pub target: Option<&'a str>,
    pub outcome: Option<Outcome>,
    pub ip: Option<IpAddr>,
    pub ticket: Option<&'a str>,
    pub q: Option<&'a str>,
    pub since: Option<Instant>,
    pub until: Option<Instant>,
}

impl Given<'_> {
    pub fn filter(self) -> Result<ActivityFilter, Problem> {
        for action in self.actions {
            known_action(action)?;
        }
        range(self.since, self.until)?;
        Ok(ActivityFilter {
            actions: self.actions.to_vec(),
            actor: self.actor.map(str::to_owned),
            target: self.target.map(str::to_owned),
            outcome: self.outcome,
            address: self.ip.map(|ip| ip.to_canonical().to_string()),
            ticket: self.ticket.map(str::to_owned),
            words: self.q.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            since: self.since,
            until: self.until,
        })
    }
}

/// A misspelt action would silently find nothing.
fn known_action(action: &str) -> Result<(), Problem> {
    let registered = Event::KINDS.iter().any(|(.., known)| *known == action);
    if registered || REFUSED_ACTIONS.contains(&action) {
        return Ok(());
    }
    Err(Problem::parameter("action", format!("{action} is no action of the activity log")))
}

/// A range that ends before it begins holds nothing, which nobody means.
fn range(since: Option<Instant>, until: Option<Instant>) -> Result<(), Problem> {
    match (since, until) {
        (Some(since), Some(until)) if since >= until => {
            Err(Problem::parameter("until", "later than `since`"))
        }
        _ => Ok(()),
    }
}
