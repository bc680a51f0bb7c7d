//! The rules as given / when / then.

mod world;

mod alerts;
mod approval;
mod arbitrary;
mod around_reset;
mod asks;
mod attempt;
mod detours;
mod enrollment;
mod guide;
mod insider;
mod integrity;
mod limits;
mod log_in;
mod manage_mfa;
mod programs;
mod ranks;
mod reads;
mod reset_effects;
mod reset_rules;
mod second_factor;
mod throttle;
mod versions;
mod webhooks;
