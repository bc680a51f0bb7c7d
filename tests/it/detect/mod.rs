//! Detection: the pack, rules that are broken, the past and the present.

mod api;
mod bounds;
mod broken;
mod command;
mod history;
mod kept;
mod live;
mod pack;
mod past;
mod planted;
