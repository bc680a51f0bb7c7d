//! So many at the same time, and of them so many from one address: what strangers hold on to.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::limit::network;

/// Who holds how many.
#[derive(Debug)]
pub(crate) struct Shares {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by: HashMap<IpAddr, usize>,
}

/// One of them; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    of: Arc<Shares>,
    holder: IpAddr,
}

impl Shares {
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default() })
    }

    /// One more for an address, or for the network of the customer whose it is, which may hold so many.
    pub fn take(self: &Arc<Self>, address: IpAddr, own_most: usize) -> Option<Share> {
        let holder = network(address);
        let mut held = self.held();
        let own = held.by.get(&holder).copied().unwrap_or(0);
        if held.all >= self.most || own >= own_most {
            return None;
        }
        held.all += 1;
        held.by.insert(holder, own + 1);
        Some(Share { of: Arc::clone(self), holder })
    }

    /// Whether nobody gets one more.
    pub fn are_gone(&self) -> bool {
        self.held().all >= self.most
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.of.held();
        held.all -= 1;
        match held.by.get_mut(&self.holder) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => {
                held.by.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_all_have_theirs() {
        let shares = Shares::new(3);
        let address = |last: u8| IpAddr::from([192, 0, 2, last]);
        let held = [shares.take(address(1), 2), shares.take(address(1), 2)];
        assert!(held.iter().all(Option::is_some) && shares.take(address(1), 2).is_none());
        let third = shares.take(address(2), 2);
        assert!(third.is_some() && shares.are_gone() && shares.take(address(3), 2).is_none());
        drop(held);
        assert!(!shares.are_gone());
        drop(third);
        assert!(shares.held().by.is_empty(), "nobody is remembered who holds nothing");
        assert!(shares.take(address(1), 2).is_some());
    }

    #[test]
    fn a_customer_of_ipv6_is_one_holder() {
        let shares = Shares::new(10);
        let of = |text: &str| text.parse::<IpAddr>().expect("an address");
        let _one = shares.take(of("2001:db8::1"), 1).expect("the first");
        assert!(shares.take(of("2001:db8::2"), 1).is_none(), "the same /64");
        assert!(shares.take(of("2001:db8:0:1::1"), 1).is_some());
    }
}
