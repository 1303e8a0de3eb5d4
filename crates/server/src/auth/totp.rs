//! One-time codes by time (RFC 6238): SHA-1, six digits, a new one every 30 seconds, as every
//! authenticator app has them.
//!
//! [`fitting_step`] says whose code a text is; whether that step is used up already is decided by the
//! database. [`enrolment_url`] and [`qr_code`] are how a secret gets into an app.

use hmac::{Hmac, KeyInit, Mac};
use model::Timestamp;
use qrcodegen::{QrCode, QrCodeEcc};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// How long a code is shown, in seconds.
pub(crate) const STEP_SECONDS: i64 = 30;
/// Wrong codes in one step, after which the next one is to be waited for.
pub(crate) const MOST_WRONG: i64 = 3;
/// How many steps a clock may be ahead or behind.
const DRIFT: i64 = 1;
/// How many steps back a code is known to be late: ten minutes.
const LATE: i64 = 20;
/// 160 bits, as RFC 4226, section 4, recommends.
const SECRET_BYTES: usize = 20;
/// What apps write above the code.
const ISSUER: &str = "ComplianceLayer";

/// Makes a secret from the system's randomness.
pub(crate) fn new_secret() -> Result<[u8; SECRET_BYTES], getrandom::Error> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret)?;
    Ok(secret)
}

/// Returns the step that runs at a time.
pub(crate) fn step(at: Timestamp) -> i64 {
    at.unix_seconds().div_euclid(STEP_SECONDS)
}

/// Returns the latest step around `at` whose code a text is.
pub(crate) fn fitting_step(secret: &[u8], text: &str, at: Timestamp) -> Option<i64> {
    let now = step(at);
    let fits = |step: &i64| bool::from(code(secret, *step).as_bytes().ct_eq(text.as_bytes()));
    // All are compared, whichever fits.
    let fitting: Vec<i64> = (now - DRIFT..=now + DRIFT).filter(fits).collect();
    fitting.last().copied()
}

/// Returns whether a text was the code of one of the last minutes, and is none any more: the clock of
/// who typed it is behind, or they are slow. Codes that are yet to come are not looked at; whoever
/// guessed one would be told to keep it.
pub(crate) fn is_late(secret: &[u8], text: &str, at: Timestamp) -> bool {
    let now = step(at);
    let fits = |step: &i64| bool::from(code(secret, *step).as_bytes().ct_eq(text.as_bytes()));
    (now - LATE..now - DRIFT).filter(fits).count() > 0
}

/// Returns the code of a step (RFC 4226, section 5.3).
fn code(secret: &[u8], step: i64) -> String {
    let mut mac: Hmac<Sha1> = Hmac::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at] & 127, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// Returns bytes in base32 (RFC 4648), without padding: how people type a secret into an app.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut waiting, mut bits) = (0_u32, 0);
    for byte in bytes {
        waiting = (waiting << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(waiting >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(waiting << (5 - bits) & 31) as usize]));
    }
    text
}

/// Returns the address that apps read from a QR code. It holds the secret.
pub(crate) fn enrolment_url(secret: &[u8], email: &str) -> String {
    let mut label = String::new();
    for byte in email.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                label.push(char::from(byte));
            }
            other => label.push_str(&format!("%{other:02X}")),
        }
    }
    format!(
        "otpauth://totp/{ISSUER}:{label}?secret={}&issuer={ISSUER}&algorithm=SHA1&digits=6\
         &period={STEP_SECONDS}",
        base32(secret)
    )
}

/// A QR code as drawings want it.
pub(crate) struct QrDrawing {
    /// Modules of a side, with the light margin.
    pub(crate) side: i32,
    /// The dark modules, as the path of an SVG.
    pub(crate) dark: String,
}

impl QrDrawing {
    /// Returns it as an SVG document.
    pub(crate) fn svg(&self) -> String {
        let Self { side, dark } = self;
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{dark}"/></svg>"##
        )
    }
}

/// Draws a text as a QR code. `None` when it is too long for one.
pub(crate) fn qr_code(text: &str) -> Option<QrDrawing> {
    /// Light modules around the code (ISO/IEC 18004, 6.3.8).
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut dark = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            dark.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    Some(QrDrawing { side: code.size() + 2 * QUIET, dark })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp(seconds * 1000);
            assert_eq!(code(SECRET, step(at)), expected, "{seconds}");
            assert_eq!(fitting_step(SECRET, expected, at), Some(step(at)));
        }
    }

    #[test]
    fn a_clock_may_be_a_step_off_and_no_more() {
        let at = Timestamp(1_234_567_890_000);
        for (off, fits) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let text = code(SECRET, step(at) + off);
            assert_eq!(fitting_step(SECRET, &text, at).is_some(), fits, "{off}");
        }
        for odd in ["", "00592", "0059240", "5924", "００５９２４"] {
            assert_eq!(fitting_step(SECRET, odd, at), None, "{odd}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn an_address_and_its_drawing_hold_what_an_app_needs() {
        let url = enrolment_url(SECRET, "o'neil+x@example.com");
        assert_eq!(
            url,
            "otpauth://totp/ComplianceLayer:o%27neil%2Bx%40example.com?secret=\
             GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ComplianceLayer&algorithm=SHA1&digits=6&period=30"
        );
        let drawing = qr_code(&url).unwrap().svg();
        assert!(drawing.starts_with("<svg ") && drawing.ends_with("</svg>"));
        let longest = enrolment_url(SECRET, &format!("a@{}", "%".repeat(252)));
        assert!(qr_code(&longest).is_some());
        assert!(qr_code(&"x".repeat(3_000)).is_none());
    }

    #[test]
    fn a_code_of_the_last_minutes_is_late_and_one_to_come_is_only_wrong() {
        let secret = [7; SECRET_BYTES];
        let now = Timestamp(1_795_509_096_000);
        let late = |steps: i64| is_late(&secret, &code(&secret, step(now) + steps), now);
        assert!(late(-2) && late(-LATE));
        assert!(!late(-LATE - 1) && !late(-1) && !late(0) && !late(2));
    }
}
