//! Memory that is wiped: what holds a secret on its way through the process is zeros once it is dropped or outgrown.
//!
//! A buffer of the standard library leaves copies behind: a `Vec` that grows frees what it outgrew as it is, a parser
//! unescapes into a buffer of its own, and a decoder decodes in steps. What reads or writes secrets uses these instead:
//!
//! - [`Buffer`] for bytes: bodies of requests and answers, pages, header values; [`Boxed`] for keys;
//! - [`SecretText`] for text that must not be printed by accident, and [`JsonSecret`] for its place in JSON;
//! - [`collect`] for a body as it arrives;
//! - [`Fields`] for the secrets of a form.
//!
//! `SECURITY.md`, "Secrets in memory", says what this does not reach.

mod body;
mod boxed;
mod buffer;
mod form;
mod json;
mod text;

pub use body::{NotWhole, collect, content_length, whole, wipe};
pub use boxed::{Boxed, boxed, zeros};
pub use buffer::Buffer;
pub use form::{Fields, split_form};
pub use json::{JsonSecret, has_null, to_json};
pub use text::SecretText;
