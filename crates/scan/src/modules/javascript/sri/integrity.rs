//! The integrity attribute (W3C Subresource Integrity, section 3.5).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// Says why browsers take an integrity attribute for none, if they do: they skip each hash they do
/// not understand, and check nothing when none is left.
pub(crate) fn problem(attribute: &str) -> Option<String> {
    let hashes: Vec<_> = attribute.split_ascii_whitespace().collect();
    if hashes.iter().any(|hash| is_understood(hash)) {
        return None;
    }
    let first = hashes.first()?;
    let (algorithm, _) = first.split_once('-').unwrap_or((first, ""));
    let algorithm: String =
        algorithm.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    Some(match algorithm.to_ascii_lowercase().as_str() {
        "sha256" | "sha384" | "sha512" => format!("has a `{algorithm}` hash that is no such hash"),
        _ => format!("has a hash by `{algorithm}`, which browsers do not know"),
    })
}

fn is_understood(hash: &str) -> bool {
    let Some((algorithm, rest)) = hash.split_once('-') else { return false };
    let length = match algorithm.to_ascii_lowercase().as_str() {
        "sha256" => 32,
        "sha384" => 48,
        "sha512" => 64,
        _ => return false,
    };
    let value = rest.split('?').next().unwrap_or_default();
    let decoded = STANDARD.decode(value).or_else(|_| URL_SAFE.decode(value));
    decoded.is_ok_and(|bytes| bytes.len() == length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHA256: &str = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn one_hash_that_is_understood_is_enough() {
        assert_eq!(problem(SHA256), None);
        assert_eq!(problem(&format!("md5-x {SHA256}?ct=x")), None);
        assert_eq!(problem(""), None);
        let unknown = "has a hash by `sha1`, which browsers do not know";
        assert_eq!(problem("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=").as_deref(), Some(unknown));
        let short = "has a `sha384` hash that is no such hash";
        assert_eq!(problem("sha384-AAAA").as_deref(), Some(short));
    }

    proptest! {
        #[test]
        fn never_panics(text in "(sha256-|md5|[-= ?A-Z\u{e9}]){0,20}") {
            problem(&text);
        }
    }
}
