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

/// The file of a rule that matches any reset.
macro_rules! a_reset {
    () => {
        "\
title: A reset
id: 00000000-0000-4000-8000-000000000001
name: a-reset
description: Any reset.
level: low
logsource:
  product: mfa-ledger
  service: activity
detection:
  selection:
    data.action: mfa.reset
  condition: selection
"
    };
}

use a_reset;

pub const A_RESET: &str = a_reset!();
