//! The log: durable, ordered, gap-free.
