use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Problem, RelyingParty};
use crate::strict_json;

/// What a browser says about a ceremony (5.8.1).
#[derive(Debug)]
pub(super) struct ClientData {
    /// As it was handed out, base64url.
    pub(super) challenge: String,
    /// SHA-256 of what the browser said, to the byte.
    pub(super) hash: [u8; 32],
}

/// Which ceremony it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    Get,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

impl ClientData {
    /// Reads what a browser said and checks everything in it but the challenge.
    pub(super) fn read(json: &[u8], kind: Kind, rp: &RelyingParty) -> Result<Self, Problem> {
        const MEMBER: &str = "clientDataJSON";
        let value = strict_json::read(json).map_err(|_| Problem::Malformed(MEMBER))?;
        let sent: Sent = serde_json::from_value(value).map_err(|_| Problem::Malformed(MEMBER))?;
        let expected = match kind {
            Kind::Create => "webauthn.create",
            Kind::Get => "webauthn.get",
        };
        if sent.r#type != expected {
            return Err(Problem::WrongType);
        }
        if sent.origin != rp.origin {
            return Err(Problem::WrongOrigin);
        }
        if sent.cross_origin || sent.top_origin.is_some() {
            return Err(Problem::Embedded);
        }
        Ok(Self { challenge: sent.challenge, hash: Sha256::digest(json).into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_is_believed() {
        let rp = RelyingParty::of("https://scan.example.com").unwrap();
        let problem = |json: &str| ClientData::read(json.as_bytes(), Kind::Get, &rp).err();
        let good = r#"{"type":"webauthn.get","challenge":"c","origin":"https://scan.example.com","crossOrigin":false,"new":[1]}"#;
        assert_eq!(problem(good), None);
        for (from, to, expected) in [
            ("webauthn.get", "webauthn.create", Problem::WrongType),
            ("webauthn.get", "payment.get", Problem::WrongType),
            ("https://scan", "http://scan", Problem::WrongOrigin),
            ("example.com", "example.com:8443", Problem::WrongOrigin),
            ("scan.example", "evil.scan.example", Problem::WrongOrigin),
            ("false", "true", Problem::Embedded),
            ("new\":[1]", "topOrigin\":\"https://evil.example\"", Problem::Embedded),
            ("challenge", "challenges", Problem::Malformed("clientDataJSON")),
            ("\"new\":[1]", "\"origin\":\"x\"", Problem::Malformed("clientDataJSON")),
            ("{", "\u{feff}{", Problem::Malformed("clientDataJSON")),
        ] {
            assert_eq!(problem(&good.replacen(from, to, 1)), Some(expected), "{to}");
        }
    }
}
