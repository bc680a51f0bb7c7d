//! The codewords: the text with its head and padding, cut into blocks, each with its error correction.

use zeroize::Zeroizing;

use super::free_modules;

/// Codewords of error correction in each block, by version, at level M (ISO/IEC 18004, table 9).
const CORRECTING: [usize; 40] = [
    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
];

/// Blocks, by version, at level M.
const BLOCKS: [usize; 40] = [
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29,
    31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
];

/// What says that bytes follow.
const BYTES: usize = 0b0100;

/// What fills the rest, by turns.
const PADDING: [u8; 2] = [0xec, 0x11];

type Codewords = Zeroizing<Vec<u8>>;

/// Codewords of data.
fn data_codewords(version: usize) -> usize {
    free_modules(version) / 8 - CORRECTING[version - 1] * BLOCKS[version - 1]
}

/// Bits of the length in front of the text.
fn length_bits(version: usize) -> usize {
    if version < 10 { 8 } else { 16 }
}

/// Whether a code of this version holds so many bytes.
pub(super) fn fits(bytes: usize, version: usize) -> bool {
    4 + length_bits(version) + bytes * 8 <= data_codewords(version) * 8
}

/// The codewords of a text that fits, in the order in which they are drawn.
pub(super) fn of(text: &[u8], version: usize) -> Codewords {
    interleaved(&data(text, version), version)
}

fn data(text: &[u8], version: usize) -> Codewords {
    let most = data_codewords(version);
    let mut data = Zeroizing::new(vec![0; most]);
    let mut at = 0;
    let mut put = |value: usize, bits: usize| {
        for bit in (0..bits).rev() {
            data[at / 8] |= u8::from(value >> bit & 1 == 1) << (7 - at % 8);
            at += 1;
        }
    };
    put(BYTES, 4);
    put(text.len(), length_bits(version));
    for byte in text {
        put(usize::from(*byte), 8);
    }
    // Four zeros end it, where there is room, and the codeword is filled with zeros.
    let used = (at + 4).div_ceil(8).min(most);
    for (place, padding) in data[used..].iter_mut().zip(PADDING.into_iter().cycle()) {
        *place = padding;
    }
    data
}

/// The first codewords of all blocks, then the second ones, and so on; then the correcting ones in the same way.
fn interleaved(data: &[u8], version: usize) -> Codewords {
    let (blocks, correcting) = (BLOCKS[version - 1], CORRECTING[version - 1]);
    // The last blocks are longer by one codeword, where they cannot be of one length.
    let (short, longer) = (data.len() / blocks, data.len() % blocks);
    let divisor = divisor(correcting);
    let mut rest = data;
    let mut parts = Vec::with_capacity(blocks);
    for block in 0..blocks {
        let (part, after) = rest.split_at(short + usize::from(block >= blocks - longer));
        rest = after;
        parts.push((part, remainder(part, &divisor)));
    }
    let mut all = Zeroizing::new(Vec::with_capacity(data.len() + blocks * correcting));
    for at in 0..=short {
        all.extend(parts.iter().filter_map(|(part, _)| part.get(at)));
    }
    for at in 0..correcting {
        all.extend(parts.iter().map(|(_, correction)| correction[at]));
    }
    all
}

/// The Reed-Solomon generator polynomial of a degree, without its first coefficient, which is 1.
fn divisor(degree: usize) -> Vec<u8> {
    let mut polynomial = vec![0; degree];
    polynomial[degree - 1] = 1;
    let mut root = 1;
    for _ in 0..degree {
        for at in 0..degree {
            polynomial[at] = times(polynomial[at], root);
            if at + 1 < degree {
                polynomial[at] ^= polynomial[at + 1];
            }
        }
        root = times(root, 2);
    }
    polynomial
}

/// The correcting codewords of a block.
fn remainder(block: &[u8], divisor: &[u8]) -> Codewords {
    let mut remainder = Zeroizing::new(vec![0; divisor.len()]);
    for byte in block {
        let factor = byte ^ remainder[0];
        remainder.rotate_left(1);
        let last = remainder.len() - 1;
        remainder[last] = 0;
        for (place, coefficient) in remainder.iter_mut().zip(divisor) {
            *place ^= times(*coefficient, factor);
        }
    }
    remainder
}

/// The product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.
fn times(one: u8, other: u8) -> u8 {
    let mut product = 0_u8;
    for bit in (0..8).rev() {
        product = (product << 1) ^ ((product >> 7) * 0x1d);
        product ^= (other >> bit & 1) * one;
    }
    product
}
