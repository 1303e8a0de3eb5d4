/// The primes whose remainders tell: all below 170 but 2, which every odd number passes.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Returns whether an RSA modulus, most significant octet first, bears the mark of keys made by a
/// faulty library of Infineon (CVE-2017-15361): both its primes are powers of 65537 modulo a product
/// of small primes, and so is their product. Of other keys fewer than one in 2^27 bears it.
pub(super) fn is_marked(modulus: &[u8]) -> bool {
    let is_power = |prime: u32, rest: u32| {
        let mut power = 1;
        for _ in 1..prime {
            if power == rest {
                return true;
            }
            power = power * (65_537 % prime) % prime;
        }
        false
    };
    !modulus.is_empty()
        && PRIMES.iter().all(|prime| {
            let rest =
                modulus.iter().fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % prime);
            is_power(*prime, rest)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns 65537 to a power, which bears the mark as a faulty key does.
    fn power(exponent: usize) -> Vec<u8> {
        let mut octets = vec![1_u8];
        for _ in 0..exponent {
            // 65537 = 2^16 + 1, so add the number shifted by two octets.
            let mut shifted = [octets.as_slice(), &[0, 0]].concat();
            let mut carry = 0;
            for index in 0..shifted.len() {
                let at = shifted.len() - 1 - index;
                let own = if index < octets.len() { octets[octets.len() - 1 - index] } else { 0 };
                let sum = u32::from(shifted[at]) + u32::from(own) + carry;
                shifted[at] = sum.to_le_bytes()[0];
                carry = sum >> 8;
            }
            octets = if carry > 0 { [&[1], shifted.as_slice()].concat() } else { shifted };
        }
        octets
    }

    #[test]
    fn powers_of_65537_bear_the_mark() {
        assert_eq!(power(2), [1, 0, 2, 0, 1]);
        for exponent in [1, 2, 64, 127] {
            assert!(is_marked(&power(exponent)), "{exponent}");
        }
    }

    #[test]
    fn other_numbers_do_not() {
        let mut other = power(64);
        *other.last_mut().unwrap() ^= 2;
        assert!(!is_marked(&other) && !is_marked(&[]) && !is_marked(&[0x0f, 0xff]));
    }
}
