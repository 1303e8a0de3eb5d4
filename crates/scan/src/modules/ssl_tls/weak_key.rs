//! RSA keys that can be computed from their public half, and such as the Baseline Requirements
//! (section 6.1.6) do not allow. Pure functions of modulus and exponent; `roca` knows one
//! more kind.

use serde::{Deserialize, Serialize};
use x509_parser::num_bigint::BigUint;

/// Rounds of Fermat's method; the keys of CVE-2022-26320 need one.
const ROUNDS: u32 = 100;
/// Small primes are looked for below this.
const SMALL: u32 = 8_192;
/// Moduli that are looked at, in bits: what is larger would only keep us busy.
const MOST_BITS: u64 = 16_384;

/// What is wrong with an RSA key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyFlaw {
    /// The exponent is 1, or even: nothing is encrypted, or nobody can decrypt.
    NoExponent,
    /// The primes lie so close together that their square shows them (CVE-2022-26320).
    ClosePrimes,
    /// A prime that divides the modulus.
    SmallFactor(u32),
    /// The exponent is odd, but below 65,537 or above 2^256.
    OddExponent,
}

/// Looks at a key, both numbers with the most significant octet first.
pub(super) fn flaw(modulus: &[u8], exponent: &[u8]) -> Option<KeyFlaw> {
    let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    if exponent <= BigUint::from(1_u8) || !exponent.bit(0) {
        return Some(KeyFlaw::NoExponent);
    }
    if modulus.bits() > MOST_BITS || modulus.bits() < 64 {
        return None;
    }
    if let Some(factor) = small_factor(&modulus) {
        return Some(KeyFlaw::SmallFactor(factor));
    }
    if has_close_primes(&modulus) {
        return Some(KeyFlaw::ClosePrimes);
    }
    let usual = exponent >= BigUint::from(65_537_u32) && exponent.bits() <= 256;
    (!usual).then_some(KeyFlaw::OddExponent)
}

fn small_factor(modulus: &BigUint) -> Option<u32> {
    let sieve = |number: u32| {
        (3..).step_by(2).take_while(|it| it * it <= number).all(|it| !number.is_multiple_of(it))
    };
    let primes = std::iter::once(2).chain((3..=SMALL).step_by(2).filter(|number| sieve(*number)));
    // Many primes are tried with one division of the long number.
    let mut batch: Vec<u32> = Vec::new();
    let mut product: u64 = 1;
    for prime in primes {
        batch.push(prime);
        product *= u64::from(prime);
        if product > u64::MAX / u64::from(SMALL) {
            if let Some(found) = divisor(modulus, product, &batch) {
                return Some(found);
            }
            batch.clear();
            product = 1;
        }
    }
    divisor(modulus, product, &batch)
}

fn divisor(modulus: &BigUint, product: u64, primes: &[u32]) -> Option<u32> {
    let rest = (modulus % product).iter_u64_digits().next().unwrap_or(0);
    primes.iter().copied().find(|prime| rest.is_multiple_of(u64::from(*prime)))
}

/// Fermat's method: a product of close primes is a square less a small square.
fn has_close_primes(modulus: &BigUint) -> bool {
    let mut middle = modulus.sqrt();
    if &middle * &middle < *modulus {
        middle += 1_u8;
    }
    let mut rest = &middle * &middle - modulus;
    for _ in 0..ROUNDS {
        // Most numbers are no square by their last bits.
        let last = rest.iter_u32_digits().next().unwrap_or(0) & 15;
        if [0, 1, 4, 9].contains(&last) {
            let root = rest.sqrt();
            if &root * &root == rest {
                return true;
            }
        }
        rest += &middle * 2_u8 + 1_u8;
        middle += 1_u8;
    }
    false
}

/// Returns whether two moduli in hexadecimal have a prime in common and are not the same.
pub(super) fn share_a_prime(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let number = BigUint::parse_bytes(text.as_bytes(), 16);
        number.filter(|number| number.bits() >= 64 && number.bits() <= MOST_BITS)
    };
    let (Some(mut one), Some(mut other)) = (read(one), read(other)) else { return false };
    if one == other {
        return false;
    }
    let nothing = BigUint::ZERO;
    while other != nothing {
        let rest = &one % &other;
        one = std::mem::replace(&mut other, rest);
    }
    one.bits() > 32
}

#[cfg(test)]
mod tests {
    use super::*;

    const E: &[u8] = &[1, 0, 1];

    /// Mersenne primes, which are far from each other.
    fn mersenne(exponent: u32) -> BigUint {
        (BigUint::from(1_u8) << exponent) - 1_u8
    }

    fn judged(modulus: &BigUint) -> Option<KeyFlaw> {
        flaw(&modulus.to_bytes_be(), E)
    }

    #[test]
    fn close_primes_are_found() {
        // The two primes after 10^18.
        let (one, next) = (1_000_000_000_000_000_003_u64, 1_000_000_000_000_000_009_u64);
        assert_eq!(judged(&(BigUint::from(one) * next)), Some(KeyFlaw::ClosePrimes));
        assert_eq!(judged(&(BigUint::from(one) * one)), Some(KeyFlaw::ClosePrimes));
        assert_eq!(judged(&(mersenne(521) * mersenne(607))), None);
    }

    #[test]
    fn small_factors_are_found() {
        let modulus = mersenne(1_279) * 8_191_u32;
        assert_eq!(judged(&modulus), Some(KeyFlaw::SmallFactor(8_191)));
        assert_eq!(judged(&(mersenne(1_279) * 3_u8)), Some(KeyFlaw::SmallFactor(3)));
        assert_eq!(judged(&(mersenne(521) * 2_u8)), Some(KeyFlaw::SmallFactor(2)));
    }

    #[test]
    fn exponents_are_odd_and_long_enough() {
        let modulus = (mersenne(521) * mersenne(607)).to_bytes_be();
        for none in [&[1][..], &[0], &[], &[1, 0, 0]] {
            assert_eq!(flaw(&modulus, none), Some(KeyFlaw::NoExponent), "{none:?}");
        }
        assert_eq!(flaw(&modulus, &[3]), Some(KeyFlaw::OddExponent));
        assert_eq!(flaw(&modulus, &[1; 33]), Some(KeyFlaw::OddExponent));
        assert_eq!(flaw(&modulus, E), None);
        // What is absurdly long, or short, is not worth the time.
        assert_eq!((flaw(&[0xff; 4_096], E), flaw(&[15], E)), (None, None));
    }

    #[test]
    fn a_prime_in_common_shows() {
        let product = |one, other| (mersenne(one) * mersenne(other)).to_str_radix(16);
        assert!(share_a_prime(&product(521, 607), &product(521, 1_279)));
        assert!(!share_a_prime(&product(521, 607), &product(1_279, 2_203)));
        assert!(!share_a_prime(&product(521, 607), &product(521, 607)));
        assert!(!share_a_prime("", "nonsense") && !share_a_prime("6", "9"));
    }
}
