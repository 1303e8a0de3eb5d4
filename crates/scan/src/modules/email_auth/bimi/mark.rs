//! A mark certificate (VMC or CMC): who a logo belongs to, by an authority that looked. The picture
//! stands in its logotype extension (RFC 9399) as a packed `data:` URI.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use model::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use x509_parser::prelude::*;

use super::picture;
use crate::modules::ssl_tls::certificate::CertificateFacts;

/// The purpose of mark certificates.
const FOR_MARKS: &str = "1.3.6.1.5.5.7.3.31";
/// The extension that holds the picture.
const LOGOTYPE: &str = "1.3.6.1.5.5.7.1.12";
/// Values in values that are looked into.
const DEEPEST: usize = 16;
/// Names that are kept.
const MOST_NAMES: usize = 5;

/// What came of fetching the evidence for a logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Why mail programs do not get it, as a clause.
    NotFetched(String),
    Fetched(MarkFacts),
}

/// What a mark certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkFacts {
    pub issuer: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// At most 5.
    pub names: Vec<String>,
    /// Whether it is for the domain.
    pub covers: bool,
    /// Whether it is of the kind that vouches for marks.
    pub is_for_marks: bool,
    pub logo: MarkLogo,
}

/// The picture in a mark certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkLogo {
    /// That of the record.
    Same,
    Different,
    /// There is none that can be read.
    None,
    /// The logo of the record was not fetched.
    NotCompared,
}

/// Reads the first certificate of a PEM file, and compares it with a domain and its logo.
pub(crate) fn read(pem: &[u8], domain: &str, logo: Option<&[u8]>) -> Mark {
    let unreadable = || Mark::NotFetched("it holds no certificate in PEM form".to_owned());
    let Some(Ok(der)) = CertificateDer::pem_slice_iter(pem).next() else { return unreadable() };
    let (Some(facts), Ok((_, certificate))) =
        (CertificateFacts::read(&der), X509Certificate::from_der(&der))
    else {
        return unreadable();
    };
    let is_for_marks = certificate.extended_key_usage().ok().flatten().is_some_and(|usage| {
        usage.value.other.iter().any(|purpose| purpose.to_id_string() == FOR_MARKS)
    });
    let extension = certificate.extensions().iter().find(|it| it.oid.to_id_string() == LOGOTYPE);
    let embedded = extension.and_then(|extension| embedded(extension.value));
    let logo = match (embedded, logo) {
        (None, _) => MarkLogo::None,
        (Some(_), None) => MarkLogo::NotCompared,
        (Some(its), Some(ours)) if its == ours => MarkLogo::Same,
        (Some(_), Some(_)) => MarkLogo::Different,
    };
    let covers = facts.names.iter().any(|name| covers(name, domain));
    let names = facts.names.into_iter().take(MOST_NAMES).collect();
    Mark::Fetched(MarkFacts {
        issuer: facts.issuer,
        not_before: facts.not_before,
        not_after: facts.not_after,
        names,
        covers,
        is_for_marks,
        logo,
    })
}

/// Says whether a name of a mark certificate stands for a domain: the domain, a parent down to what
/// is registered, or the record's own name.
fn covers(name: &str, domain: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let name = name.strip_prefix("default._bimi.").unwrap_or(&name);
    let is_parent = domain.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    let registered = psl::domain_str(domain).unwrap_or(domain);
    name == domain || (is_parent && name.len() >= registered.len())
}

/// Returns the picture that stands in a logotype extension, unpacked.
fn embedded(der: &[u8]) -> Option<Vec<u8>> {
    let text = data_uri(der, 0)?;
    let (kind, data) = text.split_once(',')?;
    if !kind.to_ascii_lowercase().ends_with(";base64") {
        return None;
    }
    let bytes = STANDARD.decode(data).ok()?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Some(bytes);
    }
    // One octet more than a logo may have tells that it is too great to be equal.
    let most = u64::try_from(picture::MOST_BYTES).ok()? + 1;
    let mut svg = Vec::new();
    GzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut svg).ok()?;
    Some(svg)
}

/// Looks for a `data:` URI of a picture among the strings of a DER value. The way there has a dozen
/// alternatives (RFC 9399, section 4.1), and no other string begins like this.
fn data_uri(mut der: &[u8], depth: usize) -> Option<&str> {
    const STRING: u8 = 0x16;
    const CONSTRUCTED: u8 = 0x20;
    while let [tag, first, rest @ ..] = der {
        let (length, rest) = match *first {
            short @ 0..0x80 => (usize::from(short), rest),
            long => {
                let count = usize::from(long & 0x7f);
                let (octets, rest) = rest.split_at_checked(count).filter(|_| count <= 4)?;
                let length = octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
                (length, rest)
            }
        };
        let (value, next) = rest.split_at_checked(length)?;
        if *tag == STRING
            && value.get(..14).is_some_and(|it| it.eq_ignore_ascii_case(b"data:image/svg"))
        {
            return std::str::from_utf8(value).ok();
        }
        if tag & CONSTRUCTED != 0
            && depth < DEEPEST
            && let Some(found) = data_uri(value, depth + 1)
        {
            return Some(found);
        }
        der = next;
    }
    None
}

#[cfg(test)]
pub(in crate::modules::email_auth) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, length[0], length[1]], value].concat()
    }

    /// A logotype extension with a picture, packed as authorities do.
    pub(in crate::modules::email_auth) fn logotype(svg: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(svg).unwrap();
        let uri = STANDARD.encode(packed.finish().unwrap());
        let uri = tlv(0x16, format!("data:image/svg+xml;base64,{uri}").as_bytes());
        let image = [tlv(0x16, b"image/svg+xml"), tlv(0x30, &[]), tlv(0x30, &uri)].concat();
        let images = tlv(0x30, &tlv(0x30, &tlv(0x30, &image)));
        tlv(0x30, &tlv(0xa2, &tlv(0xa0, &images)))
    }

    fn facts(names: &[&str], extension: &[u8], logo: Option<&[u8]>) -> MarkFacts {
        let pem = lab::Authority::generate().unwrap().issue_mark(names, extension).unwrap();
        match read(pem.as_bytes(), "a.example.com", logo) {
            Mark::Fetched(facts) => facts,
            Mark::NotFetched(why) => panic!("{why}"),
        }
    }

    #[test]
    fn a_mark_tells_for_whom_it_is_and_what_picture_it_holds() {
        let svg = b"<svg/>";
        let mark = facts(&["example.com"], &logotype(svg), Some(svg));
        assert!(mark.covers && mark.is_for_marks);
        assert_eq!(
            (mark.logo, mark.issuer.as_str()),
            (MarkLogo::Same, "CN=Lab Intermediate, O=Lab")
        );
        let logo = |ours: Option<&[u8]>| facts(&["example.com"], &logotype(svg), ours).logo;
        assert_eq!(logo(Some(b"<svg />")), MarkLogo::Different);
        assert_eq!(logo(None), MarkLogo::NotCompared);
        assert_eq!(facts(&["example.com"], b"\x30\x00", Some(svg)).logo, MarkLogo::None);
        assert!(!facts(&["example.org"], &logotype(svg), None).covers);
        assert!(facts(&["default._bimi.a.example.com"], &logotype(svg), None).covers);
        assert!(matches!(read(b"x", "example.com", None), Mark::NotFetched(_)));
    }

    #[test]
    fn a_picture_that_unpacks_to_a_great_one_is_cut_off() {
        let bomb = logotype(&vec![b' '; 10 * 1024 * 1024]);
        assert_eq!(embedded(&bomb).unwrap().len(), picture::MOST_BYTES + 1);
    }

    proptest! {
        #[test]
        fn any_extension_is_read(der in proptest::collection::vec(any::<u8>(), 0..200)) {
            embedded(&der);
            let nested = (0..40).fold(der, |inner, _| tlv(0x30, &inner));
            embedded(&nested);
        }
    }
}
