use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hickory_proto::dnssec::rdata::{DNSKEY, DS};
use hickory_proto::dnssec::{Algorithm, DigestType, PublicKeyBuf};
use hickory_proto::rr::Name;

/// The key signing keys of the root zone, as IANA publishes them in root-anchors.xml: that of 2017,
/// and that of 2024 which signs from 2026-10-11 on.
const ROOT: &str = "\
. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16";
/// Lines of a file that are read.
const MOST_LINES: usize = 64;

/// The keys that DNSSEC is believed from, each as the digest a parent would publish.
#[derive(Debug, Clone)]
pub struct DnssecAnchors(Vec<(Name, DS)>);

impl DnssecAnchors {
    /// Reads DS or DNSKEY records, one a line, as `dig` and zone files write them: name, optional
    /// TTL and class, type, data. Comments begin with `;`.
    ///
    /// # Errors
    ///
    /// The line that cannot be read, or that there is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(|line| line.split(';').next().unwrap_or_default().trim());
        let lines = lines.filter(|line| !line.is_empty()).take(MOST_LINES);
        let read = lines.map(|line| anchor(line).ok_or_else(|| format!("`{line}`")));
        let anchors = read.collect::<Result<Vec<_>, _>>()?;
        match anchors.is_empty() {
            true => Err("there is no DS or DNSKEY record".to_owned()),
            false => Ok(Self(anchors)),
        }
    }

    /// Returns the lowest zone at or above a name that has anchors, with these.
    pub(super) fn above(&self, name: &Name) -> Option<(Name, Vec<DS>)> {
        let above = self.0.iter().map(|(zone, _)| zone).filter(|zone| zone.zone_of(name));
        let zone = above.max_by_key(|zone| zone.num_labels())?;
        let anchors = self.0.iter().filter(|(owner, _)| owner == zone);
        Some((zone.clone(), anchors.map(|(_, ds)| ds.clone()).collect()))
    }
}

impl Default for DnssecAnchors {
    fn default() -> Self {
        Self::parse(ROOT).expect("a test reads the root's anchors")
    }
}

fn anchor(line: &str) -> Option<(Name, DS)> {
    let mut words = line.split_whitespace();
    let mut zone = Name::from_ascii(words.next()?).ok()?;
    zone.set_fqdn(true);
    let record_type = words.find(|word| word.parse::<u32>().is_err() && *word != "IN")?;
    let mut number = || words.next()?.parse::<u16>().ok();
    let (first, second, third) = (number()?, number()?, number()?);
    let data: String = words.collect();
    let octet = |value: u16| u8::try_from(value).ok();
    let ds = match record_type {
        "DS" => {
            let algorithm = Algorithm::from_u8(octet(second)?);
            DS::new(first, algorithm, DigestType::from(octet(third)?), hex(&data)?)
        }
        "DNSKEY" if second == 3 => {
            let algorithm = Algorithm::from_u8(octet(third)?);
            let key = PublicKeyBuf::new(BASE64_STANDARD.decode(data).ok()?, algorithm);
            let key = DNSKEY::with_flags(first, key);
            let digest = key.to_digest(&zone, DigestType::SHA256).ok()?;
            let digest = digest.as_ref().to_vec();
            DS::new(key.calculate_key_tag().ok()?, algorithm, DigestType::SHA256, digest)
        }
        _ => return None,
    };
    Some((zone, ds))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use hickory_proto::dnssec::TrustAnchors;

    use super::*;

    #[test]
    fn the_root_anchors_are_the_keys_that_other_resolvers_have() {
        let (zone, ours) =
            DnssecAnchors::default().above(&Name::from_ascii("example.com.").unwrap()).unwrap();
        assert!(zone.is_root());
        let theirs = TrustAnchors::default();
        assert_eq!(ours.len(), theirs.len());
        for index in 0..theirs.len() {
            let key = DNSKEY::with_flags(257, theirs.get(index).unwrap().clone());
            assert!(ours.iter().any(|ds| ds.covers(&zone, &key).unwrap()
                && ds.key_tag() == key.calculate_key_tag().unwrap()));
        }
    }

    #[test]
    fn the_lowest_zone_with_an_anchor_counts() {
        let anchors = DnssecAnchors::parse(
            "; a comment\n\n. 172800 IN DS 1 13 2 ab cd\ntest. IN DNSKEY 257 3 15 \
             l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= ; a key",
        )
        .unwrap();
        let zone = |name: &str| anchors.above(&Name::from_ascii(name).unwrap()).unwrap().0;
        assert_eq!(zone("shop.test.").to_ascii(), "test.");
        assert_eq!(zone("test.").to_ascii(), "test.");
        assert_eq!(zone("attest.").to_ascii(), ".");
    }

    #[test]
    fn a_line_that_is_no_anchor_is_named() {
        for text in ["", "; only a comment", ". IN A 1", ". IN DS 1 2", ". IN DS 1 8 2 xyz", "é"] {
            assert!(DnssecAnchors::parse(text).is_err(), "{text}");
        }
    }
}
