use super::digest::{Hash, Prf};
use crate::modules::ssl_tls::wire::hello::TLS12;

/// A suite that a handshake can be finished with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Suite {
    pub(super) id: u16,
    pub(super) exchange: KeyExchange,
    pub(super) cipher: Cipher,
    /// Octets of the key.
    pub(super) key: usize,
    /// What TLS 1.2 makes secrets with.
    hash: Hash,
}

/// How both sides come to one secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyExchange {
    Rsa,
    Ecdhe,
}

/// How a record is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    /// AES in CBC with an HMAC inside.
    Cbc(Hash),
    Gcm,
}

const fn cbc(id: u16, exchange: KeyExchange, key: usize, mac: Hash, hash: Hash) -> Suite {
    Suite { id, exchange, cipher: Cipher::Cbc(mac), key, hash }
}

const fn gcm(id: u16, exchange: KeyExchange, key: usize, hash: Hash) -> Suite {
    Suite { id, exchange, cipher: Cipher::Gcm, key, hash }
}

use Hash::{Sha1, Sha256, Sha384};
use KeyExchange::{Ecdhe, Rsa};

/// All of them (RFC 5246, section A.5; RFC 5288 and 5289).
const SUITES: &[Suite] = &[
    cbc(0x002f, Rsa, 16, Sha1, Sha256),
    cbc(0x0035, Rsa, 32, Sha1, Sha256),
    cbc(0xc013, Ecdhe, 16, Sha1, Sha256),
    cbc(0xc014, Ecdhe, 32, Sha1, Sha256),
    cbc(0xc009, Ecdhe, 16, Sha1, Sha256),
    cbc(0xc00a, Ecdhe, 32, Sha1, Sha256),
    cbc(0x003c, Rsa, 16, Sha256, Sha256),
    cbc(0x003d, Rsa, 32, Sha256, Sha256),
    cbc(0xc027, Ecdhe, 16, Sha256, Sha256),
    cbc(0xc028, Ecdhe, 32, Sha384, Sha384),
    cbc(0xc023, Ecdhe, 16, Sha256, Sha256),
    cbc(0xc024, Ecdhe, 32, Sha384, Sha384),
    gcm(0xc02f, Ecdhe, 16, Sha256),
    gcm(0xc030, Ecdhe, 32, Sha384),
    gcm(0xc02b, Ecdhe, 16, Sha256),
    gcm(0xc02c, Ecdhe, 32, Sha384),
    gcm(0x009c, Rsa, 16, Sha256),
    gcm(0x009d, Rsa, 32, Sha384),
];

/// Returns whether a handshake can be finished with a suite.
pub(crate) fn is_known(id: u16) -> bool {
    Suite::of(id).is_some()
}

/// Returns whether a suite is one of those whose records have padding, and known.
pub(crate) fn is_padded(id: u16) -> bool {
    Suite::of(id).is_some_and(|suite| suite.cipher != Cipher::Gcm)
}

/// Returns whether the client encrypts the secret with the server's RSA key.
pub(crate) fn encrypts_with_rsa(id: u16) -> bool {
    crate::modules::ssl_tls::wire::suites::suite_name(id).starts_with("TLS_RSA_WITH_")
}

impl Suite {
    /// Returns the suite with that number, if it is known.
    pub(super) fn of(id: u16) -> Option<&'static Self> {
        SUITES.iter().find(|suite| suite.id == id)
    }

    /// Returns the function that makes the secrets of a version.
    pub(super) fn prf(&self, version: u16) -> Prf {
        if version < TLS12 { Prf::Halves } else { Prf::Whole(self.hash) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::ssl_tls::wire::suites::{Trait, has, suite_name};

    #[test]
    fn suites_are_what_their_names_say() {
        for suite in SUITES {
            let name = suite_name(suite.id);
            assert_eq!(name.starts_with("TLS_RSA_"), suite.exchange == Rsa, "{name}");
            assert_eq!(has(suite.id, Trait::Aead), suite.cipher == Cipher::Gcm, "{name}");
            assert!(name.contains(&format!("_AES_{}_", suite.key * 8)), "{name}");
            assert_eq!(name.ends_with("_SHA384"), suite.hash == Sha384, "{name}");
            let mac = match suite.cipher {
                Cipher::Cbc(Sha1) => "_SHA",
                Cipher::Cbc(Sha256) => "_SHA256",
                _ if suite.hash == Sha384 => "_SHA384",
                _ => "_SHA256",
            };
            assert!(name.ends_with(mac), "{name}");
        }
        assert!(is_padded(0x002f) && !is_padded(0xc02f) && !is_padded(0x0033));
        assert!(encrypts_with_rsa(0x0005) && !encrypts_with_rsa(0xc02f));
    }
}
