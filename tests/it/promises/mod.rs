//! What the README promises, each as its user would notice if it were broken.

mod clock;
mod failing_disk;
mod first_hour;
mod full_disk;
pub mod hang_up;
mod killed;
mod little_room;
mod memory;
mod one_code;
mod qr;
mod rebuilt;
mod same_answer;
mod secrets;
mod slow_bodies;
