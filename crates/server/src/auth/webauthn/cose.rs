//! Public keys as authenticators write them (COSE, RFC 9053) and the signatures they verify.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::Problem;
use super::cbor::{self, Value};

/// How an authenticator signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA PKCS #1 with SHA-256; what some computers' own chips can.
    Rs256,
}

impl Algorithm {
    /// What is offered, the preferred one first.
    pub(crate) const OFFERED: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// Returns the number in the IANA register of COSE algorithms.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// A public key of one of the kinds that are offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// An uncompressed point.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// Labels of RFC 9052, 7.1, and RFC 9053, 7.
const KEY_TYPE: i64 = 1;
const ALGORITHM: i64 = 3;

impl PublicKey {
    /// Reads a key and returns what follows it.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Problem> {
        let (map, rest) = cbor::read(bytes).ok_or(Problem::Malformed("public key"))?;
        let member = |label: i64| map.get(&Value::Integer(label));
        let number = |label: i64| match member(label) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        let content =
            |label: i64| member(label).and_then(Value::bytes).ok_or(Problem::UnsupportedKey);
        let algorithm = Algorithm::OFFERED
            .into_iter()
            .find(|offered| number(ALGORITHM) == Some(offered.number()))
            .ok_or(Problem::UnsupportedKey)?;
        let key = match (algorithm, number(KEY_TYPE), number(-1)) {
            (Algorithm::Es256, Some(2), Some(1)) => {
                let point = [&[4][..], content(-2)?, content(-3)?].concat();
                (point.len() == 65 && content(-2)?.len() == 32).then_some(Self::P256(point))
            }
            (Algorithm::EdDsa, Some(1), Some(6)) => {
                let point = content(-2)?;
                (point.len() == 32).then(|| Self::Ed25519(point.to_vec()))
            }
            (Algorithm::Rs256, Some(3), _) => {
                let (n, e) = (content(-1)?, content(-2)?);
                // `ring` refuses what is shorter or longer when it verifies; nobody should find out then.
                let is_good = (256..=1024).contains(&n.len()) && n[0] != 0 && e.len() <= 8;
                is_good.then(|| Self::Rsa { n: n.to_vec(), e: e.to_vec() })
            }
            _ => None,
        };
        Ok((key.ok_or(Problem::UnsupportedKey)?, rest))
    }

    /// Reads a key that nothing follows.
    pub(super) fn read_all(bytes: &[u8]) -> Result<Self, Problem> {
        match Self::read(bytes)? {
            (key, []) => Ok(key),
            _ => Err(Problem::Malformed("public key")),
        }
    }

    /// Checks a signature.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Problem> {
        let verified = match self {
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(point) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        verified.map_err(|_| Problem::WrongSignature)
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    #[test]
    fn a_key_of_each_kind_is_read_and_others_are_not() {
        let p256 = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32],
            &[7; 32][..],
            &[0x22, 0x58, 32],
            &[8; 32],
        ]
        .concat();
        let (key, rest) = PublicKey::read(&p256).unwrap();
        assert_eq!(
            (key, rest),
            (PublicKey::P256([&[4][..], &[7; 32], &[8; 32]].concat()), &[][..])
        );
        let rsa =
            [&[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0], &[9; 256][..], &[0x21, 0x43, 1, 0, 1]]
                .concat();
        assert_eq!(
            PublicKey::read_all(&rsa),
            Ok(PublicKey::Rsa { n: vec![9; 256], e: vec![1, 0, 1] })
        );
        let mut other = p256.clone();
        other[6] = 2;
        assert_eq!(PublicKey::read_all(&other), Err(Problem::UnsupportedKey), "another curve");
        other.clone_from(&p256);
        other[4] = 0x38;
        assert!(PublicKey::read_all(&other).is_err(), "another algorithm");
        other.clone_from(&p256);
        other[2] = 3;
        assert_eq!(PublicKey::read_all(&other), Err(Problem::UnsupportedKey), "another type");
        other.clone_from(&p256);
        other.push(0);
        assert_eq!(PublicKey::read_all(&other), Err(Problem::Malformed("public key")));
        assert_eq!(PublicKey::read_all(b"x"), Err(Problem::Malformed("public key")));
        let short =
            [&[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x58, 128], &[9; 128][..], &[0x21, 0x43, 1, 0, 1]]
                .concat();
        assert_eq!(PublicKey::read_all(&short), Err(Problem::UnsupportedKey), "1024 bits");
    }

    #[test]
    fn a_signature_holds_for_its_text_alone() {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let cose =
            [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32][..], pair.public_key().as_ref()]
                .concat();
        let key = PublicKey::read_all(&cose).unwrap();
        let signature = pair.sign(b"text");
        assert_eq!(key.verify(b"text", signature.as_ref()), Ok(()));
        assert_eq!(key.verify(b"texts", signature.as_ref()), Err(Problem::WrongSignature));
        assert_eq!(key.verify(b"text", &[]), Err(Problem::WrongSignature));
    }

    /// The numbers are from OpenSSL 3: a key of 2048 bits and what it signs as `dgst -sha256`.
    #[test]
    fn what_another_program_signed_with_rsa_holds() {
        let modulus = "m5SXaNOYGdUQ_TRTrvNAKk9X3iJuYUTswfx7o-3HtOBR-Lx_b78jnqRkAWsT0BZCzmjzWwStIUfbuWdKYkfqJ9 \
         S_aNI7hwG2qR-a05-cCfxL4WzKv-HfT6ACDqsRDKI1AnuksFI1lillfTpbVirD5Doe3Skz_pg7DMMnySUhON-5 \
         tB7FDB3blRithn-G2pmfOz3nYskv8wZl_oOMjFpbDHj92hD53sDRRF4wD1bW_56nxQN-e7kySnEqtII7kLGjeW \
         YGGWnNgI10K74iSF_koszNuo8yUvKxcd5YE-sysApp-MqhSGsrUo_8vz4DWDiWs7LGAz0H6OVRj71cLs4HmQ";
        let signature = "Cqgg_dlvCZOHiVpu0SEYpBxX2lL-t3AEAO_54XNBO-jE29Ravbq-6nMvwHlPPOe6c11S1YmE0ZN478d20EaETA \
         5lFT2RoByYpykhqrk8MtSY019yvJcH_fpn8iBq71d6NhGdKHr3LW9i9KLTKbeOigH5o_ZGxl7bMLpVI4p3iXPQ \
         nE3V0PStdChBFSvDBS8-ELhpGAuGWsEGmpd0ztdB08YYVreLtp0eu_wPsD4VQ5z-k3-rBiDzPJtzqSlFRPZUD8 \
         WVOsmSUgss4VqQ1gNUS87dj69-_i3QzE5WqotlQ1tkupiIbwjKFYKY0gP3aHCLf-G0hxtgM2cWUft4Yc-6Xg";
        let plain = |text: &str| super::super::decode(&text.replace(' ', ""), "").unwrap();
        let cose = [
            &[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0],
            &plain(modulus)[..],
            &[0x21, 0x43, 1, 0, 1],
        ]
        .concat();
        let key = PublicKey::read_all(&cose).unwrap();
        let mut signature = plain(signature);
        assert_eq!(key.verify(b"text", &signature), Ok(()));
        assert_eq!(key.verify(b"texts", &signature), Err(Problem::WrongSignature));
        signature[9] ^= 1;
        assert_eq!(key.verify(b"text", &signature), Err(Problem::WrongSignature));
    }

    #[test]
    fn a_point_that_is_on_no_curve_verifies_nothing() {
        let key = PublicKey::P256([&[4][..], &[7; 32], &[8; 32]].concat());
        assert_eq!(key.verify(b"text", &[0x30, 6, 2, 1, 1, 2, 1, 1]), Err(Problem::WrongSignature));
    }
}
