//! QR codes (ISO/IEC 18004) of secret texts: bytes, error correction level M. Written here because a library copies the
//! text into memory that it does not wipe; everything that depends on the text is wiped here.

mod codewords;
mod mask;
mod matrix;
mod penalty;

pub(super) use matrix::Matrix;

/// The sizes of a code: version 1 has 21 modules a side, each further one 4 more.
const VERSIONS: std::ops::RangeInclusive<usize> = 1..=40;

/// The code of a text, in the smallest size that holds it; `None` when it is too long for the largest.
pub(super) fn encode(text: &str) -> Option<Matrix> {
    let version = VERSIONS.into_iter().find(|version| codewords::fits(text.len(), *version))?;
    let codewords = codewords::of(text.as_bytes(), version);
    Some(Matrix::draw(&codewords, version))
}

/// Modules that are free for data and error correction.
fn free_modules(version: usize) -> usize {
    let all = (16 * version + 128) * version + 64;
    if version == 1 {
        return all;
    }
    let alignments = version / 7 + 2;
    let version_areas = if version < 7 { 0 } else { 36 };
    all - ((25 * alignments - 10) * alignments - 55) - version_areas
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The picture as a file that other programs read, with its quiet zone, eight points a module.
    fn picture(code: &Matrix) -> Vec<u8> {
        const POINTS: usize = 8;
        let side = (code.size() + 8) * POINTS;
        let mut picture = format!("P5 {side} {side} 255\n").into_bytes();
        for y in 0..side {
            for x in 0..side {
                let place = (y / POINTS).checked_sub(4).zip((x / POINTS).checked_sub(4));
                let dark = place.is_some_and(|(row, column)| {
                    row < code.size() && column < code.size() && code.is_dark(row, column)
                });
                picture.push(if dark { 0 } else { 255 });
            }
        }
        picture
    }

    /// What another program reads in it.
    fn read(code: &Matrix) -> String {
        let file = tempfile::Builder::new().suffix(".pgm").tempfile().unwrap();
        std::fs::write(file.path(), picture(code)).unwrap();
        let output = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(file.path()).output();
        let output = output.expect("zbarimg is installed");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    #[test]
    fn another_reader_reads_codes_of_all_kinds() {
        // Without and with alignment patterns, version areas, long lengths, blocks of two lengths.
        for length in [1, 14, 15, 40, 62, 100, 122, 160, 180, 213, 214, 300, 450, 700] {
            let text: String =
                "otpauth://totp/Acme:jane?secret=GEZDGNBV&x=".chars().cycle().take(length).collect();
            let code = encode(&text).unwrap();
            assert_eq!(read(&code), text, "{length} bytes, {} modules", code.size());
        }
    }

    #[test]
    fn the_largest_code_is_full_at_2331_bytes() {
        assert_eq!(encode(&"x".repeat(2331)).unwrap().size(), 177);
        assert!(encode(&"x".repeat(2332)).is_none());
        assert_eq!(encode(&"x".repeat(14)).unwrap().size(), 21);
        assert_eq!(encode(&"x".repeat(15)).unwrap().size(), 25);
    }

    #[test]
    fn the_free_modules_are_those_of_the_standard() {
        // ISO/IEC 18004, table 1: data modules.
        for (version, modules) in [(1, 208), (2, 359), (6, 1383), (7, 1568), (14, 4651), (40, 29648)] {
            assert_eq!(free_modules(version), modules, "{version}");
        }
    }
}
