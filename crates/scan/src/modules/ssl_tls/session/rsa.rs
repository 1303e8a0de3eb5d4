//! Blocks for a server's RSA key, right ones and those that ROBOT asks with, and the operation itself.

use serde::{Deserialize, Serialize};
use x509_parser::num_bigint::BigUint;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Octets a modulus may have: what is longer costs us more than it tells.
const MODULUS_OCTETS: std::ops::RangeInclusive<usize> = 64..=1_024;
/// Bits an exponent may have; most have 17.
const MOST_EXPONENT_BITS: u64 = 64;
/// Octets of the secret that a block carries, and of what stands around it.
const SECRET: usize = 48;
const FRAME: usize = 3;

/// A server's RSA key, to encrypt blocks with, right ones or wrong ones.
#[derive(Debug)]
pub(crate) struct RsaKey {
    modulus: BigUint,
    exponent: BigUint,
    octets: usize,
}

/// How a block is made; all but the first is refused by who reads RFC 8017, section 7.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    Right,
    /// Begins with other octets than 0 and 2.
    WrongStart,
    /// Has its zero where it cannot be, two octets before the end.
    MisplacedZero,
    /// Has no zero.
    NoZero,
    /// Carries another version than the hello.
    WrongVersion,
}

impl Block {
    /// All of them, the right one first.
    pub(crate) const ALL: [Self; 5] =
        [Self::Right, Self::WrongStart, Self::MisplacedZero, Self::NoZero, Self::WrongVersion];

    /// Writes the block around a secret whose first two octets are a version. The padding is not
    /// random: nobody's secret is kept.
    fn to_bytes(self, octets: usize, secret: &[u8; SECRET]) -> Vec<u8> {
        let mut block = match self {
            Self::WrongStart => vec![0x41, 0x17],
            _ => vec![0, 2],
        };
        block.extend([0xab, 0xcd].iter().cycle().take(octets - SECRET - FRAME));
        let nonzero = |octet: &u8| (*octet).max(1);
        match self {
            Self::Right | Self::WrongStart => {
                block.push(0);
                block.extend(secret);
            }
            Self::MisplacedZero => {
                block.push(0x11);
                block.extend(secret[2..].iter().map(nonzero));
                block.extend([0, 0x11]);
            }
            Self::NoZero => {
                block.extend([0x11, 0x11, 0x11]);
                block.extend(secret[2..].iter().map(nonzero));
            }
            Self::WrongVersion => {
                block.extend([0, 2, 2]);
                block.extend(&secret[2..]);
            }
        }
        block
    }
}

impl RsaKey {
    /// Returns the key of a certificate in DER form; `None` when it is of another kind, or of a
    /// size we do not work with.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        match certificate.public_key().parsed().ok()? {
            PublicKey::RSA(key) => Self::new(key.modulus, key.exponent),
            _ => None,
        }
    }

    fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (modulus, exponent) =
            (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
        let octets = usize::try_from(modulus.bits().div_ceil(8)).ok()?;
        let usable = MODULUS_OCTETS.contains(&octets)
            && modulus.bit(0)
            && (2..=MOST_EXPONENT_BITS).contains(&exponent.bits());
        usable.then_some(Self { modulus, exponent, octets })
    }

    /// Encrypts a block around a secret (RFC 8017, section 5.1.1); as long as the modulus.
    pub(crate) fn encrypt(&self, block: Block, secret: &[u8; SECRET]) -> Vec<u8> {
        let block = BigUint::from_bytes_be(&block.to_bytes(self.octets, secret));
        let sealed = block.modpow(&self.exponent, &self.modulus).to_bytes_be();
        let mut out = vec![0; self.octets - sealed.len()];
        out.extend(sealed);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_block_reads_as_one() {
        let secret: [u8; SECRET] = std::array::from_fn(|at| if at < 2 { 3 } else { at as u8 });
        // RFC 8017, section 7.2.2: 0, 2, at least eight octets, 0, the message.
        let message = |block: &[u8]| {
            let padded = block.strip_prefix(&[0, 2])?;
            let zero = padded.iter().position(|octet| *octet == 0)?;
            (zero >= 8).then(|| padded[zero + 1..].to_vec())
        };
        let read = |block: Block| {
            let bytes = block.to_bytes(128, &secret);
            assert_eq!(bytes.len(), 128, "{block:?}");
            message(&bytes)
        };
        assert_eq!(read(Block::Right), Some(secret.to_vec()));
        assert_eq!(read(Block::WrongStart), None);
        assert_eq!(read(Block::MisplacedZero), Some(vec![0x11]));
        assert_eq!(read(Block::NoZero), None);
        let other = read(Block::WrongVersion).unwrap();
        assert_eq!((&other[..2], &other[2..]), (&[2, 2][..], &secret[2..]));
    }

    #[test]
    fn the_operation_is_that_of_rsa() {
        // With the exponent 3 the cube can be computed beside.
        let modulus = [vec![0xff; 127], vec![0xfd]].concat();
        let key = RsaKey::new(&modulus, &[3]).unwrap();
        let secret = [9; SECRET];
        let block = BigUint::from_bytes_be(&Block::Right.to_bytes(128, &secret));
        let cube = (&block * &block * &block) % BigUint::from_bytes_be(&modulus);
        let sealed = key.encrypt(Block::Right, &secret);
        assert_eq!((sealed.len(), BigUint::from_bytes_be(&sealed)), (128, cube));
    }

    #[test]
    fn keys_that_cost_too_much_are_left_alone() {
        let odd = |octets: usize| [vec![0xff; octets - 1], vec![0xfd]].concat();
        assert!(RsaKey::new(&odd(1_025), &[3]).is_none());
        assert!(RsaKey::new(&odd(63), &[3]).is_none());
        assert!(RsaKey::new(&odd(256), &[0xff; 9]).is_none());
        assert!(RsaKey::new(&[vec![0xff; 127], vec![0xfe]].concat(), &[3]).is_none());
        assert!(RsaKey::new(&[], &[]).is_none() && RsaKey::new(&odd(256), &[1]).is_none());
        assert!(RsaKey::of(b"no certificate").is_none());
    }
}
