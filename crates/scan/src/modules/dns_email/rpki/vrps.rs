//! What holders of addresses allow to be announced: validated ROA payloads, in the JSON form of
//! rpki-client and Routinator. The real export has some seven hundred thousand rows in a hundred
//! megabytes; it is read as a stream into sixteen octets a row (thirty-two for IPv6).

use std::fmt;
use std::io::BufRead;
use std::net::IpAddr;

use model::Timestamp;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Validity;
use super::networks::{Networks, parse};
use crate::net::Table;

/// Rows that are kept.
const MOST_ROWS: usize = 4_000_000;
/// Networks that a finding tells.
const MOST_TOLD: usize = 3;

/// All payloads.
#[derive(Debug)]
pub(crate) struct Vrps {
    /// The system that may announce, and the longest network it may announce.
    rows: Networks<(u32, u8)>,
    made_at: Option<Timestamp>,
}

impl Table for Vrps {
    const SETTING: &'static str = "providers.rpki";
    const ACCEPT: &'static str = "application/json";
    const MOST_BYTES: u64 = 256 * 1024 * 1024;
    /// Authorisations change every day, and an old one can make a good route look stolen.
    const MOST_DAYS: i64 = 2;

    fn read(text: impl BufRead) -> Option<Self> {
        let export: Export = serde_json::from_reader(text).ok()?;
        let rows = Networks::collect(export.rows.0.into_iter());
        (rows.len() > 0).then_some(Self { rows, made_at: export.made_at })
    }

    fn made_at(&self) -> Option<Timestamp> {
        self.made_at
    }
}

impl Vrps {
    /// Judges the origin of a route (RFC 6811, section 2).
    pub(crate) fn judge(&self, network: IpAddr, length: u8, origin: u32) -> Validity {
        let holding = self.rows.holding(network, length);
        let allows = |(asn, most): (u32, u8)| asn == origin && asn != 0 && length <= most;
        if holding.iter().any(|(_, row)| allows(*row)) {
            return Validity::Valid;
        }
        let mut allowed: Vec<String> =
            holding.iter().map(|(_, (asn, most))| format!("AS{asn} up to /{most}")).collect();
        allowed.dedup();
        allowed.truncate(MOST_TOLD);
        match allowed.is_empty() {
            true => Validity::NotFound,
            false => Validity::Invalid { allowed },
        }
    }
}

#[derive(Default)]
struct Export {
    rows: Rows,
    made_at: Option<Timestamp>,
}

/// When the export was made: rpki-client writes `buildtime`, Routinator `generatedTime`.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default, alias = "generatedTime")]
    buildtime: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Asn {
    Number(u32),
    Text(String),
}

#[derive(Deserialize)]
struct Row {
    asn: Asn,
    prefix: String,
    #[serde(rename = "maxLength", default)]
    max_length: Option<u8>,
}

#[derive(Default)]
struct Rows(Vec<(IpAddr, u8, (u32, u8))>);

impl Row {
    /// `None` for a row that says nothing, or not what RFC 9582, section 4, allows.
    fn read(&self) -> Option<(IpAddr, u8, (u32, u8))> {
        let asn = match &self.asn {
            Asn::Number(asn) => *asn,
            Asn::Text(text) => {
                text.trim_start_matches("AS").trim_start_matches("as").parse().ok()?
            }
        };
        let (network, length) = parse(&self.prefix)?;
        let most = self.max_length.unwrap_or(length);
        (most >= length).then_some((network, length, (asn, most)))
    }
}

impl<'de> Deserialize<'de> for Export {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Export;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with `roas`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Export, A::Error> {
                let mut export = Export::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "roas" => export.rows = map.next_value()?,
                        "metadata" => {
                            let metadata: Metadata = map.next_value()?;
                            export.made_at =
                                metadata.buildtime.and_then(|text| Timestamp::parse(&text));
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(export)
            }
        }
        input.deserialize_map(Fields)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of payloads")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows, A::Error> {
                let mut rows = Rows::default();
                while let Some(row) = list.next_element::<Row>()? {
                    rows.0.extend(row.read());
                    if rows.0.len() > MOST_ROWS {
                        return Err(serde::de::Error::custom("there are too many payloads"));
                    }
                }
                Ok(rows)
            }
        }
        input.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = r#"{
        "metadata": { "buildtime": "2026-11-24T10:00:00Z", "roas": 4, "x": [1] },
        "roas": [
            { "asn": "AS64500", "prefix": "192.0.2.0/24", "maxLength": 25, "ta": "ripe" },
            { "asn": 64501, "prefix": "192.0.2.0/24", "expires": 1764000000 },
            { "asn": "AS0", "prefix": "198.51.100.0/24", "maxLength": 24 },
            { "asn": "AS64500", "prefix": "2001:db8::/32", "maxLength": 48 },
            { "asn": "AS64500", "prefix": "203.0.113.0/24", "maxLength": 8 },
            { "asn": "ASx", "prefix": "203.0.113.0/24" }
        ],
        "other": {}
    }"#;

    fn judged(table: &Vrps, network: &str, origin: u32) -> Validity {
        let (network, length) = parse(network).unwrap();
        table.judge(network, length, origin)
    }

    #[test]
    fn routes_are_judged_as_the_standard_says() {
        let table = <Vrps as Table>::read(EXPORT.as_bytes()).unwrap();
        assert_eq!(table.made_at().unwrap().to_string(), "2026-11-24T10:00:00.000Z");
        let invalid = |allowed: &[&str]| Validity::Invalid {
            allowed: allowed.iter().map(|text| (*text).to_owned()).collect(),
        };
        for (network, origin, wanted) in [
            ("192.0.2.0/24", 64_500, Validity::Valid),
            ("192.0.2.0/24", 64_501, Validity::Valid),
            ("192.0.2.128/25", 64_500, Validity::Valid),
            // Longer than the second payload allows.
            ("192.0.2.128/25", 64_501, invalid(&["AS64500 up to /25", "AS64501 up to /24"])),
            ("192.0.2.0/24", 64_502, invalid(&["AS64500 up to /25", "AS64501 up to /24"])),
            // AS0 forbids every announcement (RFC 6483, section 4).
            ("198.51.100.0/24", 0, invalid(&["AS0 up to /24"])),
            ("192.0.0.0/16", 64_500, Validity::NotFound),
            ("203.0.113.0/24", 64_500, Validity::NotFound),
            ("2001:db8:1::/48", 64_500, Validity::Valid),
            ("2001:db8:1::/49", 64_500, invalid(&["AS64500 up to /48"])),
        ] {
            assert_eq!(judged(&table, network, origin), wanted, "{network} AS{origin}");
        }
    }

    #[test]
    fn what_is_no_export_is_none() {
        for text in ["", "{}", "[]", r#"{"roas":[]}"#, r#"{"roas":{}}"#, "<html>"] {
            assert!(<Vrps as Table>::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
