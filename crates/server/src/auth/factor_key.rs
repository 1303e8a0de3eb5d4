use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::keyring::Secret;
use super::seal::{Seal, derived};
use super::secrets::hex;

/// What protects second factors in the database: secrets of authenticators are sealed under it, so
/// that a stolen database or backup gives no codes, and recovery codes are hashed under it.
///
/// Two keys, one for each purpose, come from the one in the file. It is not rotated: a new one would
/// have to open and seal every row, and whoever can read the file can read those of the tokens.
pub(crate) struct FactorKey {
    seal: Seal,
    codes: Hmac<Sha256>,
}

impl FactorKey {
    pub(super) fn new(secret: &Secret) -> Self {
        let codes = Hmac::new_from_slice(&derived(secret, "hash of recovery codes"))
            .expect("HMAC takes keys of any length");
        Self { seal: Seal::derive(secret, "seal of totp secrets"), codes }
    }

    /// Seals a user's secret. It opens for that user alone: nobody who can write the tables lends
    /// somebody their secret.
    pub(crate) fn seal(&self, user: i64, secret: &[u8]) -> anyhow::Result<String> {
        self.seal.seal(&owner(user), secret)
    }

    /// Opens what [`FactorKey::seal`] made for that user.
    pub(crate) fn open(&self, user: i64, sealed: &str) -> anyhow::Result<Vec<u8>> {
        self.seal.open(&owner(user), sealed)
    }

    /// Returns the hash, hex, under which a user's recovery code is stored.
    pub(crate) fn hash_code(&self, user: i64, code: &str) -> String {
        let mut mac = self.codes.clone();
        mac.update(format!("{user}\n{code}").as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

fn owner(user: i64) -> String {
    format!("user:{user}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, byte: u8) -> FactorKey {
        FactorKey::new(&Secret { name: name.to_owned(), bytes: vec![byte; 32], until: None })
    }

    #[test]
    fn a_seal_opens_for_its_user_under_its_key_alone() {
        let one = key("1", 7);
        let sealed = one.seal(42, b"twenty secret bytes!").unwrap();
        assert_eq!(one.open(42, &sealed).unwrap(), b"twenty secret bytes!");
        assert_ne!(sealed, one.seal(42, b"twenty secret bytes!").unwrap(), "the nonce is fresh");
        assert!(one.open(43, &sealed).is_err(), "another user");
        assert!(key("1", 8).open(42, &sealed).is_err(), "another key");
        let named = key("2", 7).open(42, &sealed).unwrap_err().to_string();
        assert!(named.contains("the key `1`"), "{named}");
        let mut changed = sealed.clone().into_bytes();
        changed[10] = if changed[10] == b'A' { b'B' } else { b'A' };
        for odd in [String::from_utf8(changed).unwrap().as_str(), "", "1.", "1.AAAA", "1.-"] {
            assert!(one.open(42, odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_code_hashes_for_its_user_alone() {
        let key = key("1", 7);
        assert_eq!(key.hash_code(1, "a"), key.hash_code(1, "a"));
        assert_ne!(key.hash_code(1, "a"), key.hash_code(2, "a"));
    }
}
