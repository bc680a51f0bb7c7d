//! Detection: the pack, rules that are broken, the past and the present.

mod pack;
