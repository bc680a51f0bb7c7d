//! Detection: the pack, rules that are broken, the past and the present.

mod history;
mod pack;
mod past;
mod planted;
