//! Every reset with its story before and after, and the danger window until re-enrollment.

use mfa_ledger_schemas::bodies::{FollowUpRecorded, NotificationRecorded, ResetRepudiated};
use mfa_ledger_schemas::{Delivery, NotificationChannel, Position, SessionStage};

use crate::ledger::{Ledger, adm, annex, name};

fn ledger() -> (Ledger, Position) {
    let mut ledger = Ledger::new();
    for who in 1..=3 {
        ledger.register(who);
        ledger.log_in(who, who, SessionStage::Done, 12);
        ledger.enable(who);
    }
    let reset = ledger.reset(1, 2, "HD-1");
    (ledger, reset)
}

#[test]
fn the_window_is_open_from_the_reset_to_the_new_enrollment() {
    let (mut ledger, reset) = ledger();
    let open = |ledger: &Ledger| ledger.state.resets.open_of(adm(2)).map(|reset| reset.position);
    assert_eq!(open(&ledger), Some(reset));
    assert_eq!(ledger.state.resets.open_of(adm(3)), None);
    ledger.enable(3);
    assert_eq!(open(&ledger), Some(reset), "somebody else's enrollment closes nothing");
    ledger.log_in(2, 2, SessionStage::Done, 12);
    let enrolled = ledger.enable(2);
    assert_eq!(open(&ledger), None);
    let story = ledger.state.resets.at(reset).expect("kept");
    assert_eq!(story.enrolled_again, Some((enrolled, ledger.now)));
    assert_eq!((&*story.performer.name, &*story.target.user_name), (&*name(1), &*name(2)));
    assert_eq!(story.origin.address.as_deref(), Some("192.0.2.1"));
}

#[test]
fn the_next_log_in_is_the_first_one_that_got_past_the_password() {
    let (mut ledger, reset) = ledger();
    let next = |ledger: &Ledger| ledger.state.resets.at(reset).and_then(|reset| reset.next_log_in);
    ledger.log_in(3, 30, SessionStage::Done, 12);
    assert_eq!(next(&ledger), None);
    let first = ledger.log_in(2, 20, SessionStage::Enroll, 12);
    let at = ledger.now;
    ledger.log_in(2, 21, SessionStage::Done, 12);
    assert_eq!(next(&ledger), Some((first, at)));
}

#[test]
fn follow_ups_and_notices_stand_with_the_reset_that_they_are_about() {
    let (mut ledger, reset) = ledger();
    let other = ledger.reset(1, 3, "HD-2");
    let told = ledger.add(
        1,
        2,
        FollowUpRecorded {
            reset,
            administrator: adm(2),
            notified: Some(NotificationChannel::Phone),
            note: Some(annex(9)),
        },
    );
    for (delivery, about) in
        [(Delivery::Sent, reset), (Delivery::Failed, reset), (Delivery::Sent, Position(1))]
    {
        let channel = NotificationChannel::Email;
        let event = NotificationRecorded {
            administrator: adm(2),
            about,
            channel,
            delivery,
            addresses: 1,
            attempts: 3,
            error: None,
        };
        ledger.add(1, 2, event);
    }
    let story = ledger.state.resets.at(reset).expect("kept");
    let seen: Vec<_> =
        story.follow_ups.iter().map(|it| (it.notified, it.is_delivered(), it.is_failed())).collect();
    let (phone, email) = (Some(NotificationChannel::Phone), Some(NotificationChannel::Email));
    assert_eq!(seen, [(phone, false, false), (email, true, false), (email, false, true)]);
    assert_eq!((story.follow_ups[0].position, story.follow_ups[0].note), (told, Some(annex(9).id)));
    assert!(ledger.state.resets.at(other).expect("kept").follow_ups.is_empty());
}

#[test]
fn a_repudiated_reset_says_since_when() {
    let (mut ledger, reset) = ledger();
    ledger.log_in(2, 20, SessionStage::Done, 12);
    let event = ResetRepudiated { reset, administrator: adm(2), frozen: true, sessions_ended: 1, note: None };
    let position = ledger.add(2, 2, event);
    assert_eq!(ledger.state.resets.at(reset).expect("kept").repudiated, Some((position, ledger.now)));
    let it = ledger.state.directory.administrator(adm(2)).expect("registered");
    assert!(it.frozen && it.sessions.is_empty());
}

#[test]
fn resets_are_listed_from_either_end_and_from_any_cursor() {
    let (mut ledger, first) = ledger();
    let second = ledger.reset(1, 3, "HD-2");
    let listed = |before| {
        let resets = ledger.state.resets.newest_first(before);
        resets.map(|reset| reset.position).collect::<Vec<_>>()
    };
    assert_eq!(listed(None), [second, first]);
    assert_eq!(listed(Some(second)), [first]);
    assert!(listed(Some(first)).is_empty());
    let after = |position| {
        let resets = ledger.state.resets.oldest_first(position);
        resets.map(|reset| reset.position).collect::<Vec<_>>()
    };
    assert_eq!(after(Position(0)), [first, second]);
    assert_eq!(after(first), [second]);
    assert!(after(second).is_empty());
    assert!(after(Position(u64::MAX)).is_empty());
}
