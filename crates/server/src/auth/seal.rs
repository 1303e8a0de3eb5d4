use anyhow::{Context, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

use super::keyring::Secret;

/// Seals texts, each for an owner and under a key of its own purpose (AES-256-GCM, a random nonce).
pub(crate) struct Seal {
    /// Stands before what is sealed, so that a later key can be told from this one.
    name: String,
    key: LessSafeKey,
}

/// Returns a key for one purpose, made of a secret that has several.
pub(super) fn derived(secret: &Secret, purpose: &str) -> [u8; 32] {
    let mut mac: Hmac<Sha256> =
        Hmac::new_from_slice(&secret.bytes).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

impl Seal {
    pub(super) fn derive(secret: &Secret, purpose: &str) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &derived(secret, purpose))
            .expect("SHA-256 gives as many bytes as AES-256 takes");
        Self { name: secret.name.clone(), key: LessSafeKey::new(key) }
    }

    /// Seals a text. It opens for that owner alone.
    pub(crate) fn seal(&self, owner: &str, plain: &[u8]) -> anyhow::Result<String> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce)?;
        let mut sealed = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(owner),
                &mut sealed,
            )
            .map_err(|_| anyhow!("a secret cannot be sealed"))?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{}.{}", self.name, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what [`Seal::seal`] made for that owner.
    pub(crate) fn open(&self, owner: &str, sealed: &str) -> anyhow::Result<Vec<u8>> {
        let (name, bytes) = sealed.split_once('.').context("a sealed secret has no name")?;
        if name != self.name {
            bail!("a secret is sealed under the key `{name}`, and `factor-key` has another");
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(bytes).context("a sealed secret is no base64")?;
        let (nonce, rest) =
            bytes.split_at_mut_checked(NONCE_LEN).context("a sealed secret is too short")?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)
            .map_err(|_| anyhow!("a sealed secret has no nonce"))?;
        let opened = self.key.open_in_place(nonce, Aad::from(owner), rest).map_err(|_| {
            anyhow!("a sealed secret does not open: it was changed, or `factor-key` is another one")
        })?;
        Ok(opened.to_vec())
    }
}
