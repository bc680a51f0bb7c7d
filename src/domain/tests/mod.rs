//! The rules as given / when / then.

mod world;

//approval
//arbitrary
//around_reset
//enrollment
//guide
mod log_in;
//manage_mfa
//programs
//ranks
mod reads;
mod reset_effects;
mod reset_rules;
//second_factor
//throttle
//versions
