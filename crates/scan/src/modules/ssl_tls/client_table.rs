//! What well-known clients offer, in their order, with the settings that they come with.
//!
//! Collected from what the makers document and from captured hellos, as of 2026. Left out is what
//! decides nothing here: GREASE, suites that only mean something (`SCSV`), anonymous and NULL ones,
//! curves that no server prefers.
//!
//! To add a client: a constant, and its place in [`CLIENTS`].

use super::wire::hello::{TLS10, TLS12, TLS13};

/// A client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client {
    pub(super) name: &'static str,
    /// Whether its maker still cares for it, so that a server ought to serve it.
    pub(super) current: bool,
    /// The oldest and the newest version.
    pub(super) versions: (u16, u16),
    /// In its order of preference; those of TLS 1.3 are told by their numbers.
    pub(super) suites: &'static [u16],
    pub(super) groups: &'static [u16],
    /// Signature schemes (RFC 8446, section 4.2.3).
    pub(super) signatures: &'static [u16],
    /// Whether it names the host (SNI).
    pub(super) names_host: bool,
    /// Whether it refuses servers without secure renegotiation (RFC 5746).
    pub(super) needs_secure_renegotiation: bool,
    /// The shortest Diffie-Hellman prime it takes, in bits.
    pub(super) shortest_prime: usize,
    /// The shortest RSA key of a certificate it takes, in bits.
    pub(super) shortest_rsa: usize,
    /// Protocols that it offers by ALPN.
    pub(super) alpn: &'static [&'static str],
}

const PQ: &[u16] = &[0x11ec, 29, 23, 24];
const NIST: &[u16] = &[23, 24, 25];
/// With x25519 but neither P-521 nor hybrids.
const CLASSIC: &[u16] = &[29, 23, 24];
const FFDHE: &[u16] = &[29, 23, 30, 25, 24, 256, 257, 258, 259, 260];

/// ECDSA with P-256 and P-384, RSA.
const USUAL: &[u16] = &[0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
/// P-521 as well.
const WITH_P521: &[u16] =
    &[0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];
/// Edwards curves as well.
const ALL: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x0401, 0x0501, 0x0601,
];
/// Before RSASSA-PSS.
const OLD: &[u16] = &[0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0201, 0x0203];
const SCHANNEL: &[u16] = &[0x0401, 0x0501, 0x0601, 0x0201, 0x0403, 0x0503, 0x0603, 0x0203];

const CHROMIUM: &[u16] = &[
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
];
const MOZILLA: &[u16] = &[
    0x1301, 0x1303, 0x1302, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030, 0xc00a, 0xc009, 0xc013,
    0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
];
const APPLE: &[u16] = &[
    0x1301, 0x1302, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8, 0xc00a, 0xc009, 0xc014,
    0xc013, 0x009d, 0x009c, 0x0035, 0x002f, 0xc008, 0xc012, 0x000a,
];
const APPLE_ATS: &[u16] = &[
    0x1301, 0x1302, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8, 0xc024, 0xc023, 0xc028,
    0xc027, 0xc00a, 0xc009, 0xc014, 0xc013,
];
const CONSCRYPT_12: &[u16] = &[
    0xc02b, 0xc02c, 0xcca9, 0xc02f, 0xc030, 0xcca8, 0xc009, 0xc00a, 0xc013, 0xc014, 0x009c, 0x009d,
    0x002f, 0x0035,
];
const CONSCRYPT: &[u16] = &[
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9, 0xc02f, 0xc030, 0xcca8, 0xc009, 0xc00a, 0xc013,
    0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
];
const JAVA_8: &[u16] = &[
    0xc024, 0xc028, 0x003d, 0xc026, 0xc02a, 0x006b, 0x006a, 0xc00a, 0xc014, 0x0035, 0xc005, 0xc00f,
    0x0039, 0x0038, 0xc023, 0xc027, 0x003c, 0xc025, 0xc029, 0x0067, 0x0040, 0xc009, 0xc013, 0x002f,
    0xc004, 0xc00e, 0x0033, 0x0032, 0xc02c, 0xc02b, 0xc030, 0x009d, 0xc02e, 0xc032, 0x009f, 0x00a3,
    0xc02f, 0x009c, 0xc02d, 0xc031, 0x009e, 0x00a2,
];
const JAVA_11: &[u16] = &[
    0x1301, 0x1302, 0xc02c, 0xc02b, 0xc030, 0x009d, 0xc02e, 0xc032, 0x009f, 0x00a3, 0xc02f, 0x009c,
    0xc02d, 0xc031, 0x009e, 0x00a2, 0xc024, 0xc028, 0x003d, 0xc026, 0xc02a, 0x006b, 0x006a, 0xc00a,
    0xc014, 0x0035, 0xc005, 0xc00f, 0x0039, 0x0038, 0xc023, 0xc027, 0x003c, 0xc025, 0xc029, 0x0067,
    0x0040, 0xc009, 0xc013, 0x002f, 0xc004, 0xc00e, 0x0033, 0x0032,
];
const JAVA_17: &[u16] = &[
    0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xcca8, 0xc02f, 0x009f, 0xccaa, 0x00a3,
    0x009e, 0x00a2, 0xc024, 0xc028, 0xc023, 0xc027, 0x006b, 0x006a, 0x0067, 0x0040, 0xc00a, 0xc014,
    0xc009, 0xc013, 0x0039, 0x0038, 0x0033, 0x0032, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
];
const OPENSSL_102: &[u16] = &[
    0xc030, 0xc02c, 0xc028, 0xc024, 0xc014, 0xc00a, 0x00a3, 0x009f, 0x006b, 0x006a, 0x0039, 0x0038,
    0x009d, 0x003d, 0x0035, 0xc02f, 0xc02b, 0xc027, 0xc023, 0xc013, 0xc009, 0x00a2, 0x009e, 0x0067,
    0x0040, 0x0033, 0x0032, 0x009c, 0x003c, 0x002f, 0x000a,
];
const OPENSSL: &[u16] = &[
    0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9, 0xcca8, 0xccaa, 0xc02b, 0xc02f, 0x009e,
    0xc024, 0xc028, 0x006b, 0xc023, 0xc027, 0x0067, 0xc00a, 0xc014, 0x0039, 0xc009, 0xc013, 0x0033,
    0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
];
const SCHANNEL_2012: &[u16] = &[
    0xc028, 0xc027, 0xc014, 0xc013, 0x009f, 0x009e, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
    0xc02c, 0xc02b, 0xc024, 0xc023, 0xc00a, 0xc009, 0x006a, 0x0040, 0x0038, 0x0032, 0x000a,
];
const SCHANNEL_2016: &[u16] = &[
    0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027, 0xc00a, 0xc009,
    0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a,
];
const SCHANNEL_2022: &[u16] = &[
    0x1302, 0x1301, 0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027,
    0xc00a, 0xc009, 0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
];

const CURRENT: Client = Client {
    name: "",
    current: true,
    versions: (TLS12, TLS13),
    suites: CHROMIUM,
    groups: PQ,
    signatures: USUAL,
    names_host: true,
    needs_secure_renegotiation: false,
    shortest_prime: 1_024,
    shortest_rsa: 1_024,
    alpn: &["h2", "http/1.1"],
};

/// What has no ALPN, and speaks TLS 1.0 to 1.2.
const BEFORE_13: Client = Client {
    current: false,
    versions: (TLS10, TLS12),
    groups: &[23, 24],
    signatures: SCHANNEL,
    alpn: &[],
    ..CURRENT
};

/// All of them, browsers first.
pub(super) const CLIENTS: &[Client] = &[
    Client { name: "Chrome 142", ..CURRENT },
    Client { name: "Edge 142", ..CURRENT },
    Client {
        name: "Firefox 145",
        suites: MOZILLA,
        groups: &[0x11ec, 29, 23, 24, 25, 256, 257],
        signatures: WITH_P521,
        shortest_prime: 1_023,
        ..CURRENT
    },
    Client {
        name: "Safari 26, iOS 26",
        suites: APPLE,
        groups: &[0x11ec, 29, 23, 24, 25],
        signatures: WITH_P521,
        shortest_rsa: 2_048,
        ..CURRENT
    },
    Client {
        name: "Safari 17, iOS 17",
        suites: APPLE,
        groups: &[29, 23, 24, 25],
        signatures: WITH_P521,
        shortest_rsa: 2_048,
        ..CURRENT
    },
    Client {
        name: "Apple App Transport Security",
        suites: APPLE_ATS,
        groups: &[29, 23, 24, 25],
        signatures: WITH_P521,
        shortest_rsa: 2_048,
        ..CURRENT
    },
    Client {
        name: "Android 14",
        versions: (TLS10, TLS13),
        suites: CONSCRYPT,
        groups: CLASSIC,
        ..CURRENT
    },
    Client {
        name: "Android 10",
        current: false,
        versions: (TLS10, TLS13),
        suites: CONSCRYPT,
        groups: CLASSIC,
        ..CURRENT
    },
    Client {
        name: "Android 8",
        suites: CONSCRYPT_12,
        groups: CLASSIC,
        signatures: USUAL,
        alpn: CURRENT.alpn,
        ..BEFORE_13
    },
    Client {
        name: "Googlebot",
        versions: (TLS10, TLS13),
        suites: CHROMIUM,
        groups: CLASSIC,
        ..CURRENT
    },
    Client {
        name: "Java 21",
        suites: JAVA_17,
        groups: FFDHE,
        signatures: ALL,
        alpn: &[],
        ..CURRENT
    },
    Client {
        name: "Java 17",
        suites: JAVA_17,
        groups: FFDHE,
        signatures: ALL,
        alpn: &[],
        ..CURRENT
    },
    Client {
        name: "Java 11",
        current: false,
        suites: JAVA_11,
        groups: &[23, 24, 25, 256, 257, 258, 259, 260],
        signatures: WITH_P521,
        alpn: &[],
        ..CURRENT
    },
    Client { name: "Java 8u161", suites: JAVA_8, groups: NIST, signatures: OLD, ..BEFORE_13 },
    Client {
        name: "OpenSSL 3.5, curl with it",
        suites: OPENSSL,
        groups: &[0x11ec, 29, 23, 30, 24, 25, 256, 257],
        signatures: ALL,
        needs_secure_renegotiation: true,
        shortest_prime: 2_048,
        shortest_rsa: 2_048,
        ..CURRENT
    },
    Client {
        name: "OpenSSL 3.0",
        suites: OPENSSL,
        groups: FFDHE,
        signatures: ALL,
        needs_secure_renegotiation: true,
        alpn: &[],
        ..CURRENT
    },
    Client {
        name: "OpenSSL 1.1.1",
        current: false,
        versions: (TLS10, TLS13),
        suites: OPENSSL,
        groups: &[29, 23, 30, 25, 24],
        signatures: ALL,
        alpn: &[],
        ..CURRENT
    },
    Client {
        name: "OpenSSL 1.0.2 without a host name",
        suites: OPENSSL_102,
        groups: &[23, 25, 28, 27, 24, 26, 22],
        signatures: OLD,
        names_host: false,
        ..BEFORE_13
    },
    Client {
        name: "Windows Server 2022",
        versions: (TLS10, TLS13),
        suites: SCHANNEL_2022,
        groups: CLASSIC,
        signatures: WITH_P521,
        ..CURRENT
    },
    Client {
        name: "Windows Server 2016, Internet Explorer 11 on Windows 10",
        suites: SCHANNEL_2016,
        groups: CLASSIC,
        ..BEFORE_13
    },
    Client { name: "Windows Server 2012 R2", suites: SCHANNEL_2012, ..BEFORE_13 },
    Client { name: "Internet Explorer 11 on Windows 7", suites: SCHANNEL_2012, ..BEFORE_13 },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::modules::ssl_tls::wire::suites::{group_name, suite_name};

    #[test]
    fn every_number_has_a_name_and_stands_once() {
        let names: BTreeSet<_> = CLIENTS.iter().map(|client| client.name).collect();
        assert_eq!(names.len(), CLIENTS.len());
        for client in CLIENTS {
            let once: BTreeSet<_> = client.suites.iter().collect();
            assert_eq!(once.len(), client.suites.len(), "{}", client.name);
            assert!(client.suites.iter().all(|suite| suite_name(*suite).starts_with("TLS_")));
            assert!(client.groups.iter().all(|group| !group_name(*group).starts_with("0x")));
            assert!(client.versions.0 <= client.versions.1 && !client.signatures.is_empty());
        }
    }
}
