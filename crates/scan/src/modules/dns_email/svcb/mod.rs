//! HTTPS records: what DNS tells browsers about the web server before they connect (RFC 9460). `ech` reads
//! the keys with which they encrypt the site's name.

pub(crate) mod ech;
mod ech_public_name;
mod ech_useless;
mod hint_mismatch;
mod invalid;
mod missing;
mod no_ech;
mod target_unresolved;

use std::net::IpAddr;

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::svcb::{SVCB, SvcParamKey, SvcParamValue};
use serde::{Deserialize, Serialize};

use ech::EchConfigs;

use crate::check::{Check, Missing, Seen};
use crate::evidence::Evidence;

pub(crate) const CHECKS: &[Check] = &[
    target_unresolved::CHECK,
    invalid::CHECK,
    hint_mismatch::CHECK,
    missing::CHECK,
    no_ech::CHECK,
    ech_useless::CHECK,
    ech_public_name::CHECK,
];

/// Records that are kept.
const MOST_RECORDS: usize = 8;
/// Values of one parameter that are kept.
const MOST_VALUES: usize = 8;
const NO_RECORD: &str = "there is no HTTPS record";

/// The HTTPS records of the domain.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SvcbEvidence {
    /// At most 8, those preferred first.
    pub records: Vec<SvcbRecord>,
    /// What the server shows under the public name of the first configuration that can be used;
    /// none when there is none.
    #[serde(default = "not_looked")]
    pub outer: Seen<Option<OuterName>>,
}

/// How a server answers to the name that stands in for the site's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OuterName {
    pub public_name: String,
    /// Whether the certificate is for it.
    pub name_matches: bool,
}

fn not_looked() -> Seen<Option<OuterName>> {
    Err(Missing::not_probed())
}

impl Default for SvcbEvidence {
    fn default() -> Self {
        Self { records: Vec::new(), outer: not_looked() }
    }
}

/// One record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SvcbRecord {
    /// 0 for an alias of another name.
    pub priority: u16,
    /// The name that serves; empty for the domain itself.
    pub target: String,
    /// At most 8 protocols.
    pub alpn: Vec<String>,
    /// Whether only those protocols are spoken.
    pub no_default_alpn: bool,
    /// Whether the name of the site can be encrypted (ECH).
    pub ech: bool,
    /// What its keys for that are worth; none without them, and in reports from before they were
    /// read.
    #[serde(default)]
    pub ech_configs: Option<EchConfigs>,
    /// At most 8 addresses of each family.
    pub hints: Vec<IpAddr>,
    /// Keys that are mandatory and absent, at most 8.
    pub absent: Vec<String>,
    /// The addresses of the target.
    pub addresses: Seen<Vec<IpAddr>>,
}

impl SvcbRecord {
    fn is_alias(&self) -> bool {
        self.priority == 0
    }
}

/// Returns the evidence of a report from before HTTPS records were asked for.
pub(super) fn unasked() -> Seen<SvcbEvidence> {
    Err(Missing::not_probed())
}

/// Reads records, the addresses of whose targets are still to be asked for.
pub(super) fn read(records: &[RData]) -> Vec<SvcbRecord> {
    let svcb = records.iter().filter_map(|data| match data {
        RData::HTTPS(https) => Some(record(&https.0)),
        _ => None,
    });
    let mut records: Vec<_> = svcb.collect();
    records.sort_by(|one, other| (one.priority, &one.target).cmp(&(other.priority, &other.target)));
    records.truncate(MOST_RECORDS);
    records
}

fn record(svcb: &SVCB) -> SvcbRecord {
    let target = svcb.target_name.to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let mut record = SvcbRecord {
        priority: svcb.svc_priority,
        target,
        alpn: Vec::new(),
        no_default_alpn: false,
        ech: false,
        ech_configs: None,
        hints: Vec::new(),
        absent: Vec::new(),
        addresses: Err(Missing::not_probed()),
    };
    let has = |wanted: &SvcParamKey| svcb.svc_params.iter().any(|(key, _)| key == wanted);
    for (_, value) in &svcb.svc_params {
        match value {
            SvcParamValue::Alpn(alpn) => {
                record.alpn = alpn.0.iter().take(MOST_VALUES).cloned().collect();
            }
            SvcParamValue::NoDefaultAlpn => record.no_default_alpn = true,
            SvcParamValue::EchConfigList(list) => {
                record.ech = true;
                record.ech_configs = Some(ech::read(&list.0));
            }
            SvcParamValue::Ipv4Hint(hint) => {
                record.hints.extend(hint.0.iter().take(MOST_VALUES).map(|a| IpAddr::V4(a.0)));
            }
            SvcParamValue::Ipv6Hint(hint) => {
                record.hints.extend(hint.0.iter().take(MOST_VALUES).map(|a| IpAddr::V6(a.0)));
            }
            SvcParamValue::Mandatory(mandatory) => {
                let absent = mandatory.0.iter().filter(|key| !has(key)).take(MOST_VALUES);
                record.absent = absent.map(ToString::to_string).collect();
            }
            _ => {}
        }
    }
    record
}

/// Returns the records; none is an answer.
fn records(evidence: &Evidence) -> Seen<&[SvcbRecord]> {
    Ok(&self::evidence(evidence)?.records)
}

fn evidence(evidence: &Evidence) -> Seen<&SvcbEvidence> {
    evidence.dns_email()?.svcb.as_ref().map_err(Clone::clone)
}

/// A domain with these records, for tests.
#[cfg(test)]
fn with(records: Vec<SvcbRecord>) -> Evidence {
    super::seen(|dns| dns.svcb = Ok(SvcbEvidence { records, outer: Ok(None) }))
}

/// A sound record, for tests.
#[cfg(test)]
fn service(change: impl FnOnce(&mut SvcbRecord)) -> SvcbRecord {
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    let mut record = SvcbRecord {
        priority: 1,
        target: String::new(),
        alpn: vec!["h2".to_owned()],
        no_default_alpn: false,
        ech: true,
        ech_configs: None,
        hints: vec![address],
        absent: Vec::new(),
        addresses: Ok(vec![address]),
    };
    change(&mut record);
    record
}

/// A domain whose records nobody could see, for tests.
#[cfg(test)]
fn unseen() -> Evidence {
    super::seen(|dns| dns.svcb = Err(Missing("silence".to_owned())))
}
