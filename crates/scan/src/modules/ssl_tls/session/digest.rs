//! The hashes of TLS up to 1.2 and the secrets that are made with them.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};

/// A hash that TLS up to 1.2 works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
}

impl Hash {
    /// Returns the length of what it makes.
    pub(super) fn octets(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    /// Returns the HMAC of some parts in a row (RFC 2104).
    pub(super) fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => authenticated::<Hmac<Md5>>(key, parts),
            Self::Sha1 => authenticated::<Hmac<Sha1>>(key, parts),
            Self::Sha256 => authenticated::<Hmac<Sha256>>(key, parts),
            Self::Sha384 => authenticated::<Hmac<Sha384>>(key, parts),
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
        }
    }
}

fn authenticated<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// The pseudo-random function that all secrets come out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prf {
    /// MD5 and SHA-1, each with one half of the secret (RFC 2246, section 5).
    Halves,
    /// One hash (RFC 5246, section 5).
    Whole(Hash),
}

impl Prf {
    /// Returns as many octets as are asked for.
    pub(super) fn expand(self, secret: &[u8], label: &[u8], seed: &[u8], octets: usize) -> Vec<u8> {
        match self {
            Self::Whole(hash) => expand(hash, secret, label, seed, octets),
            Self::Halves => {
                let half = secret.len().div_ceil(2);
                let (first, second) = (&secret[..half], &secret[secret.len() - half..]);
                let md5 = expand(Hash::Md5, first, label, seed, octets);
                let sha1 = expand(Hash::Sha1, second, label, seed, octets);
                md5.iter().zip(sha1).map(|(one, other)| one ^ other).collect()
            }
        }
    }

    /// Returns what stands for all messages so far in a Finished message.
    pub(super) fn transcript(self, messages: &[u8]) -> Vec<u8> {
        match self {
            Self::Whole(hash) => hash.digest(messages),
            Self::Halves => [Hash::Md5.digest(messages), Hash::Sha1.digest(messages)].concat(),
        }
    }
}

/// `P_hash` of RFC 5246, section 5.
fn expand(hash: Hash, secret: &[u8], label: &[u8], seed: &[u8], octets: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets + hash.octets());
    let mut chain = hash.hmac(secret, &[label, seed]);
    while out.len() < octets {
        out.extend(hash.hmac(secret, &[&chain, label, seed]));
        chain = hash.hmac(secret, &[&chain]);
    }
    out.truncate(octets);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::ssl_tls::session::octets;

    /// The vectors for SHA-256 and SHA-384 that implementers share
    /// (<https://mailarchive.ietf.org/arch/msg/tls/fzVCzk-z3FShgGJ6DOXqM1ydxms>).
    #[test]
    fn secrets_are_those_of_the_published_vectors() {
        let secret = octets("9bbe436ba940f017b17652849a71db35");
        let seed = octets("a0ba9f936cda311827a6f796ffd5198c");
        let made = Prf::Whole(Hash::Sha256).expand(&secret, b"test label", &seed, 100);
        assert_eq!(
            made,
            octets(
                "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9\
                 c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba\
                 a48082d122ee42c5a72e5a5110fff70187347b66"
            )
        );
        let secret = octets("b80b733d6ceefcdc71566ea48e5567df");
        let seed = octets("cd665cf6a8447dd6ff8b27555edb7465");
        let made = Prf::Whole(Hash::Sha384).expand(&secret, b"test label", &seed, 148);
        assert_eq!(
            made,
            octets(
                "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe3\
                 4f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3\
                 d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236\
                 a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f"
            )
        );
    }

    #[test]
    fn hmac_is_that_of_rfc_2202() {
        let made = |hash: Hash| hash.hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(made(Hash::Md5), octets("750c783e6ab0b503eaa86e310a5db738"));
        assert_eq!(made(Hash::Sha1), octets("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
        for hash in [Hash::Md5, Hash::Sha1, Hash::Sha256, Hash::Sha384] {
            assert_eq!((made(hash).len(), hash.digest(b"").len()), (hash.octets(), hash.octets()));
        }
    }

    /// What OpenSSL's `TLS1-PRF` makes with `MD5-SHA1`, of an even and an odd secret.
    #[test]
    fn old_secrets_are_those_of_openssl() {
        let seed = octets("a0ba9f936cda311827a6f796ffd5198c");
        let made = |secret: &str, length: usize| {
            Prf::Halves.expand(&octets(secret), b"test label", &seed, length)
        };
        assert_eq!(
            made("9bbe436ba940f017b17652849a71db35", 40),
            octets(
                "661740e6f98bc901efd2738502a71c03f76dd2f86298549b1148eff06714cf0f6b7c532cd8c69f15"
            )
        );
        assert_eq!(
            made("9bbe436ba940f017b17652849a71db", 20),
            octets("9cdd9053742667b628ac7c1c747825e1fcb0f2b9")
        );
        assert_eq!(Prf::Halves.transcript(b"").len(), 36);
    }
}
