#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_ledger_fuzz::{sow, targets};

fuzz_target!(init: sow(&targets::tlog::TARGET), |data: &[u8]| {
    (targets::tlog::TARGET.run)(data);
});
