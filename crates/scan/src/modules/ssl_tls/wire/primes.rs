use sha2::{Digest, Sha256};

/// Primes that many servers share because standards or programs bring them along: SHA-256 of the
/// number, its bits, and whose it is. Those of RFC 3526 are computed as its sections say, the others
/// stand in the sources of the programs; every one but Java's is a safe prime.
///
/// Longer ones, and the groups of RFC 7919, are shared as well and nothing is wrong with that: what
/// can be computed ahead for a short prime cannot be for one of 2,048 bits.
const SHARED: &[(&str, usize, &str)] = &[
    (
        "b52ba6a3026520a6c49d37e4587601801bee500123b3259b6bf03e7cecc3e63d",
        768,
        "Oakley group 1 of RFC 2409",
    ),
    (
        "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0",
        1_024,
        "Oakley group 2 of RFC 2409",
    ),
    (
        "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b",
        1_536,
        "group 5 of RFC 3526",
    ),
    ("db01e702899166da28c9bc7896af62bcdf0c96d0fb341950ba80e68bd51a57ef", 512, "Apache's mod_ssl"),
    ("bf910d9df4e0b2e76cda7443f592aa118e33ba2c224ebc27fb8978d873c8c2e3", 1_024, "Apache's mod_ssl"),
    ("8ae47dca3d24e9b64640062686da234dcabada26b0da6f090c5449c1338d9a11", 1_024, "nginx"),
    ("f26e2403f3f07946654404909f0ff81d9354de17250411b4c04b89af73178425", 512, "OpenSSL's programs"),
    (
        "6215d41bb617b390082b066d6856f8b361d6c77f316a84301f7c9717a8681485",
        1_024,
        "OpenSSL's programs",
    ),
    ("ee5483fe4b96caa10cb5b863ec409aab2762e6bf43af4a8a0a42817fef4dd7f3", 768, "Java"),
];

/// Returns whose prime it is, given without zeros in front, when it is a short one that many share.
pub(super) fn shared(prime: &[u8]) -> Option<&'static str> {
    let hash: String = Sha256::digest(prime).iter().map(|octet| format!("{octet:02x}")).collect();
    let bits = prime.len() * 8;
    SHARED.iter().find(|(known, have, _)| *have == bits && *known == hash).map(|(.., whose)| *whose)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Group 2 of RFC 2409, section 6.2.
    const OAKLEY_2: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
        020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576\
        625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381\
        FFFFFFFFFFFFFFFF";

    #[test]
    fn a_shared_prime_is_known_by_its_hash() {
        let octets = |hex: &str| -> Vec<u8> {
            let pairs = (0..hex.len()).step_by(2);
            pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        assert_eq!(shared(&octets(OAKLEY_2)), Some("Oakley group 2 of RFC 2409"));
        let mut other = octets(OAKLEY_2);
        other[64] ^= 1;
        assert_eq!((shared(&other), shared(&[])), (None, None));
        assert!(SHARED.iter().all(|(hash, bits, _)| hash.len() == 64 && *bits < 2_048));
    }
}
