//! The promises of the design, each as its user would notice if it were broken.

mod failing_disk;
mod one_code;
mod same_answer;
