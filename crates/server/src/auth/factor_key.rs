use anyhow::{Context, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

use super::keyring::Secret;
use super::secrets::hex;

/// What protects second factors in the database: secrets of authenticators are sealed under it, so
/// that a stolen database or backup gives no codes, and recovery codes are hashed under it.
///
/// Two keys, one for each purpose, come from the one in the file. It is not rotated: a new one would
/// have to open and seal every row, and whoever can read the file can read those of the tokens.
pub(crate) struct FactorKey {
    /// Stands before what is sealed, so that a later key can be told from this one.
    name: String,
    seal: LessSafeKey,
    codes: Hmac<Sha256>,
}

impl FactorKey {
    pub(super) fn new(secret: &Secret) -> Self {
        let derived = |purpose: &str| {
            let mut mac: Hmac<Sha256> =
                Hmac::new_from_slice(&secret.bytes).expect("HMAC takes keys of any length");
            mac.update(purpose.as_bytes());
            mac.finalize().into_bytes()
        };
        let seal = UnboundKey::new(&AES_256_GCM, &derived("seal of totp secrets"))
            .expect("SHA-256 gives as many bytes as AES-256 takes");
        let codes = Hmac::new_from_slice(&derived("hash of recovery codes"))
            .expect("HMAC takes keys of any length");
        Self { name: secret.name.clone(), seal: LessSafeKey::new(seal), codes }
    }

    /// Seals a user's secret (AES-256-GCM, a random nonce). It opens for that user alone.
    pub(crate) fn seal(&self, user: i64, secret: &[u8]) -> anyhow::Result<String> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce)?;
        let mut sealed = secret.to_vec();
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), owner(user), &mut sealed)
            .map_err(|_| anyhow!("a secret cannot be sealed"))?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{}.{}", self.name, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what [`FactorKey::seal`] made for that user.
    pub(crate) fn open(&self, user: i64, sealed: &str) -> anyhow::Result<Vec<u8>> {
        let (name, bytes) = sealed.split_once('.').context("a sealed secret has no name")?;
        if name != self.name {
            bail!("a secret is sealed under the key `{name}`, and `factor-key` has another");
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(bytes).context("a sealed secret is no base64")?;
        let (nonce, rest) =
            bytes.split_at_mut_checked(NONCE_LEN).context("a sealed secret is too short")?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)
            .map_err(|_| anyhow!("a sealed secret has no nonce"))?;
        let opened = self.seal.open_in_place(nonce, owner(user), rest).map_err(|_| {
            anyhow!("a sealed secret does not open: it was changed, or `factor-key` is another one")
        })?;
        Ok(opened.to_vec())
    }

    /// Returns the hash, hex, under which a user's recovery code is stored.
    pub(crate) fn hash_code(&self, user: i64, code: &str) -> String {
        let mut mac = self.codes.clone();
        mac.update(format!("{user}\n{code}").as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// Binds a seal to its user, so that nobody who can write the tables lends somebody their secret.
fn owner(user: i64) -> Aad<String> {
    Aad::from(format!("user:{user}"))
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
