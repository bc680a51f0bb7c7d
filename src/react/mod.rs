//! Followers that act: what they do, they do through the service, as a part of the system.

pub mod detect;
