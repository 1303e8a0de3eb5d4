//! One DKIM key record (RFC 6376, section 3.6.1). Parsing never fails.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Characters of a record that are kept; a key of 4,096 bits takes about 800.
const LONGEST_TEXT: usize = 1_024;

/// A parsed key record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DkimKey {
    pub selector: String,
    /// The record, at most 1,024 characters of it.
    pub text: String,
    pub algorithm: Algorithm,
    /// `t=y`: the domain is testing DKIM.
    pub testing: bool,
    /// `h=` allows SHA-1 and nothing else.
    pub sha1_only: bool,
}

/// What the key can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// The length of the modulus in bits.
    Rsa(usize),
    /// RFC 8463.
    Ed25519,
    /// The empty `p=`.
    Revoked,
    /// Why the key cannot be read, as a clause.
    Unreadable(String),
}

impl DkimKey {
    /// Parses a record; `None` when it is not a key record at all.
    pub fn parse(selector: &str, text: &str) -> Option<Self> {
        let tags: Vec<(String, &str)> = text
            .split(';')
            .filter_map(|part| part.split_once('='))
            .map(|(tag, value)| (tag.trim().to_ascii_lowercase(), value.trim()))
            .collect();
        let tag = |name: &str| tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| *value);
        if tag("v").is_some_and(|version| version != "DKIM1") {
            return None;
        }
        let data: String = tag("p")?.split_whitespace().collect();
        let list =
            |name| tag(name).unwrap_or_default().split(':').map(str::trim).collect::<Vec<_>>();
        Some(Self {
            selector: selector.to_owned(),
            text: text.chars().take(LONGEST_TEXT).collect(),
            algorithm: algorithm(tag("k").unwrap_or("rsa"), &data),
            testing: list("t").contains(&"y"),
            sha1_only: list("h") == ["sha1"],
        })
    }
}

fn algorithm(kind: &str, data: &str) -> Algorithm {
    if data.is_empty() {
        return Algorithm::Revoked;
    }
    let Ok(octets) = STANDARD.decode(data) else {
        return Algorithm::Unreadable("`p=` is not base64".to_owned());
    };
    match kind.to_ascii_lowercase().as_str() {
        "ed25519" if octets.len() == 32 => Algorithm::Ed25519,
        "ed25519" => Algorithm::Unreadable("an Ed25519 key has 32 octets".to_owned()),
        "rsa" => {
            let parsed = SubjectPublicKeyInfo::from_der(&octets).ok();
            match parsed.as_ref().and_then(|(_, info)| info.parsed().ok()) {
                Some(PublicKey::RSA(key)) => Algorithm::Rsa(key.key_size()),
                _ => Algorithm::Unreadable("`p=` is not an RSA public key".to_owned()),
            }
        }
        other => Algorithm::Unreadable(format!(
            "`k={}` is unknown",
            other.chars().take(20).collect::<String>()
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The key of RFC 6376, appendix C: 1024 bits.
    const RFC_6376: &str = "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ\
        KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2\
        UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

    #[test]
    fn reads_the_keys_of_the_standards() {
        assert_eq!(DkimKey::parse("s", RFC_6376).unwrap().algorithm, Algorithm::Rsa(1024));
        let ed25519 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assert_eq!(DkimKey::parse("s", ed25519).unwrap().algorithm, Algorithm::Ed25519);
    }

    #[test]
    fn tells_revoked_from_broken_from_other_text() {
        assert_eq!(DkimKey::parse("s", "v=DKIM1; p=").unwrap().algorithm, Algorithm::Revoked);
        assert!(matches!(DkimKey::parse("s", "p=!!").unwrap().algorithm, Algorithm::Unreadable(_)));
        assert_eq!(DkimKey::parse("s", "v=spf1 -all"), None);
        assert_eq!(DkimKey::parse("s", "hello"), None);
        assert!(
            DkimKey::parse("s", "p=; t=y:s; h=sha1")
                .is_some_and(|key| key.testing && key.sha1_only)
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "(v=DKIM1; ?)?(k=rsa; )?p=[A-Za-z0-9+/=]{0,200}\\PC{0,20}") {
            DkimKey::parse("s", &text);
        }
    }
}
