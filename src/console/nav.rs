//! The way to the pages: what a viewer could not read is not offered to them.

use mfa_ledger_schemas::Permission;

use super::texts::Texts;

/// A group of pages.
pub(super) struct Group {
    pub title: &'static str,
    pub entries: Vec<Entry>,
}

/// A page.
pub(super) struct Entry {
    pub href: &'static str,
    pub picture: &'static str,
    pub title: &'static str,
    /// Any of these permissions opens it; none are needed where there are none.
    needs: &'static [Permission],
}

impl Entry {
    /// Whether it is the page at an address, or the page above it.
    pub fn is_at(&self, here: &str) -> bool {
        let path = here.split('?').next().unwrap_or_default();
        let rest = path.strip_prefix(self.href);
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && self.href != super::HOME))
    }
}

/// The groups that have something for a viewer with these permissions.
pub(super) fn groups(t: &'static Texts, held: &[Permission]) -> Vec<Group> {
    let open = |entry: &Entry| entry.needs.is_empty() || entry.needs.iter().any(|it| held.contains(it));
    let groups = all(t).into_iter().map(|mut group| {
        group.entries.retain(open);
        group
    });
    groups.filter(|group| !group.entries.is_empty()).collect()
}

fn all(t: &'static Texts) -> Vec<Group> {
    use Permission::{
        ManageAdministrators, ManageAlerts, ManageMfa, ManageRoles, ManageSettings, ViewActivity,
    };
    let n = &t.nav;
    let entry = |href, picture, title, needs| Entry { href, picture, title, needs };
    vec![
        Group { title: &n.overview, entries: vec![entry("/console", "home", &n.dashboard, &[])] },
        Group {
            title: &n.administrators,
            entries: vec![
                entry(
                    "/console/administrators",
                    "people",
                    &n.view_administrators,
                    &[ManageMfa, ManageAdministrators, ManageRoles, ViewActivity],
                ),
                entry("/console/reset-requests", "inbox", &n.reset_requests, &[ManageMfa]),
                entry("/console/resets", "chart", &n.resets, &[ManageMfa, ViewActivity]),
            ],
        },
        Group {
            title: &n.watch,
            entries: vec![
                entry("/console/activity", "list", &n.activity, &[ViewActivity]),
                entry("/console/alerts", "bell", &n.alerts, &[ManageAlerts]),
                entry("/console/rules", "rule", &n.rules, &[ManageAlerts]),
                entry("/console/past", "history", &n.past, &[ManageMfa, ViewActivity]),
            ],
        },
        Group {
            title: &n.system,
            entries: vec![
                // Whoever audits what was done reads under which settings.
                entry("/console/settings", "gear", &n.settings, &[ManageSettings, ManageRoles, ViewActivity]),
                entry("/console/integrity", "seal", &n.integrity, &[ViewActivity, ManageSettings]),
            ],
        },
        Group { title: &n.account, entries: vec![entry("/console/me", "person", &n.my_profile, &[])] },
    ]
}
