//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, what every app can do.
//!
//! [`check`] says which step a code belongs to. That a step is accepted only once is for the log:
//! the caller refuses a step that is not above the last accepted one.

use std::fmt::Write as _;

use data_encoding::BASE32_NOPAD;
use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::wiped::{Boxed, Buffer, boxed, zeros};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::typed::meant;
use super::{SecretText, crockford, qr};

/// Seconds in a step.
pub const STEP_SECONDS: u64 = 30;

/// Steps before and after the present one in which a code is accepted: the least that lets a person
/// finish typing and a clock be half a minute wrong (ASVS 6.5.5).
pub const WINDOW_STEPS: i32 = 1;

/// Steps before and after the present one in which a code is recognised, to tell how wrong the
/// device's clock is; it is refused all the same.
pub const DRIFT_STEPS: i32 = 10;

/// Bytes of a seed: as long as the output of the HMAC (RFC 4226, R6).
const SEED_BYTES: usize = 20;

const DIGITS: u8 = 6;

/// The secret shared with an authenticator app; wiped when dropped.
#[derive(Clone)]
pub struct Seed(Boxed<SEED_BYTES>);

/// What a code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The step it was accepted for (seconds since 1970 divided by 30).
    pub accepted_step: Option<u64>,
    /// How many steps the device's clock is ahead of ours (negative: behind), when the code fits one
    /// within [`DRIFT_STEPS`]. For the record, not for the caller: it would help a guesser.
    pub drift_steps: Option<i32>,
}

/// The text is too long for a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct TooLong;

impl Seed {
    /// A new seed.
    pub fn draw(chance: &Chance) -> Self {
        let mut seed = zeros();
        chance.fill(seed.as_mut_slice());
        Self(seed)
    }

    /// The seed the vault kept; `None` when it has another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(boxed(bytes)))
    }

    /// The bytes to put into the vault.
    pub fn to_vault(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.to_vec())
    }

    /// The key to type by hand: base32 in groups of four.
    pub fn manual_key(&self) -> SecretText {
        let plain = Zeroizing::new(BASE32_NOPAD.encode(self.0.as_slice()));
        SecretText::new(crockford::in_groups(&plain, 4, ' '))
    }

    /// The `otpauth://` URI for an app. The issuer is written twice, as apps want it; the values that
    /// are the defaults are written too, because some apps have other defaults.
    pub fn uri(&self, issuer: &str, account: &str) -> SecretText {
        let key = Zeroizing::new(BASE32_NOPAD.encode(self.0.as_slice()));
        let (issuer, account) = (percent_encoded(issuer), percent_encoded(account));
        let period = STEP_SECONDS.to_string();
        let parts = [
            "otpauth://totp/",
            &issuer,
            ":",
            &account,
            "?secret=",
            &key,
            "&issuer=",
            &issuer,
            "&algorithm=SHA1&digits=6&period=",
            &period,
        ];
        // `concat` measures first: a String that grows leaves copies of the secret behind.
        SecretText::new(parts.concat())
    }

    fn generator(&self) -> Totp {
        // `build` would demand an account name and judge it; the codes depend on none.
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_step_duration(STEP_SECONDS)
            .with_secret(self.0.to_vec())
            .build_noncompliant()
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(***)")
    }
}

/// The step of a moment (seconds since 1970).
pub fn step_at(unix_seconds: u64) -> u64 {
    unix_seconds / STEP_SECONDS
}

/// Compares a code with those of all steps within [`DRIFT_STEPS`], in the same time whichever fits.
/// What stands between the digits is ignored: apps show them in two groups.
pub fn check(seed: &Seed, code: &str, unix_seconds: u64) -> Check {
    let check = check_on_stack(seed, code, unix_seconds);
    zeroize::zeroize_stack::<CHECK_STACK_BYTES>();
    check
}

/// Bytes of stack that a check takes at most, in a build without optimisation: seed and codes lie there.
const CHECK_STACK_BYTES: usize = 8 * 1024;

#[inline(never)]
fn check_on_stack(seed: &Seed, code: &str, unix_seconds: u64) -> Check {
    let nothing = Check { accepted_step: None, drift_steps: None };
    let Some(code) = digits(code) else { return nothing };
    let generator = seed.generator();
    let now = step_at(unix_seconds);
    let (mut found, mut drift) = (Choice::from(0), 0_i32);
    for distance in far_to_near() {
        // Before 1970 there are no steps, and behind the last one that can be counted none either.
        let step = now.checked_add_signed(i64::from(distance));
        let Some(time) = step.and_then(|step| step.checked_mul(STEP_SECONDS)) else { continue };
        let right = Zeroizing::new(generator.generate(time).to_string());
        let fits = right.as_bytes().ct_eq(&*code);
        drift.conditional_assign(&distance, fits);
        found |= fits;
    }
    if !bool::from(found) {
        return nothing;
    }
    let accepted_step = (drift.abs() <= WINDOW_STEPS).then(|| now.saturating_add_signed(i64::from(drift)));
    Check { accepted_step, drift_steps: Some(drift) }
}

/// A QR code as an SVG element, dark on white with its quiet zone, to be placed in a page as it is.
pub fn qr_svg(text: &SecretText) -> Result<SecretText, TooLong> {
    let code = qr::encode(text.expose()).ok_or(TooLong)?;
    let side = code.size() + 2 * QUIET_MODULES;
    let mut svg = Buffer::with_capacity(SVG_BYTES);
    let _written = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{width}\" \
         height=\"{width}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
         <path fill=\"#000\" d=\"",
        width = side * MODULE_PIXELS,
    );
    for row in 0..code.size() {
        let mut column = 0;
        while column < code.size() {
            let run = (column..code.size()).take_while(|at| code.is_dark(row, *at)).count();
            if run > 0 {
                let (x, y) = (column + QUIET_MODULES, row + QUIET_MODULES);
                // Writing to memory does not fail.
                let _written = write!(svg, "M{x} {y}h{run}v1h-{run}z");
            }
            column += run.max(1);
        }
    }
    svg.push(b"\"/></svg>");
    Ok(svg.into_text().expect("it is made of ASCII"))
}

/// White around the code, in modules (ISO/IEC 18004: four).
const QUIET_MODULES: usize = 4;
/// The size of a module when nobody scales the picture.
const MODULE_PIXELS: usize = 5;
/// Room for a code of the usual size.
const SVG_BYTES: usize = 32 * 1024;

/// The distances of all steps looked at, the nearest last: should two codes be the same, it wins.
fn far_to_near() -> impl Iterator<Item = i32> {
    (1..=DRIFT_STEPS).rev().flat_map(|far| [far, -far]).chain([0])
}

fn digits(typed: &str) -> Option<Zeroizing<[u8; DIGITS as usize]>> {
    let mut code = Zeroizing::new([0; DIGITS as usize]);
    let mut places = code.iter_mut();
    for symbol in meant(typed) {
        *places.next()? = u8::try_from(symbol).ok().filter(u8::is_ascii_digit)?;
    }
    let complete = places.next().is_none();
    complete.then_some(code)
}

/// Percent-encodes all but the unreserved characters of RFC 3986. A colon would end the issuer in the
/// eyes of an app, even an encoded one, so it becomes a dash.
fn percent_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            b':' => out.push('-'),
            other => out.extend(['%', hex(other >> 4), hex(other & 15)]),
        }
    }
    out
}

fn hex(nibble: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(nibble)])
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// RFC 6238, appendix B: the seed for SHA-1, and time against the code of eight digits.
    const RFC_SEED: &[u8] = b"12345678901234567890";
    const RFC_CODES: [(u64, &str); 6] = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];

    fn seed() -> Seed {
        Seed::from_bytes(RFC_SEED).unwrap()
    }

    fn code_at(time: u64) -> String {
        seed().generator().generate(time).to_string()
    }

    /// Another implementation's code: that of the OATH toolkit, which has to be installed.
    fn oathtool(args: &[&str]) -> String {
        let hex = data_encoding::HEXLOWER.encode(RFC_SEED);
        let output = Command::new("oathtool").args(args).arg(hex).output().expect("oathtool is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (time, eight) in RFC_CODES {
            let code = &eight[2..];
            let accepted = Check { accepted_step: Some(time / 30), drift_steps: Some(0) };
            assert_eq!(check(&seed(), code, time), accepted, "{time}");
        }
    }

    #[test]
    fn codes_are_those_of_the_oath_toolkit() {
        for time in [0, 29, 30, 1_700_000_000, 2_147_483_648, 4_294_967_296, 20_000_000_000] {
            assert_eq!(code_at(time), oathtool(&["--totp", "--now", &format!("@{time}")]), "{time}");
        }
    }

    #[test]
    fn the_step_is_counted_in_64_bits() {
        for step in [u64::from(u32::MAX), u64::from(u32::MAX) + 1, 1 << 33, 1 << 40] {
            assert_eq!(code_at(step * 30), oathtool(&["--counter", &step.to_string()]), "{step}");
        }
        let last = u64::MAX;
        let accepted = check(&seed(), &code_at(last / 30 * 30), last).accepted_step;
        assert_eq!(accepted, Some(last / 30));
    }

    #[test]
    fn one_step_is_accepted_ten_are_recognised() {
        let now = 1_700_000_010_u64;
        for distance in -12_i64..=12 {
            let code = code_at(now.checked_add_signed(distance * 30).unwrap());
            let result = check(&seed(), &code, now);
            let step = now / 30;
            let accepted = (distance.abs() <= 1).then(|| step.saturating_add_signed(distance));
            let drift = (distance.abs() <= 10).then(|| i32::try_from(distance).unwrap());
            assert_eq!(result, Check { accepted_step: accepted, drift_steps: drift }, "{distance}");
        }
    }

    #[test]
    fn the_first_steps_of_time_are_no_special_case() {
        assert_eq!(check(&seed(), &code_at(0), 0).accepted_step, Some(0));
        assert_eq!(check(&seed(), &code_at(0), 59).accepted_step, Some(0));
        assert_eq!(check(&seed(), &code_at(0), 60), Check { accepted_step: None, drift_steps: Some(-2) });
    }

    #[test]
    fn only_six_digits_are_a_code() {
        let code = code_at(59);
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        for typed in [spaced.as_str(), "２８７０８２", "287\u{a0}082"] {
            assert_eq!(check(&seed(), typed, 59).accepted_step, Some(1), "{typed}");
        }
        for wrong in ["", "28708", "2870822", "+28708", "28708a", "94287082"] {
            assert_eq!(check(&seed(), wrong, 59).drift_steps, None, "{wrong}");
        }
    }

    #[test]
    fn the_uri_names_issuer_twice_and_escapes() {
        assert_eq!(
            seed().uri("Acme: Safe & Sound", "jane@example.org").expose(),
            "otpauth://totp/Acme-%20Safe%20%26%20Sound:jane%40example.org\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme-%20Safe%20%26%20Sound\
             &algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(seed().manual_key().expose(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn another_reader_finds_the_same_seed_in_the_uri() {
        let uri = seed().uri("Acme & Söhne", "jane");
        let read = Totp::from_url(uri.expose()).unwrap();
        assert_eq!(read.issuer(), Some("Acme & Söhne"));
        assert_eq!(read.account_name(), "jane");
        assert_eq!(read.generate(59).to_string(), code_at(59));
    }

    #[test]
    fn the_qr_code_is_an_svg_element() {
        let svg = qr_svg(&seed().uri("Acme", "jane")).unwrap();
        assert!(svg.expose().starts_with("<svg ") && svg.expose().ends_with("</svg>"));
        assert_eq!(qr_svg(&SecretText::new("x".repeat(4000))).unwrap_err(), TooLong);
    }

    #[test]
    fn a_seed_has_160_bits_and_a_blind_debug() {
        assert!(Seed::from_bytes(&RFC_SEED[1..]).is_none());
        let seed = Seed::draw(&Chance::seeded(1));
        assert_eq!(seed.to_vault().len() * 8, 160);
        assert_eq!(format!("{seed:?}"), "Seed(***)");
    }
}
