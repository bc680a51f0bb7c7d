//! The headers of the two files: magic, format version, the id both share, a checksum; that of the
//! slots also holds a value that only the right key opens.

use mfa_ledger_base::chance::Chance;

use super::seal::{NONCE_BYTES, Sealer};

/// The format this program writes, and the newest it reads.
pub(super) const FORMAT_VERSION: u32 = 1;

/// A format number beyond this is damage, and not a newer format.
const MOST_VERSIONS: u32 = 64;

/// Bytes before the first slot: one page, so that slots never share a page with the header.
pub(super) const SLOTS_HEADER_BYTES: usize = 4096;

/// Bytes before the first frame.
pub(super) const SEALED_HEADER_BYTES: usize = 32;

const SLOTS_MAGIC: [u8; 8] = *b"mlslots\n";
const SEALED_MAGIC: [u8; 8] = *b"mlseald\n";
const COMMON: usize = 28;
const CHECK_AT: usize = COMMON + NONCE_BYTES;
const CHECK_BYTES: usize = 32;

/// Where the header page of the slots tells how many there are (u32, then its CRC-32C; zeros while there
/// are none): in a sector of its own, since it changes.
pub(super) const CLAIM_AT: u64 = 512;
const CLAIM: std::ops::Range<usize> = 512..520;

/// The id written into both files of a vault, so that files of two vaults are not mixed.
pub type VaultId = [u8; 16];

/// Why a header is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NewerFormat(u32),
    Damaged(&'static str),
    WrongKey,
}

pub(super) fn new_slots(id: VaultId, sealer: &Sealer, chance: &Chance) -> Vec<u8> {
    let mut header = common(SLOTS_MAGIC, id);
    let nonce = chance.bytes();
    let check = sealer.check_value(nonce, &header);
    header.extend_from_slice(&nonce);
    header.extend_from_slice(&check);
    header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
    header.resize(SLOTS_HEADER_BYTES, 0);
    header
}

pub(super) fn new_sealed(id: VaultId) -> Vec<u8> {
    let mut header = common(SEALED_MAGIC, id);
    header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
    header
}

/// The id of a vault by the header page of its slots, and how many slots there are at least.
pub(super) fn read_slots(bytes: &[u8], sealer: &Sealer) -> Result<(VaultId, u32), Refused> {
    let end = CHECK_AT + CHECK_BYTES;
    let (id, count) = read_slots_keyless(bytes)?;
    let nonce = *bytes[COMMON..].first_chunk().expect("the length was checked");
    if !sealer.opens(nonce, &bytes[CHECK_AT..end], &bytes[..COMMON]) {
        return Err(Refused::WrongKey);
    }
    Ok((id, count))
}

/// The same without the key: nothing says whose vault it is.
pub(super) fn read_slots_keyless(bytes: &[u8]) -> Result<(VaultId, u32), Refused> {
    let end = CHECK_AT + CHECK_BYTES;
    let id = read_common(bytes, SLOTS_MAGIC, end)?;
    let page: &[u8; SLOTS_HEADER_BYTES] =
        bytes.first_chunk().ok_or(Refused::Damaged("the header is cut short"))?;
    if page[end + 4..CLAIM.start].iter().chain(&page[CLAIM.end..]).any(|byte| *byte != 0) {
        return Err(Refused::Damaged("there is something where the header has only zeros"));
    }
    let count: [u8; 4] = *page[CLAIM].first_chunk().expect("a claim begins with a count");
    let count = u32::from_le_bytes(count);
    if page[CLAIM] != [0; 8] && page[CLAIM] != claim(count) {
        return Err(Refused::Damaged("the number of slots is not readable"));
    }
    Ok((id, count))
}

/// How the header page tells that there are so many slots.
pub(super) fn claim(count: u32) -> [u8; 8] {
    let mut claim = [0; 8];
    claim[..4].copy_from_slice(&count.to_le_bytes());
    claim[4..].copy_from_slice(&crc32c::crc32c(&count.to_le_bytes()).to_le_bytes());
    claim
}

pub(super) fn read_sealed(bytes: &[u8]) -> Result<VaultId, Refused> {
    read_common(bytes, SEALED_MAGIC, COMMON)
}

fn common(magic: [u8; 8], id: VaultId) -> Vec<u8> {
    [magic.as_slice(), &FORMAT_VERSION.to_le_bytes(), &id].concat()
}

/// Checks magic and version before anything else: a newer format may look different after them.
fn read_common(bytes: &[u8], magic: [u8; 8], checked: usize) -> Result<VaultId, Refused> {
    let version = bytes
        .strip_prefix(&magic)
        .and_then(|rest| rest.first_chunk())
        .map(|version| u32::from_le_bytes(*version))
        .ok_or(Refused::Damaged("this is not a file of the vault"))?;
    if version > MOST_VERSIONS {
        return Err(Refused::Damaged("the number of the format is impossible"));
    }
    if version > FORMAT_VERSION {
        return Err(Refused::NewerFormat(version));
    }
    let sum = bytes.get(checked..checked + 4).ok_or(Refused::Damaged("the header is cut short"))?;
    if version != FORMAT_VERSION || sum != crc32c::crc32c(&bytes[..checked]).to_le_bytes() {
        return Err(Refused::Damaged("the header's checksum is wrong"));
    }
    Ok(*bytes[12..].first_chunk().expect("the length was checked"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;

    fn sealer(key: u8) -> Sealer {
        Sealer::new(&MasterKey::from_bytes([key; 32]))
    }

    #[test]
    fn headers_are_read_back_and_every_changed_byte_is_found() {
        let right = sealer(1);
        let mut slots = new_slots([7; 16], &right, &Chance::seeded(1));
        let sealed = new_sealed([7; 16]);
        assert_eq!(slots.len(), SLOTS_HEADER_BYTES);
        assert_eq!(sealed.len(), SEALED_HEADER_BYTES);
        assert_eq!(read_slots(&slots, &right), Ok(([7; 16], 0)));
        assert_eq!(read_sealed(&sealed), Ok([7; 16]));
        slots[CLAIM].copy_from_slice(&claim(4096));
        assert_eq!(read_slots(&slots, &right), Ok(([7; 16], 4096)));
        for i in 0..SLOTS_HEADER_BYTES {
            let mut changed = slots.clone();
            changed[i] ^= 0x80;
            assert!(!matches!(read_slots(&changed, &right), Ok(_) | Err(Refused::WrongKey)), "byte {i}");
        }
        for i in 0..SEALED_HEADER_BYTES {
            let mut changed = sealed.clone();
            changed[i] ^= 0x80;
            assert!(read_sealed(&changed).is_err(), "byte {i}");
        }
        assert!(read_sealed(&sealed[..31]).is_err());
        assert!(read_slots(b"", &right).is_err());
    }

    #[test]
    fn another_key_is_called_a_wrong_key_and_a_newer_format_newer() {
        let right = sealer(1);
        let mut slots = new_slots([7; 16], &right, &Chance::seeded(1));
        assert_eq!(read_slots(&slots, &sealer(2)), Err(Refused::WrongKey));
        slots[8] = 2;
        assert_eq!(read_slots(&slots, &right), Err(Refused::NewerFormat(2)));
        slots[8] = 64;
        assert_eq!(read_slots(&slots, &right), Err(Refused::NewerFormat(64)));
        slots[8] = 65;
        assert!(matches!(read_slots(&slots, &right), Err(Refused::Damaged(_))));
    }
}
