//! How much room there is on the disk of the data directory, against the reserve.

use std::io;

use super::{Context, Outcome};
use crate::disk::{self, Space};
use crate::service::guard;

const MIB: u64 = 1024 * 1024;

/// With less than so many reserves free it is time to look for room.
const SOON: u64 = 2;

pub(super) fn check(context: &Context) -> Outcome {
    match &context.look {
        Ok(_) => judge(disk::space(&context.config.data_dir), context.config.log.reserve_mib * MIB),
        Err(_) => Outcome::skipped("there is no ledger to look at; see data-directory"),
    }
}

fn judge(space: io::Result<Space>, reserve: u64) -> Outcome {
    let Space { free, total } = match space {
        Ok(space) => space,
        Err(error) => return Outcome::fail(format!("the free space is not told: {error}"), guard::ADVICE),
    };
    let told = format!("{} of {} MiB are free", free / MIB, total / MIB);
    let kept = format!("{told}, {} MiB are to be kept", reserve / MIB);
    if reserve == 0 {
        Outcome::warn(
            format!(
                "{told}, and there is no reserve: on a full disk, writes fail until there is room and the server reopens its files"
            ),
            "set log.reserve_mib",
        )
    } else if free < guard::wanted(reserve, false) {
        Outcome::fail(format!("{kept}: nothing is recorded"), guard::ADVICE)
    } else if free < reserve.saturating_mul(SOON) {
        Outcome::warn(format!("{kept}: soon nothing will be recorded"), guard::ADVICE)
    } else {
        Outcome::ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn it_fails_below_the_reserve_and_warns_below_twice_as_much() {
        let status = |free, reserve| judge(Ok(Space { free, total: 1_000 * MIB }), reserve).status;
        let reserve = 100 * MIB;
        assert_eq!(status(2 * reserve, reserve), Status::Ok);
        assert_eq!(status(2 * reserve - 1, reserve), Status::Warn);
        assert_eq!(status(reserve, reserve), Status::Warn);
        assert_eq!(status(reserve - 1, reserve), Status::Fail);
        assert_eq!(status(900 * MIB, 0), Status::Warn);
        assert_eq!(judge(Err(io::ErrorKind::NotFound.into()), 0).status, Status::Fail);
    }
}
