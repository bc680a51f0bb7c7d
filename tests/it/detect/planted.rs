//! 90 days in which every attack happens once. Before them, a month in which the help desk got its roles and
//! did its first resets.

use mfa_ledger_schemas::{Instant, Position, RefusalCode};

use super::history::{History, SUPER};

/// The first of the 90 days, counted from the beginning of the log: Monday, 5 January 2026.
const FIRST_DAY: i64 = 35;
const LAST_DAY: i64 = FIRST_DAY + 90;

/// The performers are 1 to 13; each has reset somebody before the 90 days begin.
const PERFORMERS: std::ops::RangeInclusive<u8> = 1..=13;

/// Somebody who is registered within the 90 days.
const NEW_ACCOUNT: u8 = 130;

/// A working day of its own for every attack, and fresh targets.
struct Days {
    history: History,
    day: i64,
    target: u8,
}

/// From when on the attacks are, and the history with what is expected of it.
pub fn planted() -> (Instant, Instant, History) {
    let mut history = History::default();
    history.at(0, 9, 0);
    history.settings();
    for who in PERFORMERS.chain(20..120).chain(SUPER..SUPER + 4) {
        history.register(who);
    }
    for performer in PERFORMERS {
        // Mondays to Fridays, from the second week on.
        let day = i64::from(performer - 1);
        history.at(7 + day / 5 * 7 + day % 5, 10, 0);
        history.reset(performer, 19 + performer);
    }
    let mut days = Days { history, day: FIRST_DAY - 3, target: 40 };
    days.volume();
    days.circumstances();
    days.sequences();
    days.around();
    days.approvals();
    assert!(days.day < LAST_DAY, "{}", days.day);
    (History::day(FIRST_DAY), History::day(LAST_DAY), days.history)
}

impl Days {
    /// Ten in the morning, three days later, and never at a weekend.
    fn next(&mut self) {
        self.day += 3;
        while self.day % 7 >= 5 {
            self.day += 1;
        }
        self.history.at(self.day, 10, 0);
    }

    fn target(&mut self) -> u8 {
        self.target += 1;
        self.target
    }

    /// So many resets of different people, with minutes between.
    fn resets(&mut self, performer: u8, count: usize, minutes: i64) -> Vec<Position> {
        let reset = |_| {
            let target = self.target();
            let position = self.history.reset(performer, target);
            self.history.pass(minutes);
            position
        };
        (0..count).map(reset).collect()
    }

    fn volume(&mut self) {
        self.next();
        let target = self.target();
        let first = self.history.reset(1, target);
        self.history.at(self.day + 1, 10, 0);
        let second = self.history.reset(2, target);
        self.history.expect("same-administrator-reset-repeatedly", &[first, second]);

        self.next();
        let five = self.resets(3, 5, 5);
        self.history.expect("many-resets-by-one-performer", &five);
        self.history.expect("one-performer-many-administrators", &five);

        // Monday to Thursday, eleven people.
        self.next();
        while self.day % 7 != 0 {
            self.day += 1;
        }
        let mut slow = Vec::new();
        for (day, count) in [3, 3, 3, 2].into_iter().enumerate() {
            self.history.at(self.day + i64::try_from(day).expect("small"), 11, 0);
            slow.extend(self.resets(4, count, 100));
        }
        self.day += 4;
        self.history.expect("one-performer-many-administrators-slowly", &slow);

        self.next();
        let burst = [(5, 4), (6, 3), (7, 3)].map(|(performer, count)| self.resets(performer, count, 2));
        self.history.expect("burst-of-resets", &burst.concat());
    }

    fn circumstances(&mut self) {
        self.next();
        self.history.at(self.day, 22, 0);
        let target = self.target();
        let late = self.history.reset(1, target);
        self.history.expect("reset-after-hours", &[late]);

        self.next();
        let role = self.history.assign(8);
        self.history.at(self.day + 1, 10, 0);
        let target = self.target();
        let reset = self.history.reset(8, target);
        self.history.expect("reset-soon-after-role", &[role, reset]);
        self.history.expect("unexpected-performer", &[reset]);

        self.next();
        let reset = self.history.reset(1, SUPER);
        self.history.expect("privileged-target", &[reset]);

        self.next();
        let target = self.target();
        let refused = self.history.refuse(1, target, RefusalCode::VerificationUnacceptable);
        self.history.expect("weak-identity-check", &[refused]);
    }

    fn sequences(&mut self) {
        self.next();
        let target = self.target();
        let reset = self.history.reset_for_good(2, target);
        self.history.expect("never-enrolled-again", &[reset]);

        self.next();
        let target = self.target();
        let reset = self.history.reset(2, target);
        self.history.pass(120);
        let log_in = self.history.log_in(target, false);
        self.history.expect("reset-then-unknown-device", &[reset, log_in]);

        self.next();
        let first = self.history.reset(11, 12);
        self.history.pass(60);
        let second = self.history.reset(12, 11);
        self.history.expect("freshly-reset-resets-others", &[first, second]);
        self.history.expect("two-administrators-reset-each-other", &[first, second]);

        self.next();
        let target = self.target();
        let reset = self.history.reset(1, target);
        self.history.pass(10);
        let password = self.history.reset_password(2, target);
        self.history.expect("reset-and-password-reset", &[reset, password]);

        self.next();
        let target = self.target();
        let refused = self.history.refuse(1, target, RefusalCode::VerificationRequired);
        self.history.pass(20);
        let reset = self.history.reset(2, target);
        self.history.expect("refused-then-done", &[refused, reset]);
    }

    fn around(&mut self) {
        self.next();
        let first = self.history.refuse(10, SUPER + 1, RefusalCode::SuperAdminRequired);
        self.history.pass(5);
        let second = self.history.refuse(10, SUPER + 2, RefusalCode::SuperAdminRequired);
        self.history.expect("several-super-administrators-tried", &[first, second]);

        self.next();
        let (guessed, tired) = (self.target(), self.target());
        let mut failures = Vec::new();
        for number in 0..20 {
            failures.push(self.history.wrong_code(guessed));
            self.history.pass(i64::from(number % 3 == 0));
        }
        self.history.expect("second-factor-guessed", &failures);
        let mut codes = Vec::new();
        for _ in 0..3 {
            self.history.pass(30);
            codes.push(self.history.backup_code(tired));
        }
        self.history.expect("backup-codes-burned", &codes);

        self.next();
        let target = self.target();
        let reset = self.history.reset(1, target);
        self.history.pass(30);
        let repudiated = self.history.repudiate(target, reset);
        self.history.expect("reset-repudiated", &[repudiated]);
        self.history.pass(60);
        let thawed = self.history.reactivate(3, target);
        self.history.expect("thawed-after-denial", &[thawed]);
        let target = self.target();
        let reset = self.history.reset(2, target);
        self.history.pass(20);
        let failed = self.history.fail_notice(target, reset);
        self.history.expect("notice-not-delivered", &[reset, failed]);

        self.next();
        let target = self.target();
        let mut requests = Vec::new();
        for _ in 0..3 {
            requests.push(self.history.request(1, target));
            self.history.pass(90);
        }
        self.history.expect("several-reset-requests", &requests);
        let lost = self.history.accept_loss();
        self.history.expect("audit-trail-in-doubt", &[lost]);
        let restored = self.history.restore();
        self.history.expect("restored-to-an-earlier-moment", &[restored]);
        self.beside();
    }

    /// What is done beside a reset.
    fn beside(&mut self) {
        self.next();
        let target = self.target();
        let reported = self.history.report(1, target);
        self.history.expect("suspicious-report", &[reported]);
        self.history.pass(60);
        let reset = self.history.reset(2, target);
        self.history.expect("reported-then-reset", &[reported, reset]);
        let weakened = self.history.weaken(4);
        self.history.expect("controls-weakened", &[weakened]);

        self.next();
        let target = self.target();
        let changed = self.history.change(5, target);
        self.history.pass(60);
        let reset = self.history.reset(3, target);
        self.history.expect("address-changed-then-reset", &[changed, reset]);
    }

    /// A second person who is none.
    fn approvals(&mut self) {
        self.next();
        let made = self.history.register(NEW_ACCOUNT);
        self.next();
        let target = self.target();
        let approved = self.history.approve(NEW_ACCOUNT, target);
        self.history.expect("new-account-approves", &[made, approved]);

        self.next();
        let reset = |days: &mut Self| {
            let target = days.target();
            let position = days.history.approved_reset(6, 7, target);
            days.history.pass(30);
            position
        };
        let together: Vec<_> = (0..5).map(|_| reset(self)).collect();
        self.history.expect("same-pair-approves", &together);
    }
}
