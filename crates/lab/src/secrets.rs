//! The keys and records of a server that has one suite, `TLS_RSA_WITH_AES_128_CBC_SHA` of TLS 1.2,
//! written a second time so that the engine's own are tested against something else.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Digest, Sha256};

const BLOCK: usize = 16;
const MAC: usize = 20;
/// Octets of the modulus.
const MODULUS_OCTETS: usize = 128;
/// A key of no secret.
const MODULUS: &[u8] = b"ba85ff1fdfac057b7d49c8679911921e3f94b2eac96f1f46ccb848bb6236c627\
6eae03b36c8d0d359182cd982789cbe8571d9ff9aedd5f788f8184bca1d97f8c\
25dbd54379b7024f9ca73d4150c416dddfcd9eeaafcc0d77340712a03a3b1c5b\
58aacc5b6e2b68c58a968e444b85f27df4276f1e8a87e770a6fc026f37736c5f";
const PRIVATE_EXPONENT: &[u8] = b"41cc693e8639f9c9215e78dacaed9edd1ad2caf6f64e43fb46d6af99a2c0edd0\
15443fbbf8cc1d5fcb501854d785cdafcda37ebea6c82318b58f1c132b093deb\
c91f495235e32af17ab5d2dcdd18dffe6511aadf9de8bdfd026dc2b316038108\
38b327f718bbaf7dec739906dc66f9c987f591f3f90a87841c521db4b9b8bb49";

/// Returns the public half of the key (RFC 8017, section A.1.1).
pub(crate) fn public_key() -> Vec<u8> {
    let mut modulus = vec![2, 0x81, 0x81, 0];
    modulus.extend(number(MODULUS).to_bytes_be());
    let exponent = [2, 3, 1, 0, 1];
    let length = u8::try_from(modulus.len() + exponent.len()).unwrap_or(0);
    [&[0x30, 0x81, length][..], &modulus, &exponent].concat()
}

fn number(text: &[u8]) -> BigUint {
    BigUint::parse_bytes(text, 16).unwrap_or_default()
}

/// Returns the block that was encrypted with the key.
pub(crate) fn decrypt(sealed: &[u8]) -> Vec<u8> {
    let block = BigUint::from_bytes_be(sealed).modpow(&number(PRIVATE_EXPONENT), &number(MODULUS));
    let block = block.to_bytes_be();
    [vec![0; MODULUS_OCTETS - block.len()], block].concat()
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// The pseudo-random function of TLS 1.2 (RFC 5246, section 5).
fn secret(from: &[u8], label: &str, seed: &[u8], octets: usize) -> Vec<u8> {
    let label = label.as_bytes();
    let (mut out, mut chain) = (Vec::new(), [label, seed].concat());
    while out.len() < octets {
        chain = hmac_sha256(from, &[&chain]);
        out.extend(hmac_sha256(from, &[&chain, label, seed]));
    }
    out.truncate(octets);
    out
}

/// Both directions, and what proves to have seen all messages.
pub(crate) struct Keys {
    pub(crate) client: Direction,
    pub(crate) server: Direction,
    master: Vec<u8>,
}

impl Keys {
    pub(crate) fn new(pre_master: &[u8], client_random: &[u8], server_random: &[u8]) -> Self {
        let seed = [client_random, server_random].concat();
        let master = secret(pre_master, "master secret", &seed, 48);
        let seed = [server_random, client_random].concat();
        let block = secret(&master, "key expansion", &seed, 2 * (MAC + BLOCK));
        let direction = |index: usize| Direction {
            mac_key: block[index * MAC..][..MAC].to_vec(),
            key: block[2 * MAC + index * BLOCK..][..BLOCK].to_vec(),
            sequence: 0,
        };
        Self { client: direction(0), server: direction(1), master }
    }

    pub(crate) fn verify_data(&self, label: &str, messages: &[u8]) -> Vec<u8> {
        secret(&self.master, label, &Sha256::digest(messages), 12)
    }
}

/// What became of opening a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opened {
    Plain(Vec<u8>),
    /// The MAC is right, the octets of the padding are not what they should be.
    OddPadding(Vec<u8>),
    /// The padding is too long, or its octets differ and there is no MAC that fits either.
    WrongPadding,
    /// The padding is right, the MAC is not; the data before it.
    WrongMac(Vec<u8>),
}

/// One direction of a connection.
pub(crate) struct Direction {
    mac_key: Vec<u8>,
    key: Vec<u8>,
    sequence: u64,
}

impl Direction {
    fn mac(&self, kind: u8, plain: &[u8]) -> Vec<u8> {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.mac_key) else { return Vec::new() };
        mac.update(&self.sequence.to_be_bytes());
        mac.update(&[kind, 3, 3]);
        mac.update(&u16::try_from(plain.len()).unwrap_or(0).to_be_bytes());
        mac.update(plain);
        mac.finalize().into_bytes().to_vec()
    }

    /// Returns what a record is to carry.
    pub(crate) fn seal(&mut self, kind: u8, plain: &[u8]) -> Vec<u8> {
        let mut content = [plain, &self.mac(kind, plain)].concat();
        let padding = BLOCK - content.len() % BLOCK;
        content.resize(content.len() + padding, u8::try_from(padding - 1).unwrap_or(0));
        self.sequence += 1;
        let mut out = vec![0x55; BLOCK];
        if let Ok(cipher) = Aes128::new_from_slice(&self.key) {
            for block in content.as_chunks::<BLOCK>().0 {
                let before = out.last_chunk::<BLOCK>().copied().unwrap_or_default();
                let mut mixed: [u8; BLOCK] = std::array::from_fn(|at| block[at] ^ before[at]);
                cipher.encrypt_block((&mut mixed).into());
                out.extend(mixed);
            }
        }
        out
    }

    /// Opens what a record carries.
    pub(crate) fn open(&mut self, kind: u8, body: &[u8]) -> Opened {
        let mut content = Vec::new();
        if let Ok(cipher) = Aes128::new_from_slice(&self.key) {
            for pair in body.as_chunks::<BLOCK>().0.windows(2) {
                let mut block = pair[1];
                cipher.decrypt_block((&mut block).into());
                content.extend(block.iter().zip(pair[0]).map(|(octet, before)| octet ^ before));
            }
        }
        let padding = usize::from(content.last().copied().unwrap_or(u8::MAX));
        let Some(end) = content.len().checked_sub(padding + 1) else { return Opened::WrongPadding };
        let is_odd = content[end..].iter().any(|octet| usize::from(*octet) != padding);
        let Some(plain) = end.checked_sub(MAC) else { return Opened::WrongMac(vec![0]) };
        let data = content[..plain].to_vec();
        let fits = content[plain..end] == self.mac(kind, &data);
        self.sequence += 1;
        match (fits, is_odd) {
            (true, false) => Opened::Plain(data),
            (true, true) => Opened::OddPadding(data),
            (false, true) => Opened::WrongPadding,
            (false, false) => Opened::WrongMac(data),
        }
    }
}
