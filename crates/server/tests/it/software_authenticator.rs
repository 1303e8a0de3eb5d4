//! An authenticator and the browser before it, in software: P-256, one passkey. What it says can be
//! made wrong, one thing at a time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const ORIGIN: &str = "https://scan.example.com";
pub(crate) const RP_ID: &str = "scan.example.com";

/// User present and verified, backup eligible.
const FLAGS: u8 = 0b0000_1101;
const ATTESTED: u8 = 0b0100_0000;

/// One passkey.
#[derive(Clone)]
pub(crate) struct SoftwareAuthenticator {
    pub(crate) origin: String,
    pub(crate) rp_id: String,
    pub(crate) flags: u8,
    pub(crate) count: u32,
    pub(crate) cross_origin: bool,
    /// What it says it is asked for; the truth when `None`.
    pub(crate) kind: Option<&'static str>,
    /// The format of its attestation.
    pub(crate) format: &'static str,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) user_handle: Option<String>,
    pkcs8: Vec<u8>,
}

impl SoftwareAuthenticator {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap().as_ref().to_vec();
        Self {
            origin: ORIGIN.to_owned(),
            rp_id: RP_ID.to_owned(),
            flags: FLAGS,
            count: 0,
            cross_origin: false,
            kind: None,
            format: "none",
            credential_id: Sha256::digest(&pkcs8).to_vec(),
            user_handle: None,
            pkcs8,
        }
    }

    pub(crate) fn id(&self) -> String {
        encode(&self.credential_id)
    }

    /// What `navigator.credentials.create` gives.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user_handle = Some(options["user"]["id"].as_str().unwrap().to_owned());
        let client = self.client_data("webauthn.create", options);
        let length = u16::try_from(self.credential_id.len()).unwrap().to_be_bytes();
        let data = [
            &self.authenticator_data(self.flags | ATTESTED)[..],
            &[0; 16],
            &length,
            &self.credential_id,
            &self.cose(),
        ]
        .concat();
        let format = [&[0x60 + self.format.len() as u8], self.format.as_bytes()].concat();
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let object =
            [&b"\xa3\x63fmt"[..], &format, b"\x67attStmt\xa0\x68authData\x59", &length, &data]
                .concat();
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(client.as_bytes()),
                "attestationObject": encode(&object),
                "transports": ["internal", "telepathy"],
            },
        })
    }

    /// What `navigator.credentials.get` gives.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(self.flags);
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature = self.pair().sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(client.as_bytes()),
                "authenticatorData": encode(&data),
                "signature": encode(signature.as_ref()),
                "userHandle": self.user_handle,
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let kind = self.kind.unwrap_or(kind);
        json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        })
        .to_string()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        [&Sha256::digest(&self.rp_id)[..], &[flags], &self.count.to_be_bytes()].concat()
    }

    fn pair(&self) -> EcdsaKeyPair {
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        EcdsaKeyPair::from_pkcs8(algorithm, &self.pkcs8, &SystemRandom::new()).unwrap()
    }

    fn cose(&self) -> Vec<u8> {
        let pair = self.pair();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], x, b"\x22\x58\x20", y].concat()
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
