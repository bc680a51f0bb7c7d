#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_ledger_fuzz::{sow, targets};

fuzz_target!(init: sow(&targets::codec::TARGET), |data: &[u8]| {
    (targets::codec::TARGET.run)(data);
});
