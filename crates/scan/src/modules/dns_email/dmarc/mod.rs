//! DMARC: what receivers shall do with mail that is not the domain's (RFC 9989, which replaced
//! RFC 7489).
//!
//! The record is found by the tree walk of section 4.10, not by a list of public suffixes.

mod external_reports;
mod invalid;
mod missing;
mod missing_without_mail;
mod monitor_only;
mod multiple;
mod no_reports;
pub(super) mod record;
mod removed_tags;
mod testing;
mod weak_subdomains;

use serde::{Deserialize, Serialize};

pub use record::{DmarcRecord, Policy};

use crate::check::{Check, Missing, Seen};
use crate::evidence::Evidence;

pub(crate) const CHECKS: &[Check] = &[
    missing::CHECK,
    missing_without_mail::CHECK,
    multiple::CHECK,
    invalid::CHECK,
    monitor_only::CHECK,
    testing::CHECK,
    weak_subdomains::CHECK,
    external_reports::CHECK,
    no_reports::CHECK,
    removed_tags::CHECK,
];

/// What the tree walk found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DmarcEvidence {
    /// The names asked, in order, without `_dmarc.`.
    pub walked: Vec<String>,
    /// The domain whose record applies.
    pub found_at: Option<String>,
    /// Every DMARC record there.
    pub texts: Vec<String>,
    /// The parsed record, when there is exactly one.
    pub record: Option<DmarcRecord>,
    /// Report addresses at other domains and whether those agreed (RFC 9990).
    pub external: Vec<ExternalReports>,
    /// Whether the record is the domain's own; otherwise its subdomain policy applies.
    pub own: bool,
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
}

/// Why most questions do not arise.
const NO_RECORD: &str = "no single DMARC record applies to the domain";

/// Returns what the walk found, with the record that applies, if there is one.
fn record(evidence: &Evidence) -> Result<Option<(&DmarcEvidence, &DmarcRecord)>, Missing> {
    let dmarc = evidence.dns_email()?.dmarc.as_ref().map_err(Clone::clone)?;
    Ok(dmarc.record.as_ref().map(|record| (dmarc, record)))
}

/// Returns whether receivers are asked to quarantine or reject; `t=y` is no enforcement.
pub(super) fn enforces(evidence: &Evidence) -> Result<bool, Missing> {
    let enforced = |(dmarc, record): (&DmarcEvidence, &DmarcRecord)| {
        !record.testing && dmarc.applied() > Some(Policy::None)
    };
    Ok(record(evidence)?.is_some_and(enforced))
}

/// Returns whether the domain takes mail.
pub(super) fn has_mail(evidence: &Evidence) -> Result<bool, Missing> {
    Ok(evidence.dns_email()?.mx.as_ref().map_err(Clone::clone)?.has_mail())
}

/// What a walk that found one record at the domain itself looks like, for tests.
#[cfg(test)]
pub(super) fn found(domain: &str, text: &str) -> DmarcEvidence {
    DmarcEvidence {
        walked: vec![domain.to_owned()],
        found_at: Some(domain.to_owned()),
        texts: vec![text.to_owned()],
        record: Some(DmarcRecord::parse(text)),
        external: Vec::new(),
        own: true,
    }
}

#[cfg(test)]
fn with_record(text: &str) -> Evidence {
    super::seen(|dns| dns.dmarc = Ok(found("example.com", text)))
}
