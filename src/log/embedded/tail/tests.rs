use super::*;
use crate::{MAX_RECORD, Stream};

const LEDGER: [u8; 16] = [7; 16];

fn seal() -> Seal {
    Seal::new(LEDGER)
}

/// The frames of one batch for the positions from `first` on.
fn batch(first: u64, records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (position, record) in (first..).zip(records) {
        seal().write(&mut bytes, Position(position), Position(first), &Stream::new("stream/1"), record);
    }
    bytes
}

/// Passes over whole frames, and judges what follows them: the positions passed, and the verdict.
fn read(bytes: &[u8], offset: usize, first: u64) -> (u64, Tail) {
    let (mut at, mut due) = (0, first);
    while let Ok(frame) = seal().parse(&bytes[at..]) {
        assert_eq!(frame.position, Position(due));
        (at, due) = (at + frame.size, due + 1);
    }
    (due - first, judge(&bytes[at..], offset + at, seal(), Position(due)))
}

fn text(len: usize) -> Vec<u8> {
    b"a record that ends in text}".iter().copied().cycle().take(len).collect()
}

fn with_room(batch: &[u8]) -> Vec<u8> {
    let mut bytes = batch.to_vec();
    bytes.resize(batch.len() + 3 * SECTOR, 0);
    bytes
}

/// Where the frame that has this byte begins, and where it ends.
fn frame_of(batch: &[u8], byte: usize) -> std::ops::Range<usize> {
    let mut begin = 0;
    loop {
        let end = begin + seal().parse(&batch[begin..]).expect("a whole frame").size;
        if byte < end {
            return begin..end;
        }
        begin = end;
    }
}

/// Whether a frame's part of the sector that has this byte holds only zeros.
fn part_is_zero(bytes: &[u8], frame: &std::ops::Range<usize>, offset: usize, at: usize) -> bool {
    let sector = (offset + at) / SECTOR * SECTOR;
    let begin = sector.saturating_sub(offset).max(frame.start);
    is_zero(&bytes[begin..(sector + SECTOR - offset).min(frame.end)])
}

/// Every bit of the structure of each frame, and some of the rest.
fn bits_of(batch: &[u8]) -> impl Iterator<Item = usize> {
    let telling = |bit: &usize| {
        let within = bit / 8 - frame_of(batch, bit / 8).start;
        within < 34 || bit.is_multiple_of(13)
    };
    (0..batch.len() * 8).filter(telling)
}

#[test]
fn every_changed_bit_of_a_batch_is_damage_wherever_it_lies() {
    let batch = batch(5, &[text(30), text(300), vec![0; 40], text(1)]);
    // Places in a sector that a batch can begin at, those around the edge above all.
    for offset in [80, 300, 1_019, 1_020, 1_021, 1_022, 1_023, 1_024] {
        for bit in bits_of(&batch) {
            let mut bytes = with_room(&batch);
            bytes[bit / 8] ^= 1 << (bit % 8);
            let (passed, tail) = read(&bytes, offset, 5);
            assert!(passed < 4 && tail == Tail::Damaged, "bit {bit} at {offset}: {tail:?}");
        }
    }
}

/// The one case that the law names: the only bit of a length that its sector has of a frame.
#[test]
fn a_changed_bit_that_leaves_a_part_of_zeros_looks_like_a_tear() {
    let batch = batch(1, &[text(700)]);
    assert_eq!(batch[..3], [0, 0, 2]);
    for offset in 500..530 {
        let mut bytes = with_room(&batch);
        bytes[2] = 0;
        let lonely = offset == 509;
        assert_eq!(read(&bytes, offset, 1).1 == Tail::Damaged, !lonely, "{offset}");
    }
}

#[test]
fn a_changed_bit_is_damage_where_the_file_ends_with_the_batch() {
    let batch = batch(1, &[text(300), text(200)]);
    for bit in bits_of(&batch) {
        let mut bytes = batch.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read(&bytes, 80, 1).1, Tail::Damaged, "bit {bit}");
    }
}

#[test]
fn records_of_zeros_hide_no_changed_bit() {
    for record in [vec![0; 3 * SECTOR], [text(20), vec![0; 2 * SECTOR]].concat(), vec![0; MAX_RECORD]] {
        let batch = batch(1, &[record]);
        for at in [1_000, 1_024, 1_023] {
            for bit in (0..40 * 8).step_by(3).chain((40 * 8..batch.len() * 8).step_by(1_009)) {
                let mut bytes = with_room(&batch);
                bytes[bit / 8] ^= 1 << (bit % 8);
                let tail = read(&bytes, at, 1).1;
                let zero = part_is_zero(&bytes, &(0..batch.len()), at, bit / 8);
                assert!(tail == Tail::Damaged || zero, "bit {bit} at {at}: {tail:?}");
            }
        }
    }
}

#[test]
fn a_length_that_was_overwritten_is_damage() {
    let batch = batch(1, &[text(900), text(900)]);
    for (at, length) in [(0, 0x0fff_u32), (0, 1_000), (0, 30), (0, u32::MAX), (0, 0), (0, 7_000)] {
        let mut bytes = with_room(&batch);
        bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
        assert_eq!(read(&bytes, 80, 1).1, Tail::Damaged, "{length}");
    }
    // A sector of noise: neither its length nor its checksum says anything.
    let mut bytes = with_room(&batch);
    bytes[..432].fill(0xa5);
    assert_eq!(read(&bytes, 80, 1).1, Tail::Damaged);
}

#[test]
fn a_batch_that_lacks_any_of_its_sectors_is_torn() {
    // The room of the log has no chance: numbers that look like it (xorshift64) do as well here.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit as u64).unwrap()
    };
    for round in 0..6_000 {
        let records: Vec<_> =
            (0..=draw(6)).map(|_| text(1 + draw(if round % 3 == 0 { 40 } else { 1_500 }))).collect();
        let batch = batch(9, &records);
        let offset = if round % 2 == 0 { SECTOR * 3 - draw(8) } else { 80 + draw(2 * SECTOR) };
        let whole = with_room(&batch);
        let mut bytes = whole.clone();
        let mut at = 0;
        let mut lacks = false;
        while at < batch.len() {
            let next = ((offset + at) / SECTOR * SECTOR + SECTOR - offset).min(batch.len());
            if draw(3) == 0 {
                bytes[at..next].fill(0);
                lacks |= bytes[at..next] != whole[at..next];
            }
            at = next;
        }
        let (passed, tail) = read(&bytes, offset, 9);
        assert_ne!(
            tail,
            Tail::Damaged,
            "round {round}: {} frames at {offset}, {passed} passed",
            records.len()
        );
        assert!(lacks || passed == records.len() as u64, "round {round}");
    }
}

#[test]
fn a_file_that_ends_inside_a_batch_is_torn_at_whatever_byte() {
    let records = [text(100), text(600), vec![0; 20], text(9)];
    let batch = batch(1, &records);
    for offset in [80, 500, 509, 510, 511, 512, 1_020] {
        for len in 0..batch.len() {
            let (passed, tail) = read(&batch[..len], offset, 1);
            assert!(
                passed < 4 && matches!(tail, Tail::Torn(_) | Tail::Stray(_) | Tail::Room),
                "{len}: {tail:?}"
            );
        }
    }
}

#[test]
fn a_damaged_frame_stays_damaged_whatever_is_torn_behind_it() {
    let (answered, torn) = (batch(1, &[text(300)]), batch(2, &[text(2_000)]));
    for kept in [1, 100, 700] {
        let mut bytes = with_room(&[answered.as_slice(), &torn[..kept]].concat());
        bytes[100] ^= 4;
        assert_eq!(read(&bytes, 80, 1), (0, Tail::Damaged), "{kept}");
        bytes[100] ^= 4;
        assert!(matches!(read(&bytes, 80, 1), (1, Tail::Torn(_) | Tail::Stray(_) | Tail::Room)), "{kept}");
    }
    // A later batch that is whole shows that this one was answered for, even where it lacks a part.
    let mut bytes = with_room(&[batch(1, &[text(2_000)]), batch(2, &[text(9)])].concat());
    bytes[512 - 80..1_024 - 80].fill(0);
    assert_eq!(read(&bytes, 80, 1), (0, Tail::Damaged));
}

#[test]
fn room_is_room_and_a_changed_bit_of_it_is_no_batch() {
    assert_eq!(judge(&[0; 3_000], 80, seal(), Position(1)), Tail::Room);
    assert_eq!(judge(&[], 80, seal(), Position(1)), Tail::Room);
    // However far behind, also farther than a batch could reach.
    for at in [0, 3, 30, 600, 2_999, 2 * MAX_BATCH] {
        let mut bytes = vec![0; 3 * MAX_BATCH];
        bytes[at] = 8;
        assert_eq!(judge(&bytes, 80, seal(), Position(1)), Tail::Stray(at as u64 + 1));
        bytes[at] = 9;
        assert_ne!(judge(&bytes, 80, seal(), Position(1)), Tail::Stray(at as u64 + 1));
    }
    // More than a batch can be.
    let limit = MAX_BATCH + MAX_FRAME;
    for (len, tail) in [(limit, Tail::Torn(limit as u64)), (limit + 1, Tail::Damaged)] {
        let mut bytes = vec![0; len];
        bytes[len - 5..].fill(1);
        assert_eq!(judge(&bytes, 80, seal(), Position(1)), tail);
    }
}

#[test]
fn the_last_byte_in_use_is_found_wherever_a_block_begins() {
    for len in [0, 1, 4_095, 4_096, 4_097, 8_192, 9_000] {
        let mut bytes = vec![0; len];
        assert_eq!(last_in_use(&bytes), None, "{len}");
        for at in [0, 1, 4_095, 4_096, 8_191, 8_999].into_iter().filter(|at| *at < len) {
            bytes[at] = 1;
            assert_eq!(last_in_use(&bytes), Some(at), "{len}");
        }
    }
}
