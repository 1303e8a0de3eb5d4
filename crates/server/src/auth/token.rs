//! The form of an API key: `cl_<12 id>_<30 secret><6 checksum>`, base62 throughout.
//!
//! The id is public: it may be logged, shown and sent to support. The checksum is CRC-32
//! (ISO-HDLC) over everything before it, in base62, padded with `0`; it refuses typing errors and
//! garbage without a look-up and lets secret scanners confirm a hit. It protects nothing.
//! `docs/api-keys.md` publishes the form with test vectors; a test below reads them from there.

use std::fmt;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "cl_";
const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 30;
const CHECKSUM_LENGTH: usize = 6;
/// Length of the public half, prefix included.
const KEY_ID_LENGTH: usize = PREFIX.len() + ID_LENGTH;
const CHECKED_LENGTH: usize = KEY_ID_LENGTH + 1 + SECRET_LENGTH;
const LENGTH: usize = CHECKED_LENGTH + CHECKSUM_LENGTH;

/// A well-formed API key. Whether anybody has it is another question.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiToken(String);

impl ApiToken {
    /// Makes a new key from the system's randomness.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let mut token = format!("{PREFIX}{}_", random_base62(ID_LENGTH)?);
        token.push_str(&random_base62(SECRET_LENGTH)?);
        token.push_str(&checksum(&token));
        Ok(Self(token))
    }

    /// Reads a key, refusing by length, alphabet and checksum what cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != LENGTH || !text.starts_with(PREFIX) || bytes[KEY_ID_LENGTH] != b'_' {
            return None;
        }
        let is_base62 = |part: &[u8]| part.iter().all(u8::is_ascii_alphanumeric);
        if !is_base62(&bytes[PREFIX.len()..KEY_ID_LENGTH])
            || !is_base62(&bytes[KEY_ID_LENGTH + 1..])
        {
            return None;
        }
        let (checked, sum) = text.split_at(CHECKED_LENGTH);
        (checksum(checked) == sum).then(|| Self(text.to_owned()))
    }

    /// Returns the public half, `cl_` and twelve characters.
    pub(crate) fn key_id(&self) -> &str {
        &self.0[..KEY_ID_LENGTH]
    }

    /// Returns the whole key. It is shown once, at creation.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_[redacted]", self.key_id())
    }
}

/// Returns whether a text has the form of a public half.
pub(crate) fn is_key_id(text: &str) -> bool {
    let id = text.strip_prefix(PREFIX).unwrap_or_default();
    id.len() == ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns random base62 characters, each equally likely: bytes that would favour some are thrown
/// away.
pub(crate) fn random_base62(length: usize) -> Result<String, getrandom::Error> {
    // The largest multiple of 62 that a byte can hold.
    const FAIR: u8 = 248;
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes)?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR);
        text.extend(
            fair.take(length - text.len()).map(|byte| char::from(ALPHABET[usize::from(byte % 62)])),
        );
    }
    Ok(text)
}

fn checksum(checked: &str) -> String {
    let mut rest = crc32fast::hash(checked.as_bytes());
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../../../docs/api-keys.md");

    #[test]
    fn the_documented_vectors_hold() {
        let vectors: Vec<_> = DOCUMENTED
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .filter(|(token, _)| token.starts_with(PREFIX))
            .collect();
        assert!(vectors.len() >= 6, "the page lists vectors");
        for (token, verdict) in vectors {
            let expected = verdict.starts_with("valid");
            assert_eq!(ApiToken::parse(token).is_some(), expected, "{token}: {verdict}");
        }
    }

    #[test]
    fn a_new_key_is_well_formed_and_like_no_other() {
        let one = ApiToken::generate().unwrap();
        let two = ApiToken::generate().unwrap();
        assert_ne!(one.expose(), two.expose());
        assert_ne!(one.key_id(), two.key_id());
        assert_eq!(one.expose().len(), 52);
        assert_eq!(ApiToken::parse(one.expose()).as_ref(), Some(&one));
        assert!(is_key_id(one.key_id()) && !is_key_id(one.expose()) && !is_key_id("cl_"));
    }

    #[test]
    fn any_changed_character_is_noticed() {
        let token = ApiToken::generate().unwrap();
        for at in 0..LENGTH {
            for other in ['0', 'z', '_', ' ', 'é'] {
                let mut changed: Vec<char> = token.expose().chars().collect();
                if changed[at] == other {
                    continue;
                }
                changed[at] = other;
                let changed: String = changed.into_iter().collect();
                assert!(ApiToken::parse(&changed).is_none(), "{changed}");
            }
        }
    }

    #[test]
    fn debug_shows_the_public_half_alone() {
        let token = ApiToken::generate().unwrap();
        assert_eq!(format!("{token:?}"), format!("{}_[redacted]", token.key_id()));
    }

    #[test]
    fn every_character_comes_up() {
        let text = random_base62(20_000).unwrap();
        for letter in ALPHABET {
            let count = text.bytes().filter(|byte| byte == letter).count();
            assert!((200..450).contains(&count), "{} came up {count} times", char::from(*letter));
        }
    }
}
