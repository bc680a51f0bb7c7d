//! `/metrics`: who knows of the log elsewhere.

/// Where checkpoints are put besides, as far as the metrics tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub name: String,
    /// Records that it knows of.
    pub position: u64,
    /// Records that it does not know of.
    pub lag: u64,
    /// Failures since the last success.
    pub failures: u64,
    /// Whether it says that it knows another log.
    pub disputed: bool,
}

impl Anchor {
    /// Out of a page of metrics, in their order.
    pub fn all(metrics: &str) -> Vec<Self> {
        let mut anchors: Vec<Self> = Vec::new();
        for line in metrics.lines() {
            let Some(rest) = line.strip_prefix("mfa_ledger_anchor_") else { continue };
            let Some((fact, rest)) = rest.split_once("{anchor=\"") else { continue };
            let Some((name, value)) = rest.split_once("\"} ") else { continue };
            let value = value.trim().parse().unwrap_or(0);
            let known = anchors.iter().position(|it| it.name == name).unwrap_or_else(|| {
                anchors.push(Self { name: name.to_owned(), ..Self::default() });
                anchors.len() - 1
            });
            let anchor = &mut anchors[known];
            match fact {
                "position" => anchor.position = value,
                "lag_records" => anchor.lag = value,
                "failures" => anchor.failures = value,
                "disputed" => anchor.disputed = value != 0,
                _ => {}
            }
        }
        anchors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_read_out_of_the_metrics() {
        let page = "# HELP x y\nmfa_ledger_anchor_position{anchor=\"s3-1\"} 12\n\
            mfa_ledger_anchor_lag_records{anchor=\"s3-1\"} 3\nmfa_ledger_anchor_failures{anchor=\"s3-1\"} 0\n\
            mfa_ledger_anchor_disputed{anchor=\"s3-1\"} 1\nmfa_ledger_other 5\n";
        let anchor = Anchor { name: "s3-1".to_owned(), position: 12, lag: 3, failures: 0, disputed: true };
        assert_eq!(Anchor::all(page), [anchor]);
        assert_eq!(Anchor::all(""), []);
    }
}
