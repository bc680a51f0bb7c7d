//! The API, asked in process for whatever comes out of an input.
//!
//! Every input meets the same house: a copy of one that was furnished once. An input that fails once
//! therefore fails every time, whatever came before it.

pub mod bodies;
mod document;
pub mod headers;
mod house;
mod judge;
pub mod queries;
mod shape;

use std::cell::RefCell;

use self::document::Operation;
use self::house::Prey;

thread_local! {
    static PREY: RefCell<Option<Prey>> = const { RefCell::new(None) };
    static OPERATIONS: Vec<Operation> = document::operations();
}

/// Does something to the house; one that has changed by it is not used again.
fn with<T>(act: impl FnOnce(&mut Prey) -> T) -> T {
    PREY.with_borrow_mut(|prey| {
        // Taken out: after a panic nobody knows what is left of it.
        let mut fresh = prey.take().unwrap_or_else(Prey::new);
        let done = act(&mut fresh);
        *prey = fresh.unchanged().then_some(fresh);
        done
    })
}

/// The operations of the OpenAPI document that are asked for.
fn operations(which: impl Fn(&Operation) -> bool) -> Vec<Operation> {
    OPERATIONS.with(|all| all.iter().filter(|operation| which(operation)).cloned().collect())
}
