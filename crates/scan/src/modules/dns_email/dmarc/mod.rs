//! DMARC: what receivers shall do with mail that is not the domain's (RFC 9989, which replaced
//! RFC 7489).
//!
//! `walk` finds the record that applies, by asking parents instead of a list of public suffixes;
//! `record` parses it; each other file is one check.

mod external_reports;
mod ignored_tags;
mod invalid;
mod invalid_report_address;
mod missing;
mod missing_without_mail;
mod monitor_only;
mod multiple_records;
mod no_reports;
pub(super) mod record;
mod removed_tags;
mod testing;
pub(crate) mod walk;
mod weak_subdomains;

use serde::{Deserialize, Serialize};

pub use record::{DmarcRecord, Policy, ReportUri};

use crate::check::{Check, Missing, Seen};
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;

pub(crate) const CHECKS: &[Check] = &[
    missing::CHECK,
    missing_without_mail::CHECK,
    multiple_records::CHECK,
    invalid::CHECK,
    monitor_only::CHECK,
    testing::CHECK,
    weak_subdomains::CHECK,
    external_reports::CHECK,
    invalid_report_address::CHECK,
    no_reports::CHECK,
    removed_tags::CHECK,
    ignored_tags::CHECK,
];

/// What the tree walk found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DmarcEvidence {
    /// The names asked, the domain itself first.
    pub walked: Vec<Level>,
    /// The domain whose record applies.
    pub found_at: Option<String>,
    /// The record that applies.
    pub record: Option<DmarcRecord>,
    /// Report addresses at other domains and whether those agreed (RFC 9990).
    pub external: Vec<ExternalReports>,
    /// Whether the record is the domain's own; otherwise its subdomain policy applies.
    pub own: bool,
}

/// One name of the walk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Level {
    /// Without `_dmarc.`.
    pub name: String,
    /// The DMARC records there, at most three.
    pub texts: Vec<String>,
}

/// A report address at a domain that has to agree.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExternalReports {
    pub domain: String,
    pub agreed: Seen<bool>,
}

impl DmarcEvidence {
    /// Returns the policy that applies to mail of the domain.
    pub fn applied(&self) -> Option<Policy> {
        let record = self.record.as_ref()?;
        Some(if self.own { record.policy } else { record.subdomains.unwrap_or(record.policy) })
    }

    /// Returns the record that applies when receivers make nothing of it.
    fn in_void(&self) -> Option<&DmarcRecord> {
        self.record.as_ref().filter(|record| record.is_void())
    }

    /// Returns whether receivers are asked to quarantine or reject; `t=y` is no enforcement.
    pub(crate) fn is_enforced(&self) -> bool {
        let testing = self.record.as_ref().is_none_or(|record| record.testing);
        !testing && self.applied() > Some(Policy::None)
    }

    /// Returns what was seen when receivers do nothing for the domain, because no record applies or the
    /// one that does is void, or `None` when they do.
    fn absence(&self) -> Option<String> {
        if let (Some(record), Some(at)) = (self.in_void(), &self.found_at) {
            let broken: Vec<_> = record.broken_policies().map(str::to_owned).collect();
            return Some(format!(
                "receivers skip the record of {at}: {}, and it has no address for reports",
                listed(&broken)
            ));
        }
        let asked: Vec<_> = self.walked.iter().map(|level| level.name.as_str()).collect();
        self.record.is_none().then(|| match asked.as_slice() {
            [name] => format!("{name} has no DMARC record that counts"),
            names => format!("none of {} has a DMARC record that counts", names.join(", ")),
        })
    }
}

/// Why most questions do not arise.
const NO_RECORD: &str = "no single DMARC record applies to the domain";

/// Returns what the walk found, with the record that applies, if there is one that receivers heed.
fn record(evidence: &Evidence) -> Result<Option<(&DmarcEvidence, &DmarcRecord)>, Missing> {
    let found = published(evidence)?;
    Ok(found.filter(|(_, record)| !record.is_void()))
}

/// Returns the same, be it that receivers make nothing of the record.
fn published(evidence: &Evidence) -> Result<Option<(&DmarcEvidence, &DmarcRecord)>, Missing> {
    let dmarc = evidence.dns_email()?.dmarc.as_ref().map_err(Clone::clone)?;
    Ok(dmarc.record.as_ref().map(|record| (dmarc, record)))
}

/// Returns whether receivers are asked to quarantine or reject; `t=y` is no enforcement.
pub(super) fn enforces(evidence: &Evidence) -> Result<bool, Missing> {
    Ok(record(evidence)?.is_some_and(|(dmarc, _)| dmarc.is_enforced()))
}

/// What a walk that found these records at the domain itself looks like, for tests.
#[cfg(test)]
pub(super) fn found(domain: &str, texts: &[&str]) -> DmarcEvidence {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    DmarcEvidence::from_walk(vec![Level { name: domain.to_owned(), texts }])
}

#[cfg(test)]
fn with_record(text: &str) -> Evidence {
    super::seen(|dns| dns.dmarc = Ok(found("example.com", &[text])))
}

/// Evidence of a domain whose record is a parent's, for tests.
#[cfg(test)]
fn with_parent_record(text: &str) -> Evidence {
    let level = |name: &str, texts| Level { name: name.to_owned(), texts };
    let walked =
        vec![level("www.example.com", Vec::new()), level("example.com", vec![text.to_owned()])];
    super::seen(|dns| dns.dmarc = Ok(DmarcEvidence::from_walk(walked)))
}
