//! A caller who goes away at any moment changes nothing of what a recorded command owes: ended secrets are destroyed,
//! drafts that no record names are destroyed, and what a record names stays.

pub mod cases;
mod wire;

use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use mfa_ledger::service::{Call, orphans};
use mfa_ledger::vault::{EntryId, MasterKey, Vault};
use mfa_ledger_schemas::Position;

use self::cases::CASES;
use crate::support::house::House;

/// What is owed is done within this, once its record is durable.
const DONE_WITHIN: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// No command is polled more often than this.
const MOST_POLLS: usize = 200;

/// A future that is given up after so many polls.
struct GivenUp<F: ?Sized>(Pin<Box<F>>, usize);

impl<F: Future + ?Sized> Future for GivenUp<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.1.checked_sub(1) else { return Poll::Ready(None) };
        self.1 = left;
        self.0.as_mut().poll(context).map(Some)
    }
}

/// The entries of the vault of a house.
fn entries(house: &House) -> Vec<EntryId> {
    Vault::look(house.dir(), &MasterKey::from_bytes([7; 32])).expect("the key slots can be read")
}

/// Those that no event names, or that an event ended.
fn astray(house: &House) -> Vec<EntryId> {
    let entries = entries(house);
    house.service.peek(|state| orphans(state, &entries, house.now()))
}

/// Waits until nothing is astray.
async fn settled(house: &House) -> bool {
    let waiting = async {
        while !astray(house).is_empty() || house.service.owed().entries > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(DONE_WITHIN, waiting).await.is_ok()
}

/// Everything that the records name and none of them ends, counted without the fold.
async fn named(house: &House) -> BTreeSet<EntryId> {
    let mut named = BTreeSet::new();
    for position in 1..=house.records() {
        let record = house.service.followed(Position(position)).await.expect("a record").record;
        named.extend(record.event.named_entries());
        for ended in record.event.ended_entries() {
            named.remove(&ended);
        }
    }
    named
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_dropped_after_any_number_of_polls_does_all_that_it_owes_or_nothing() {
    for (name, prepare) in CASES {
        let house = House::open().await;
        let (mut ran_to_its_end, mut left_behind) = (false, 0);
        for polls in 0..MOST_POLLS {
            let (caller, command) = prepare(&house, polls).await;
            let before = house.records();
            let call = Call::by(caller, format!("{name}-{polls}"));
            let done = GivenUp(command.execute(&house.service, call), polls).await;
            assert!(settled(&house).await, "{name}, dropped after {polls} polls: {:?}", astray(&house));
            if let Some(done) = done {
                assert_eq!(done.expect("it is recorded").event.is_none(), name.ends_with("refused"));
                ran_to_its_end = true;
                break;
            }
            left_behind += house.records() - before;
        }
        assert!(ran_to_its_end, "{name} took more than {MOST_POLLS} polls");
        house.service.finish().await;
        assert!(astray(&house).is_empty(), "{name}");
        let held: BTreeSet<_> = entries(&house).into_iter().collect();
        assert_eq!(held, named(&house).await, "{name}: the vault holds what the records name");
        println!("{name}: {left_behind} records whose caller had gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_beside_running_commands_touches_nothing_that_they_put() {
    let house = House::open().await;
    let sweeping = tokio::spawn({
        let service = std::sync::Arc::clone(&house.service);
        async move {
            loop {
                service.sweep().await.expect("the vault can be written");
                tokio::task::yield_now().await;
            }
        }
    });
    for round in 0..15 {
        let person = house.enrolled(&format!("person-{round}"), "general-staff").await;
        house.step_up(&person).await;
    }
    sweeping.abort();
    house.service.finish().await;
    let held: BTreeSet<_> = entries(&house).into_iter().collect();
    assert_eq!(held, named(&house).await);
}
