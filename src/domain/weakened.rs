//! Whether a change of the settings asks for less than before, so that a reader of the log need not know which way each
//! setting leans.

use mfa_ledger_schemas::ApprovalPolicy;
use mfa_ledger_schemas::bodies::{BusinessHours, SettingsBody};

/// Whether one setting asks for less in `after` than in `before`. Every setting is named, so that a new one is decided on.
pub(crate) fn weakened(before: &SettingsBody, after: &SettingsBody) -> bool {
    let SettingsBody {
        mfa_available,
        mfa_required_for_all,
        issuer: _,
        step_up_minutes,
        approval,
        approver_hours,
        suspicion_hours,
        resets_per_target_per_day,
        resets_per_actor_per_hour,
        reset_request_hours,
        session_hours,
        enrollment_minutes,
        generated_password_hours,
        business_hours,
        reset_notice_subject: _,
        reset_notice_text: _,
    } = after;
    (before.mfa_available && !mfa_available)
        || (before.mfa_required_for_all && !mfa_required_for_all)
        || *step_up_minutes > before.step_up_minutes
        || strength(*approval) < strength(before.approval)
        || *approver_hours < before.approver_hours
        || *suspicion_hours < before.suspicion_hours
        || most(*resets_per_target_per_day) > most(before.resets_per_target_per_day)
        || most(*resets_per_actor_per_hour) > most(before.resets_per_actor_per_hour)
        || *reset_request_hours > before.reset_request_hours
        || *session_hours > before.session_hours
        || *enrollment_minutes > before.enrollment_minutes
        || *generated_password_hours > before.generated_password_hours
        || widened(&before.business_hours, business_hours)
}

/// A limit, of which 0 means none.
fn most(limit: u16) -> u16 {
    if limit == 0 { u16::MAX } else { limit }
}

fn strength(policy: ApprovalPolicy) -> u8 {
    match policy {
        ApprovalPolicy::Off => 0,
        ApprovalPolicy::SuperAdmins => 1,
        ApprovalPolicy::All | ApprovalPolicy::Unknown(_) => 2,
    }
}

/// Whether a time counts as business hours that did not before. Hours of another zone are never the same all year.
fn widened(before: &BusinessHours, after: &BusinessHours) -> bool {
    let BusinessHours { time_zone, weekdays, opens, closes } = after;
    *time_zone != before.time_zone
        || weekdays.iter().any(|day| !before.weekdays.contains(day))
        || *opens < before.opens
        || *closes > before.closes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::settings;

    type Change = fn(&mut SettingsBody);

    /// The settings that the changes below start from: each of them can be made stricter and weaker.
    fn strict() -> SettingsBody {
        SettingsBody { mfa_required_for_all: true, approval: ApprovalPolicy::SuperAdmins, ..settings() }
    }

    fn is_weaker(change: Change) -> bool {
        let mut after = strict();
        change(&mut after);
        assert_ne!(after, strict(), "something changes");
        weakened(&strict(), &after)
    }

    #[test]
    fn each_setting_that_asks_for_less_weakens() {
        let weaker: &[Change] = &[
            |it| it.mfa_available = false,
            |it| it.mfa_required_for_all = false,
            |it| it.step_up_minutes += 1,
            |it| it.approval = ApprovalPolicy::Off,
            |it| it.approver_hours -= 1,
            |it| it.suspicion_hours -= 1,
            |it| it.resets_per_target_per_day += 1,
            |it| it.resets_per_target_per_day = 0,
            |it| it.resets_per_actor_per_hour += 1,
            |it| it.resets_per_actor_per_hour = 0,
            |it| it.reset_request_hours += 1,
            |it| it.session_hours += 1,
            |it| it.enrollment_minutes += 1,
            |it| it.generated_password_hours += 1,
            |it| it.business_hours.weekdays.push(6),
            |it| it.business_hours.opens -= 1,
            |it| it.business_hours.closes += 1,
            |it| it.business_hours.time_zone = "Asia/Tokyo".to_owned(),
        ];
        for (number, change) in weaker.iter().enumerate() {
            assert!(is_weaker(*change), "{number}");
        }
    }

    #[test]
    fn what_asks_for_more_or_says_something_else_does_not() {
        let as_strict: &[Change] = &[
            |it| it.issuer.push('x'),
            |it| it.step_up_minutes -= 1,
            |it| it.approval = ApprovalPolicy::All,
            |it| it.approver_hours += 1,
            |it| it.suspicion_hours += 1,
            |it| it.resets_per_target_per_day -= 1,
            |it| it.resets_per_actor_per_hour -= 1,
            |it| it.reset_request_hours -= 1,
            |it| it.session_hours -= 1,
            |it| it.enrollment_minutes -= 1,
            |it| it.generated_password_hours -= 1,
            |it| it.business_hours.weekdays = vec![1],
            |it| it.business_hours.opens += 1,
            |it| it.business_hours.closes -= 1,
            |it| it.reset_notice_subject.push('x'),
            |it| it.reset_notice_text.push('x'),
        ];
        for (number, change) in as_strict.iter().enumerate() {
            assert!(!is_weaker(*change), "{number}");
        }
        let limited = SettingsBody { resets_per_target_per_day: 0, ..strict() };
        assert!(!weakened(&limited, &strict()), "a limit where there was none");
    }
}
