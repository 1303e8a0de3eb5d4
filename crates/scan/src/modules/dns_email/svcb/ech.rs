//! The keys with which browsers encrypt the name of the site when TLS begins, as an HTTPS record has
//! them (`ECHConfigList`, RFC 9849, section 4).
//!
//! A client takes the first configuration of a version and with a key that it knows, and ignores
//! the others; a list that is cut short or ends in something else it ignores as a whole.

use serde::{Deserialize, Serialize};

/// Configurations that are kept.
const MOST_CONFIGS: usize = 8;
/// The version of RFC 9849.
const VERSION: u16 = 0xfe0d;
/// Ways to agree on a key (RFC 9180, section 7.1), with the octets of a public key.
const KEMS: &[(u16, &str, usize)] = &[
    (0x0010, "DHKEM(P-256)", 65),
    (0x0011, "DHKEM(P-384)", 97),
    (0x0012, "DHKEM(P-521)", 133),
    (0x0020, "DHKEM(X25519)", 32),
    (0x0021, "DHKEM(X448)", 56),
];

/// What a client makes of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EchConfigs {
    /// Those that can be used, at most 8.
    Usable(Vec<EchConfig>),
    /// Why none can be used, as a clause.
    Useless(String),
}

/// A configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EchConfig {
    pub id: u8,
    /// How a key is agreed on, for instance `DHKEM(X25519)`.
    pub kem: String,
    /// The name that is sent in clear instead of the site's.
    pub public_name: String,
}

/// Reads a list.
pub(crate) fn read(octets: &[u8]) -> EchConfigs {
    let useless = |why: &str| EchConfigs::Useless(why.to_owned());
    let mut list = Octets(octets);
    let Some(configs) = list.with_length() else { return useless("the list is cut short") };
    if !list.0.is_empty() {
        return useless("something follows the list");
    }
    let mut configs = Octets(configs);
    let mut usable = Vec::new();
    let mut problem = None;
    while !configs.0.is_empty() {
        let (Some(version), Some(contents)) = (configs.u16(), configs.with_length()) else {
            return useless("a configuration is cut short");
        };
        let read = match version {
            VERSION => config(contents),
            other => Err(format!("the version 0x{other:04x} is not known")),
        };
        match read {
            Ok(config) => usable.push(config),
            Err(why) => problem = problem.or(Some(why)),
        }
    }
    match usable.is_empty() {
        true => EchConfigs::Useless(problem.unwrap_or_else(|| "the list is empty".to_owned())),
        false => {
            usable.truncate(MOST_CONFIGS);
            EchConfigs::Usable(usable)
        }
    }
}

/// Reads a configuration; an error is a clause.
fn config(contents: &[u8]) -> Result<EchConfig, String> {
    let mut fields = Octets(contents);
    let mut parsed = || -> Option<_> {
        let id = fields.u8()?;
        let kem = fields.u16()?;
        let key = fields.with_length()?;
        let suites = fields.with_length()?;
        let _longest_name = fields.u8()?;
        let length = usize::from(fields.u8()?);
        let name = fields.take(length)?;
        let extensions = fields.with_length()?;
        fields.0.is_empty().then_some((id, kem, key, suites, name, extensions))
    };
    let (id, kem, key, suites, name, extensions) =
        parsed().ok_or("a configuration is cut short")?;
    let known = KEMS.iter().find(|(number, _, _)| *number == kem);
    let (_, kem, length) = known.ok_or_else(|| format!("the KEM 0x{kem:04x} is not known"))?;
    if key.len() != *length {
        return Err(format!("a key of {kem} has {length} octets, not {}", key.len()));
    }
    if suites.is_empty() || suites.len() % 4 != 0 {
        return Err("it names no way to encrypt".to_owned());
    }
    let mut extensions = Octets(extensions);
    while !extensions.0.is_empty() {
        let kind = extensions.u16().ok_or("an extension is cut short")?;
        extensions.with_length().ok_or("an extension is cut short")?;
        // Whoever does not know one of those must not use the configuration.
        if kind & 0x8000 != 0 {
            return Err(format!("it demands the extension 0x{kind:04x}"));
        }
    }
    let name = std::str::from_utf8(name).ok().filter(|name| is_host_name(name));
    let public_name = name.ok_or("its public name is no host name")?.to_owned();
    Ok(EchConfig { id, kem: (*kem).to_owned(), public_name })
}

/// Says whether clients take a public name: letters, digits and hyphens, and no address (RFC 9849,
/// section 4).
fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.split('.').all(label) && !last.bytes().all(|octet| octet.is_ascii_digit())
}

struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|octet| octet[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    /// Takes what two octets say the length of.
    fn with_length(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of RFC 9848, section 3.
    const EXAMPLE: &[u8] = include_bytes!("../../../../../../fuzz/seeds/ech_configs/one");

    /// The example with one octet changed.
    fn changed(place: usize, octet: u8) -> EchConfigs {
        let mut octets = EXAMPLE.to_vec();
        octets[place] = octet;
        read(&octets)
    }

    fn why(configs: EchConfigs) -> String {
        match configs {
            EchConfigs::Useless(why) => why,
            usable => panic!("{usable:?}"),
        }
    }

    #[test]
    fn the_example_can_be_used() {
        let EchConfigs::Usable(configs) = read(EXAMPLE) else { panic!("{:?}", read(EXAMPLE)) };
        let [config] = configs.as_slice() else { panic!("{configs:?}") };
        assert_eq!(
            (config.id, config.kem.as_str(), config.public_name.as_str()),
            (1, "DHKEM(X25519)", "ech-sites.example.net")
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_why() {
        assert_eq!(why(read(&EXAMPLE[..40])), "the list is cut short");
        assert_eq!(why(read(&[EXAMPLE, &[0]].concat())), "something follows the list");
        assert_eq!(why(read(&[0, 0])), "the list is empty");
        assert_eq!(why(changed(3, 0x0a)), "the version 0xfe0a is not known");
        assert_eq!(why(changed(5, 0x43)), "a configuration is cut short");
        assert_eq!(why(changed(8, 0x30)), "the KEM 0x0030 is not known");
        assert_eq!(why(changed(8, 0x10)), "a key of DHKEM(P-256) has 65 octets, not 32");
        assert_eq!(why(changed(54, b'_')), "its public name is no host name");
        // A second one that can be used makes up for it.
        let mut two = EXAMPLE[2..].to_vec();
        two[1] = 0x0a;
        two.extend(&EXAMPLE[2..]);
        let length = u16::try_from(two.len()).unwrap().to_be_bytes();
        assert!(matches!(read(&[&length[..], &two].concat()), EchConfigs::Usable(_)));
    }

    #[test]
    fn a_public_name_is_a_host_name() {
        assert!(is_host_name("ech-sites.example.net") && is_host_name("localhost"));
        for bad in ["", ".", "a..b", "192.0.2.1", "-a.example", "a_b.example", "a.example."] {
            assert!(!is_host_name(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..120)) {
            read(&octets);
            let _any = config(&octets);
        }
    }
}
