//! The wire: what requests and answers look like, once, for the server and for its clients.

pub mod activity;
pub mod administrators;
pub mod alerts;
pub mod cookie;
pub mod header;
pub mod health;
pub mod log;
pub mod me;
pub mod note;
pub mod nulls;
pub mod page;
pub mod problem;
pub mod receipt;
pub mod reset_requests;
pub mod resets;
pub mod roles;
pub mod rows;
pub mod rules;
pub mod service_accounts;
pub mod session;
pub mod settings;
pub mod several;
pub mod silences;
pub mod text;
pub mod verify;
pub mod webhooks;
mod whole;
