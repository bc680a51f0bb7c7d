//! The console, as a browser without scripts sees it, and as a real browser does.

mod accounts;
mod browser;
mod calls;
mod crawl;
mod forms;
mod rights;
mod safety;
mod system;
pub mod visitor;
mod watch;
