//! Names of reports that cannot be guessed, without a table of them: the scan's number and a keyed hash
//! of it, in Crockford's base 32, as `0000-0G3M-7Q4M-29XK-…`.

use hmac::Mac;

use super::secrets::Secrets;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Bytes of the scan's number; a trillion scans.
const NUMBER: usize = 5;
/// Bytes of the hash.
const HASH: usize = 10;
const DIGITS: usize = (NUMBER + HASH) * 8 / 5;
/// Digits between two dashes.
const GROUP: usize = 4;

/// Returns the name of the report of a scan.
pub(crate) fn of(secrets: &Secrets, scan: i64) -> String {
    let number = scan.to_be_bytes();
    let number = &number[8 - NUMBER..];
    let hash = mac(secrets, number).finalize().into_bytes();
    let bits =
        number.iter().chain(&hash[..HASH]).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let digit = |at: usize| char::from(ALPHABET[(bits >> (5 * (DIGITS - 1 - at)) & 31) as usize]);
    let mut text = String::with_capacity(DIGITS + DIGITS / GROUP);
    for at in 0..DIGITS {
        if at > 0 && at % GROUP == 0 {
            text.push('-');
        }
        text.push(digit(at));
    }
    text
}

/// Returns the scan whose report has that name. Case and dashes do not matter, nor do letters that look
/// like digits.
pub(crate) fn scan(secrets: &Secrets, text: &str) -> Option<i64> {
    let mut bits = 0_u128;
    let mut digits = 0;
    for letter in text.bytes().filter(|letter| *letter != b'-') {
        let letter = match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            letter => letter,
        };
        let digit = ALPHABET.iter().position(|have| *have == letter)?;
        digits += 1;
        if digits > DIGITS {
            return None;
        }
        bits = bits << 5 | digit as u128;
    }
    if digits != DIGITS {
        return None;
    }
    let bytes = bits.to_be_bytes();
    let (number, hash) = bytes[16 - NUMBER - HASH..].split_at(NUMBER);
    mac(secrets, number).verify_truncated_left(hash).ok()?;
    Some(number.iter().fold(0, |number, byte| number << 8 | i64::from(*byte)))
}

fn mac(secrets: &Secrets, number: &[u8]) -> hmac::Hmac<sha2::Sha256> {
    let mut mac = secrets.seal("name of a report");
    mac.update(number);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_scan_alone() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        for number in [1, 42, 1 << 39] {
            let name = of(&secrets, number);
            assert_eq!((name.len(), name.matches('-').count()), (29, 5), "{name}");
            assert_eq!(scan(&secrets, &name), Some(number));
            let sloppy = name.to_lowercase().replace('-', "").replace('0', "o").replace('1', "l");
            assert_eq!(scan(&secrets, &sloppy), Some(number));
            let mut forged = name.clone().into_bytes();
            for at in 0..forged.len() {
                let was = forged[at];
                forged[at] = if was == b'7' { b'8' } else { b'7' };
                assert_eq!(scan(&secrets, std::str::from_utf8(&forged).unwrap()), None, "{at}");
                forged[at] = was;
            }
        }
        for odd in ["", "-", "7", "é", &"0".repeat(24), &"Z".repeat(2_000)] {
            assert_eq!(scan(&secrets, odd), None, "{odd}");
        }
    }
}
