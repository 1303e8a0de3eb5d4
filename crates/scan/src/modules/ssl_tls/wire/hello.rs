//! Writes the hello messages of a client.

use super::suites::GROUPS;

/// SSL 3.0.
pub(crate) const SSL3: u16 = 0x0300;
/// TLS 1.0.
pub(crate) const TLS10: u16 = 0x0301;
/// TLS 1.1.
pub(crate) const TLS11: u16 = 0x0302;
/// TLS 1.2.
pub(crate) const TLS12: u16 = 0x0303;
/// TLS 1.3.
pub(crate) const TLS13: u16 = 0x0304;

/// A ClientHello to be.
#[derive(Debug, Clone)]
pub(crate) struct ClientHello<'a> {
    /// The one version that is offered.
    pub(crate) version: u16,
    pub(crate) name: &'a str,
    pub(crate) suites: &'a [u16],
    pub(crate) groups: &'a [u16],
    pub(crate) shares: Shares,
}

/// What TLS 1.3 key shares are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shares {
    /// None, so that the server names the group it wants (RFC 8446, section 4.1.4).
    None,
    /// One of each offered group we have one for, for servers that take none amiss. They look
    /// real; nobody will use them.
    LooksReal,
}

/// How a hello departs from the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variation {
    Usual,
    /// With suites, groups, versions and extensions that nobody knows, which a server has to ignore
    /// (RFC 8701).
    Greased,
    /// With signatures over SHA-1 alone.
    Sha1Signatures,
}

impl ClientHello<'_> {
    /// Returns all groups we know.
    pub(crate) fn all_groups() -> Vec<u16> {
        GROUPS.iter().map(|(id, _)| *id).collect()
    }

    /// Writes the hello as one record.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.varied(Variation::Usual)
    }

    /// Writes the hello as one record, with a variation.
    pub(crate) fn varied(&self, variation: Variation) -> Vec<u8> {
        let greased = variation == Variation::Greased;
        let mut body = self.version.min(TLS12).to_be_bytes().to_vec();
        body.extend(RANDOM);
        // A session id, as middle boxes expect it of TLS 1.3 (RFC 8446, section D.4).
        match self.version {
            TLS13 => {
                body.push(32);
                body.extend(RANDOM);
            }
            _ => body.push(0),
        }
        let mut suites: Vec<u8> = if greased { GREASE_SUITE.to_vec() } else { Vec::new() };
        suites.extend(self.suites.iter().flat_map(|suite| suite.to_be_bytes()));
        if self.version == SSL3 {
            // Stands for `renegotiation_info`, since there are no extensions (RFC 5746, section 3.3).
            suites.extend([0, 0xff]);
        }
        push16(&mut body, &suites);
        // DEFLATE is offered where the version allows it, to see whether it is taken.
        match self.version {
            TLS13 => body.extend([1, 0]),
            _ => body.extend([2, 1, 0]),
        }
        if self.version > SSL3 {
            push16(&mut body, &self.extensions(variation));
        }
        let mut message = vec![1, 0];
        push16(&mut message, &body);
        let mut record = vec![22];
        record.extend(self.version.min(TLS10).to_be_bytes());
        push16(&mut record, &message);
        record
    }

    fn extensions(&self, variation: Variation) -> Vec<u8> {
        let greased = variation == Variation::Greased;
        let mut all = Vec::new();
        let mut add = |id: u16, body: &[u8]| {
            all.extend(id.to_be_bytes());
            push16(&mut all, body);
        };
        if greased {
            add(GREASE_EXTENSIONS[0], &[]);
        }
        let mut name = vec![0];
        push16(&mut name, self.name.as_bytes());
        add(0, &listed(&name));
        let mut groups: Vec<u8> = if greased { GREASE_GROUP.to_vec() } else { Vec::new() };
        groups.extend(self.groups.iter().flat_map(|group| group.to_be_bytes()));
        add(10, &listed(&groups));
        add(11, &[1, 0]);
        if self.version >= TLS12 {
            let known = match variation {
                Variation::Sha1Signatures => SHA1_SIGNATURES,
                Variation::Usual | Variation::Greased => SIGNATURES,
            };
            let schemes: Vec<u8> = known.iter().flat_map(|scheme| scheme.to_be_bytes()).collect();
            add(13, &listed(&schemes));
        }
        add(16, &listed(b"\x02h2\x08http/1.1"));
        if self.version == TLS13 {
            match greased {
                true => add(43, &[4, GREASE_VERSION[0], GREASE_VERSION[1], 3, 4]),
                false => add(43, &[2, 3, 4]),
            }
            add(45, &[1, 1]);
            let mut shares = Vec::new();
            if self.shares == Shares::LooksReal {
                for group in self.groups {
                    if let Some(share) = share(*group) {
                        shares.extend(group.to_be_bytes());
                        push16(&mut shares, &share);
                    }
                }
            }
            add(51, &listed(&shares));
        } else {
            // A stapled OCSP response and signed certificate timestamps come in clear.
            add(5, &[1, 0, 0, 0, 0]);
            add(18, &[]);
            add(22, &[]);
            add(23, &[]);
            add(35, &[]);
            add(15, &[1]);
            add(0xff01, &[0]);
        }
        if greased {
            add(GREASE_EXTENSIONS[1], &[0]);
        }
        all
    }
}

/// Returns a key share of a group that passes for one: any 32 octets are a point of X25519, zeros
/// are a polynomial of ML-KEM, and the base point is a point of P-256.
fn share(group: u16) -> Option<Vec<u8>> {
    const BASE_POINT: [u8; 65] = [
        0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4,
        0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8,
        0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a,
        0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40,
        0x68, 0x37, 0xbf, 0x51, 0xf5,
    ];
    match group {
        0x11ec => Some([[0; 1184].as_slice(), &RANDOM].concat()),
        23 => Some(BASE_POINT.to_vec()),
        29 => Some(RANDOM.to_vec()),
        _ => None,
    }
}

/// The CLIENT-HELLO of SSL 2.0 with every suite it has.
pub(crate) fn ssl2_hello() -> Vec<u8> {
    const SUITES: [u8; 21] =
        [1, 0, 0x80, 2, 0, 0x80, 3, 0, 0x80, 4, 0, 0x80, 5, 0, 0x80, 6, 0, 0x40, 7, 0, 0xc0];
    let mut body = vec![1, 0, 2, 0, 21, 0, 0, 0, 16];
    body.extend(SUITES);
    body.extend(&RANDOM[..16]);
    let length = u16::try_from(body.len()).unwrap_or(0) | 0x8000;
    let mut record = length.to_be_bytes().to_vec();
    record.extend(body);
    record
}

/// Not random: no key is ever derived from it, and the same hello gives the same answer.
const RANDOM: [u8; 32] = *b"ComplianceLayer external scan 01";

/// Signature schemes that a hello offers (RFC 8446, section 4.2.3).
pub(crate) const SIGNATURES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401,
    0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602, 0x0203, 0x0201, 0x0202,
];

const SHA1_SIGNATURES: &[u16] = &[0x0203, 0x0201, 0x0202];

/// Reserved values that stand for what is not invented yet (RFC 8701, section 2).
const GREASE_SUITE: [u8; 2] = [0x0a, 0x0a];
const GREASE_GROUP: [u8; 2] = [0x2a, 0x2a];
const GREASE_VERSION: [u8; 2] = [0x3a, 0x3a];
const GREASE_EXTENSIONS: [u16; 2] = [0x1a1a, 0x5a5a];

/// Adds a part with its length in two octets before it.
pub(crate) fn push16(to: &mut Vec<u8>, part: &[u8]) {
    to.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
    to.extend(part);
}

/// Returns a part with its length in two octets before it.
pub(crate) fn listed(part: &[u8]) -> Vec<u8> {
    let mut list = Vec::new();
    push16(&mut list, part);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(version: u16, shares: Shares) -> Vec<u8> {
        let groups = ClientHello::all_groups();
        let hello = ClientHello {
            version,
            name: "example.com",
            suites: &[0x1301],
            groups: &groups,
            shares,
        };
        hello.to_bytes()
    }

    #[test]
    fn lengths_add_up() {
        for (version, shares) in [
            (SSL3, Shares::None),
            (TLS10, Shares::None),
            (TLS12, Shares::None),
            (TLS13, Shares::None),
            (TLS13, Shares::LooksReal),
        ] {
            let bytes = hello(version, shares);
            let length = |at: usize| usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
            assert_eq!(length(3), bytes.len() - 5, "record of {version:04x}");
            assert_eq!(length(7), bytes.len() - 9, "message of {version:04x}");
        }
    }

    #[test]
    fn a_greased_hello_is_well_formed_and_holds_what_nobody_knows() {
        let groups = ClientHello::all_groups();
        for version in [TLS10, TLS12, TLS13] {
            let shares = Shares::LooksReal;
            let usual = ClientHello {
                version,
                name: "example.com",
                suites: &[0x1301],
                groups: &groups,
                shares,
            };
            let bytes = usual.varied(Variation::Greased);
            let length = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
            assert_eq!(length, bytes.len() - 5, "{version:04x}");
            assert!(bytes.windows(4).any(|part| part == [0x0a, 0x0a, 0x13, 0x01]));
            assert!(bytes.ends_with(&[0x5a, 0x5a, 0, 1, 0]));
            assert!(!usual.to_bytes().windows(2).any(|part| part == [0x1a, 0x1a]));
        }
    }

    #[test]
    fn old_versions_ask_for_secure_renegotiation_by_a_suite() {
        let bytes = hello(SSL3, Shares::None);
        assert!(bytes.ends_with(&[0, 4, 0x13, 0x01, 0, 0xff, 2, 1, 0]));
    }
}
