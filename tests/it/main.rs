//! t
mod rooms;
