//! The form of an API key: `cl_<12 id>_<30 secret><6 checksum>`, base62 throughout.
//!
//! The id is public: it may be logged, shown and sent to support. The checksum is CRC-32
//! (ISO-HDLC) over everything before it, in base62, padded with `0`; it refuses typing errors and
//! garbage without a look-up and lets secret scanners confirm a hit. It protects nothing.
//! `docs/api-keys.md` publishes the form with test vectors; a test below reads them from there.
//!
//! Invariant: a value of [`ApiToken`] is well formed, and nothing but [`ApiToken::expose`] shows
//! its secret half.

use std::fmt;

/// The digits of base62, in the order of their value.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const PREFIX: &str = "cl_";
const CHECKSUM_LENGTH: usize = 6;
/// Length of the public half, prefix included.
const KEY_ID_LENGTH: usize = PREFIX.len() + ApiToken::ID_LENGTH;
const CHECKED_LENGTH: usize = KEY_ID_LENGTH + 1 + ApiToken::SECRET_LENGTH;

/// A well-formed API key. Whether anybody has it is another question.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

impl ApiToken {
    /// Characters of the id.
    pub const ID_LENGTH: usize = 12;
    /// Characters of the secret.
    pub const SECRET_LENGTH: usize = 30;
    /// Characters of a whole key.
    pub const LENGTH: usize = CHECKED_LENGTH + CHECKSUM_LENGTH;

    /// Puts a key together from an id and a secret. `None` when one is not base62 of its length.
    pub fn assemble(id: &str, secret: &str) -> Option<Self> {
        let mut token = format!("{PREFIX}{id}_{secret}");
        let sum = checksum(&token);
        token.push_str(&sum);
        Self::parse(&token)
    }

    /// Reads a key, refusing by length, alphabet and checksum what cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        is_well_formed(text.as_bytes()).then(|| Self(text.to_owned()))
    }

    /// Returns every key that stands in a text of any encoding, with the offset of its first byte.
    ///
    /// A key that is part of a longer word is none. Takes time linear in the text.
    pub fn find_all(text: &[u8]) -> impl Iterator<Item = (usize, Self)> {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        text.windows(Self::LENGTH).enumerate().filter_map(move |(at, window)| {
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            let after = text.get(at + Self::LENGTH);
            let stands_alone = !before.is_some_and(is_word) && !after.is_some_and(is_word);
            if !window.starts_with(PREFIX.as_bytes()) || !stands_alone || !is_well_formed(window) {
                return None;
            }
            let token = std::str::from_utf8(window).ok()?;
            Some((at, Self(token.to_owned())))
        })
    }

    /// Returns the public half, `cl_` and twelve characters.
    pub fn key_id(&self) -> &str {
        &self.0[..KEY_ID_LENGTH]
    }

    /// Returns the whole key. It is shown once, at creation.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether a text has the form of a public half.
    pub fn is_key_id(text: &str) -> bool {
        let id = text.strip_prefix(PREFIX).unwrap_or_default();
        id.len() == Self::ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_[redacted]", self.key_id())
    }
}

fn is_well_formed(bytes: &[u8]) -> bool {
    if bytes.len() != ApiToken::LENGTH
        || !bytes.starts_with(PREFIX.as_bytes())
        || bytes[KEY_ID_LENGTH] != b'_'
    {
        return false;
    }
    let is_base62 = |part: &[u8]| part.iter().all(u8::is_ascii_alphanumeric);
    if !is_base62(&bytes[PREFIX.len()..KEY_ID_LENGTH]) || !is_base62(&bytes[KEY_ID_LENGTH + 1..]) {
        return false;
    }
    let (checked, sum) = bytes.split_at(CHECKED_LENGTH);
    checksum_of(checked) == sum
}

fn checksum(checked: &str) -> String {
    checksum_of(checked.as_bytes()).iter().copied().map(char::from).collect()
}

fn checksum_of(checked: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = crc32fast::hash(checked);
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../../docs/api-keys.md");
    const GOOD: &str = "cl_4Zq0aB7xY1mN_K7dP2sVqR9tLwX3cF6hJ8kM1nB5gZ03xeS8l";

    #[test]
    fn the_documented_vectors_hold() {
        let vectors: Vec<_> = DOCUMENTED
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .filter(|(token, verdict)| {
                token.starts_with(PREFIX)
                    && ["valid", "refused"].iter().any(|word| verdict.starts_with(word))
            })
            .collect();
        assert!(vectors.len() >= 6, "the page lists vectors");
        for (token, verdict) in vectors {
            let expected = verdict.starts_with("valid");
            assert_eq!(ApiToken::parse(token).is_some(), expected, "{token}: {verdict}");
        }
    }

    #[test]
    fn the_rules_for_scanners_have_the_documented_form() {
        const FORM: &str = "cl_[0-9A-Za-z]{12}_[0-9A-Za-z]{36}";
        for rule in [
            DOCUMENTED,
            include_str!("../../../docs/secret-scanning/gitleaks.toml"),
            include_str!("../../../docs/secret-scanning/trufflehog.yaml"),
            include_str!("../../../docs/secret-scanning/github.md"),
        ] {
            assert!(rule.contains(FORM), "{rule}");
        }
        let tried = include_str!("../../../docs/secret-scanning/github.md");
        assert_eq!(ApiToken::find_all(tried.as_bytes()).count(), 1);
    }

    #[test]
    fn a_key_is_put_together_and_read_back() {
        let token = ApiToken::assemble("4Zq0aB7xY1mN", "K7dP2sVqR9tLwX3cF6hJ8kM1nB5gZ0").unwrap();
        assert_eq!(token.expose(), GOOD);
        assert_eq!(ApiToken::parse(GOOD).as_ref(), Some(&token));
        assert!(ApiToken::is_key_id(token.key_id()) && !ApiToken::is_key_id(GOOD));
        assert!(!ApiToken::is_key_id("cl_"));
        assert_eq!(ApiToken::assemble("4Zq0aB7xY1m", "K7dP2sVqR9tLwX3cF6hJ8kM1nB5gZ0"), None);
        assert_eq!(ApiToken::assemble("4Zq0aB7xY1mN", "K7dP2sVqR9tLwX3cF6hJ8kM1nB5gZ-"), None);
    }

    #[test]
    fn any_changed_character_is_noticed() {
        for at in 0..ApiToken::LENGTH {
            for other in ['0', 'z', '_', ' ', 'é'] {
                let mut changed: Vec<char> = GOOD.chars().collect();
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
        let token = ApiToken::parse(GOOD).unwrap();
        assert_eq!(format!("{token:?}"), "cl_4Zq0aB7xY1mN_[redacted]");
    }

    #[test]
    fn keys_are_found_wherever_they_stand_alone() {
        let found =
            |text: &[u8]| -> Vec<usize> { ApiToken::find_all(text).map(|(at, _)| at).collect() };
        assert_eq!(found(GOOD.as_bytes()), [0]);
        assert_eq!(found(format!("KEY=\"{GOOD}\"\n{GOOD}").as_bytes()), [5, 59]);
        let mut odd = vec![0xff, 0x00];
        odd.extend(GOOD.bytes());
        odd.push(0xff);
        assert_eq!(found(&odd), [2]);
        for none in [format!("x{GOOD}"), format!("{GOOD}0"), format!("{GOOD}_"), String::new()] {
            assert!(found(none.as_bytes()).is_empty(), "{none}");
        }
        assert!(found(&GOOD.as_bytes()[..51]).is_empty());
        assert!(found(GOOD.replace("8l", "80").as_bytes()).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_searched(text: Vec<u8>) {
            let _ = ApiToken::find_all(&text).count();
        }
    }
}
