//! Passkeys: what a browser sends back is checked here, step by step as WebAuthn level 3 says.
//!
//! [`json`] has the forms that browsers speak, [`client_data`] what the browser says,
//! [`authenticator_data`] what the authenticator says in CBOR ([`cbor`]) with its public key
//! ([`cose`]); [`registration`] is section 7.1 and [`assertion`] section 7.2. A challenge carries its
//! own end and seal ([`challenge`]), so nothing is kept until it is answered.
//!
//! Invariants: attestation is not asked for and says nothing; an authenticator that did not verify
//! its user is refused, so a passkey is both factors; the origin is one text, compared as a whole.
//!
//! To add an algorithm: a variant in `cose` with its verification, and its place in
//! [`cose::Algorithm::OFFERED`].

mod assertion;
mod authenticator_data;
mod cbor;
mod challenge;
mod client_data;
mod cose;
pub(crate) mod json;
mod registration;
mod relying_party;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use assertion::{Known, verify_assertion};
pub(crate) use challenge::{Ceremony, LIFETIME_MS, Subject};
pub(crate) use registration::verify_registration;
pub(crate) use relying_party::RelyingParty;

/// Longest credential id in bytes (7.1, step 25).
const MAX_CREDENTIAL_ID: usize = 1023;

/// Why what a browser sent back is refused. Completes "the credential …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("cannot be read: `{0}` is not what WebAuthn says")]
    Malformed(&'static str),
    #[error("is the answer to another kind of request")]
    WrongType,
    #[error("answers a challenge that has ended, was answered before or is not yours; start again")]
    WrongChallenge,
    #[error("was made on another site than the one this service is reached at")]
    WrongOrigin,
    #[error("was made inside a page of another site")]
    Embedded,
    #[error("is for another relying party")]
    WrongRelyingParty,
    #[error("was made without anybody being present")]
    NotPresent,
    #[error(
        "was made without its user being verified; set up a PIN, a fingerprint or a face on the \
         authenticator"
    )]
    NotVerified,
    #[error("contradicts itself about being backed up")]
    InconsistentBackup,
    #[error("uses a kind of key that is not offered")]
    UnsupportedKey,
    #[error("belongs to somebody else")]
    WrongUser,
    #[error("has a wrong signature")]
    WrongSignature,
}

/// Returns text as bytes. Only the one spelling of them is taken, without padding.
fn decode(text: &str, member: &'static str) -> Result<Vec<u8>, Problem> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::Malformed(member))
}

/// Returns bytes as text.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
