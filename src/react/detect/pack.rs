//! The pack: the rules that ship in the binary, one file each.
//!
//! A new rule needs:
//!
//! - `pack/NAME.yml` and a line in [`PACK`]. `name` is the name of the file. Every `id` is a UUID that no other rule has and
//!   that never changes; those here are of version 5. `tests` show a match and what is none;
//! - an attack in `tests/it/detect/planted.rs`, with the alert that it raises;
//! - `title` and `description` again, in both languages, in `src/console/texts/en-audit.toml` and `de-audit.toml` under
//!   `names.rule_title` and `names.rule_about`. The English ones are those of the file, word for word.

/// File name and text of every rule.
pub const PACK: &[(&str, &str)] = &[
    ("address-changed-then-reset.yml", include_str!("pack/address-changed-then-reset.yml")),
    ("audit-trail-in-doubt.yml", include_str!("pack/audit-trail-in-doubt.yml")),
    ("backup-codes-burned.yml", include_str!("pack/backup-codes-burned.yml")),
    ("burst-of-resets.yml", include_str!("pack/burst-of-resets.yml")),
    ("controls-weakened.yml", include_str!("pack/controls-weakened.yml")),
    ("freshly-reset-resets-others.yml", include_str!("pack/freshly-reset-resets-others.yml")),
    ("many-resets-by-one-performer.yml", include_str!("pack/many-resets-by-one-performer.yml")),
    ("never-enrolled-again.yml", include_str!("pack/never-enrolled-again.yml")),
    ("new-account-approves.yml", include_str!("pack/new-account-approves.yml")),
    ("notice-not-delivered.yml", include_str!("pack/notice-not-delivered.yml")),
    ("one-performer-many-administrators.yml", include_str!("pack/one-performer-many-administrators.yml")),
    (
        "one-performer-many-administrators-slowly.yml",
        include_str!("pack/one-performer-many-administrators-slowly.yml"),
    ),
    ("privileged-target.yml", include_str!("pack/privileged-target.yml")),
    ("refused-then-done.yml", include_str!("pack/refused-then-done.yml")),
    ("reported-then-reset.yml", include_str!("pack/reported-then-reset.yml")),
    ("reset-after-hours.yml", include_str!("pack/reset-after-hours.yml")),
    ("reset-and-password-reset.yml", include_str!("pack/reset-and-password-reset.yml")),
    ("reset-repudiated.yml", include_str!("pack/reset-repudiated.yml")),
    ("reset-soon-after-role.yml", include_str!("pack/reset-soon-after-role.yml")),
    ("reset-then-unknown-device.yml", include_str!("pack/reset-then-unknown-device.yml")),
    ("restored-to-an-earlier-moment.yml", include_str!("pack/restored-to-an-earlier-moment.yml")),
    ("same-administrator-reset-repeatedly.yml", include_str!("pack/same-administrator-reset-repeatedly.yml")),
    ("same-pair-approves.yml", include_str!("pack/same-pair-approves.yml")),
    ("second-factor-guessed.yml", include_str!("pack/second-factor-guessed.yml")),
    ("several-reset-requests.yml", include_str!("pack/several-reset-requests.yml")),
    ("several-super-administrators-tried.yml", include_str!("pack/several-super-administrators-tried.yml")),
    ("suspicious-report.yml", include_str!("pack/suspicious-report.yml")),
    ("thawed-after-denial.yml", include_str!("pack/thawed-after-denial.yml")),
    ("two-administrators-reset-each-other.yml", include_str!("pack/two-administrators-reset-each-other.yml")),
    ("unexpected-performer.yml", include_str!("pack/unexpected-performer.yml")),
    ("weak-identity-check.yml", include_str!("pack/weak-identity-check.yml")),
];
