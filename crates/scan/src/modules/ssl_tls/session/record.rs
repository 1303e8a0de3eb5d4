//! Protects and opens records of TLS 1.0 to 1.2, and makes records that are wrong in one way.
//!
//! CBC stands here in ten lines over the block cipher: the crate for it would not write the records
//! that a receiver must refuse.

use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use aes::{Aes128, Aes256};
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};

use super::digest::Hash;
use super::suite::{Cipher, Suite};
use super::{plain_record, random};
use crate::modules::ssl_tls::wire::hello::TLS10;
use crate::net::NetError;

const BLOCK: usize = 16;
/// Octets of GCM's nonce that come out of the handshake, and of that which stands in the record.
const SALT: usize = 4;
const EXPLICIT_NONCE: usize = 8;

/// What is wrong about a record, which a receiver must answer in one way whatever it is
/// (RFC 5246, section 6.2.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Malformed {
    /// The padding is right, the MAC is not.
    WrongMac,
    /// The MAC is right, the first octet of the padding is not.
    WrongPadding,
    /// The padding says it is longer than the record.
    PaddingTooLong,
    /// The padding is right and leaves no place for a MAC.
    NoMac,
    /// No data, and a wrong MAC before right padding.
    EmptyWrongMac,
}

impl Malformed {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::WrongMac,
        Self::WrongPadding,
        Self::PaddingTooLong,
        Self::NoMac,
        Self::EmptyWrongMac,
    ];
}

/// One direction of a connection.
pub(super) struct Protection {
    version: u16,
    sequence: u64,
    keys: Keys,
}

enum Keys {
    Cbc {
        key: Vec<u8>,
        mac: Hash,
        mac_key: Vec<u8>,
        /// The last block, which the next record is chained to before TLS 1.1.
        last: [u8; BLOCK],
    },
    Gcm {
        key: Box<LessSafeKey>,
        salt: [u8; SALT],
    },
}

impl Protection {
    /// Returns the client's direction and the server's, from the key block of RFC 5246, section 6.3,
    /// which `expand` makes.
    pub(super) fn both(
        suite: &Suite,
        version: u16,
        expand: impl FnOnce(usize) -> Vec<u8>,
    ) -> Option<[Self; 2]> {
        let (mac, fixed) = match suite.cipher {
            Cipher::Cbc(hash) if version == TLS10 => (hash.octets(), BLOCK),
            Cipher::Cbc(hash) => (hash.octets(), 0),
            Cipher::Gcm => (0, SALT),
        };
        let block = expand(2 * (mac + suite.key + fixed));
        let (macs, rest) = block.split_at(2 * mac);
        let (keys, fixeds) = rest.split_at(2 * suite.key);
        let side = |index: usize| {
            let part = |all: &[u8], octets: usize| all[index * octets..][..octets].to_vec();
            let (key, fixed) = (part(keys, suite.key), part(fixeds, fixed));
            let keys = match suite.cipher {
                Cipher::Cbc(hash) => Keys::Cbc {
                    key,
                    mac: hash,
                    mac_key: part(macs, mac),
                    last: fixed.try_into().unwrap_or_default(),
                },
                Cipher::Gcm => {
                    let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
                    let key = UnboundKey::new(algorithm, &key).ok()?;
                    Keys::Gcm { key: Box::new(LessSafeKey::new(key)), salt: fixed.try_into().ok()? }
                }
            };
            Some(Self { version, sequence: 0, keys })
        };
        Some([side(0)?, side(1)?])
    }

    /// Writes a record.
    pub(super) fn seal(&mut self, kind: u8, plain: &[u8]) -> Result<Vec<u8>, NetError> {
        let head = self.head(kind, plain.len());
        if let Keys::Gcm { key, salt } = &self.keys {
            let explicit = self.sequence.to_be_bytes();
            let mut body = plain.to_vec();
            key.seal_in_place_append_tag(nonce(salt, explicit), Aad::from(head), &mut body)
                .map_err(|_| NetError::Failed("a record could not be encrypted".to_owned()))?;
            self.sequence += 1;
            return Ok(plain_record(kind, self.version, &[&explicit[..], &body].concat()));
        }
        let mac = self.mac(&head, plain);
        self.seal_content(kind, padded([plain, &mac].concat(), 0))
    }

    /// Writes a record of application data that is wrong in one way. The suite has to be one with
    /// padding.
    pub(super) fn seal_malformed(
        &mut self,
        malformed: Malformed,
        data: &[u8],
    ) -> Result<Vec<u8>, NetError> {
        const DATA: u8 = 23;
        let data = if malformed == Malformed::EmptyWrongMac { &[] } else { data };
        let mut mac = self.mac(&self.head(DATA, data.len()), data);
        let content = match malformed {
            Malformed::WrongMac | Malformed::EmptyWrongMac => {
                if let Some(last) = mac.last_mut() {
                    *last ^= 1;
                }
                padded([data, &mac].concat(), 0)
            }
            Malformed::WrongPadding => {
                // A block more, so that there is padding before the octet that tells its length.
                let mut content = padded([data, &mac].concat(), 1);
                let first = data.len() + mac.len();
                content[first] ^= 0x80;
                content
            }
            Malformed::PaddingTooLong => vec![0xff; 4 * BLOCK],
            Malformed::NoMac => vec![63; 4 * BLOCK],
        };
        self.seal_content(DATA, content)
    }

    fn seal_content(&mut self, kind: u8, mut content: Vec<u8>) -> Result<Vec<u8>, NetError> {
        let version = self.version;
        let Keys::Cbc { key, last, .. } = &mut self.keys else {
            return Err(NetError::Failed("the suite has no padding".to_owned()));
        };
        let (iv, explicit) = match version {
            TLS10 => (*last, Vec::new()),
            _ => {
                let iv = random::<BLOCK>()?;
                (iv, iv.to_vec())
            }
        };
        match key.len() {
            16 => encrypt::<Aes128>(key, iv, &mut content),
            _ => encrypt::<Aes256>(key, iv, &mut content),
        }
        if let Some(block) = content.last_chunk() {
            *last = *block;
        }
        self.sequence += 1;
        Ok(plain_record(kind, version, &[explicit, content].concat()))
    }

    /// Opens what a record carries; `None` when it is not what the other side would have sent.
    pub(super) fn open(&mut self, kind: u8, body: &[u8]) -> Option<Vec<u8>> {
        let opened = match &mut self.keys {
            Keys::Gcm { key, salt } => {
                let (explicit, sealed) = body.split_first_chunk::<EXPLICIT_NONCE>()?;
                let plain = sealed.len().checked_sub(AES_128_GCM.tag_len())?;
                let nonce = nonce(salt, *explicit);
                let mut sealed = sealed.to_vec();
                let aad = Aad::from(head(self.sequence, kind, self.version, plain));
                let opened = key.open_in_place(nonce, aad, &mut sealed).ok()?;
                opened.to_vec()
            }
            Keys::Cbc { key, mac, last, .. } => {
                let (iv, sealed) = match self.version {
                    TLS10 => (*last, body),
                    _ => body.split_first_chunk().map(|(iv, rest)| (*iv, rest))?,
                };
                *last = *sealed.last_chunk()?;
                if !sealed.len().is_multiple_of(BLOCK) {
                    return None;
                }
                let mut content = sealed.to_vec();
                match key.len() {
                    16 => decrypt::<Aes128>(key, iv, &mut content),
                    _ => decrypt::<Aes256>(key, iv, &mut content),
                }
                let padding = usize::from(*content.last()?);
                let end = content.len().checked_sub(padding + 1)?;
                let end = end.checked_sub(mac.octets())?;
                content.truncate(end + mac.octets());
                let sent = content.split_off(end);
                (sent == self.mac(&self.head(kind, content.len()), &content)).then_some(content)?
            }
        };
        self.sequence += 1;
        Some(opened)
    }

    fn head(&self, kind: u8, plain: usize) -> [u8; 13] {
        head(self.sequence, kind, self.version, plain)
    }

    fn mac(&self, head: &[u8], plain: &[u8]) -> Vec<u8> {
        match &self.keys {
            Keys::Cbc { mac, mac_key, .. } => mac.hmac(mac_key, &[head, plain]),
            Keys::Gcm { .. } => Vec::new(),
        }
    }
}

/// What is authenticated besides the data: its place, its kind and its length.
fn head(sequence: u64, kind: u8, version: u16, plain: usize) -> [u8; 13] {
    let mut head = [0; 13];
    head[..8].copy_from_slice(&sequence.to_be_bytes());
    head[8] = kind;
    head[9..11].copy_from_slice(&version.to_be_bytes());
    head[11..].copy_from_slice(&u16::try_from(plain).unwrap_or(u16::MAX).to_be_bytes());
    head
}

fn nonce(salt: &[u8; SALT], explicit: [u8; EXPLICIT_NONCE]) -> Nonce {
    let mut nonce = [0; SALT + EXPLICIT_NONCE];
    nonce[..SALT].copy_from_slice(salt);
    nonce[SALT..].copy_from_slice(&explicit);
    Nonce::assume_unique_for_key(nonce)
}

/// Fills up to a whole block, and some blocks more (RFC 5246, section 6.2.3.2).
fn padded(mut content: Vec<u8>, more: usize) -> Vec<u8> {
    let missing = BLOCK - content.len() % BLOCK + more * BLOCK;
    let octet = u8::try_from(missing - 1).unwrap_or(u8::MAX);
    content.resize(content.len() + missing, octet);
    content
}

fn encrypt<C: KeyInit + BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>>(
    key: &[u8],
    iv: [u8; BLOCK],
    content: &mut [u8],
) {
    let cipher = C::new_from_slice(key).expect("the suite tells the length of its key");
    let mut last = iv;
    for block in content.as_chunks_mut::<BLOCK>().0 {
        block.iter_mut().zip(last).for_each(|(octet, before)| *octet ^= before);
        cipher.encrypt_block(block.into());
        last = *block;
    }
}

fn decrypt<C: KeyInit + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16>>(
    key: &[u8],
    iv: [u8; BLOCK],
    content: &mut [u8],
) {
    let cipher = C::new_from_slice(key).expect("the suite tells the length of its key");
    let mut last = iv;
    for block in content.as_chunks_mut::<BLOCK>().0 {
        let sealed = *block;
        cipher.decrypt_block(block.into());
        block.iter_mut().zip(last).for_each(|(octet, before)| *octet ^= before);
        last = sealed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::ssl_tls::session::octets;
    use crate::modules::ssl_tls::wire::hello::{TLS11, TLS12};

    /// NIST SP 800-38A, sections F.2.1 and F.2.5.
    #[test]
    fn cbc_is_that_of_nist() {
        let iv = octets("000102030405060708090a0b0c0d0e0f").try_into().unwrap();
        let plain = octets("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let mut content = plain.clone();
        let key = octets("2b7e151628aed2a6abf7158809cf4f3c");
        encrypt::<Aes128>(&key, iv, &mut content);
        let sealed = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2";
        assert_eq!(content, octets(sealed));
        decrypt::<Aes128>(&key, iv, &mut content);
        assert_eq!(content, plain);
        let key = octets("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        encrypt::<Aes256>(&key, iv, &mut content);
        let sealed = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d";
        assert_eq!(content, octets(sealed));
        decrypt::<Aes256>(&key, iv, &mut content);
        assert_eq!(content, plain);
    }

    fn pair(suite: u16, version: u16) -> [Protection; 2] {
        let suite = Suite::of(suite).unwrap();
        let block = |octets: usize| (0..octets).map(|index| index as u8).collect();
        let [client, _] = Protection::both(suite, version, block).unwrap();
        let [same, _] = Protection::both(suite, version, block).unwrap();
        [client, same]
    }

    #[test]
    fn what_was_sealed_is_opened_once_and_in_order() {
        for suite in [0x002f, 0x0035, 0xc027, 0xc028, 0xc02f, 0xc030] {
            for version in [TLS10, TLS11, TLS12] {
                let [mut seals, mut opens] = pair(suite, version);
                for plain in [&b""[..], b"one", &[7; 500]] {
                    let record = seals.seal(23, plain).unwrap();
                    assert_eq!(opens.open(23, &record[5..]).unwrap(), plain);
                }
                let record = seals.seal(23, b"another kind").unwrap();
                assert_eq!(opens.open(22, &record[5..]), None);
                assert_eq!(opens.open(23, &[1, 2, 3]), None);
            }
        }
    }

    #[test]
    fn malformed_records_are_whole_blocks_that_nobody_opens() {
        for malformed in Malformed::ALL {
            for version in [TLS10, TLS12] {
                let [mut seals, mut opens] = pair(0x002f, version);
                let record = seals.seal_malformed(malformed, b"HEAD / HTTP/1.1").unwrap();
                assert_eq!((record.len() - 5) % BLOCK, 0);
                // Whoever does not look at the octets of the padding takes what has the right MAC.
                let taken = opens.open(23, &record[5..]).is_some();
                assert_eq!(taken, malformed == Malformed::WrongPadding, "{malformed:?}");
            }
            let [mut seals, _] = pair(0xc02f, TLS12);
            assert!(seals.seal_malformed(malformed, b"").is_err(), "GCM has no padding");
        }
    }
}
