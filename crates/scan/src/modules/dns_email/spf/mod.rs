//! SPF: which hosts may send mail for the domain (RFC 7208).
//!
//! `record` parses one record, `walk` follows it and counts, each other file is one check.

mod invalid;
mod missing;
mod missing_without_mail;
mod multiple;
mod neutral_all;
mod no_all;
mod permissive_all;
mod ptr;
pub(super) mod record;
mod soft_fail;
mod soft_fail_without_dmarc;
mod too_many_lookups;
mod too_many_void_lookups;
pub(super) mod walk;
mod wide_network;

use serde::{Deserialize, Serialize};

pub use record::{Mechanism, Qualifier, SpfRecord, Term};
pub use walk::{Ledger, LedgerEntry};

use crate::check::{Check, Missing};
use crate::evidence::Evidence;

pub(crate) const CHECKS: &[Check] = &[
    missing::CHECK,
    missing_without_mail::CHECK,
    multiple::CHECK,
    permissive_all::CHECK,
    neutral_all::CHECK,
    too_many_lookups::CHECK,
    invalid::CHECK,
    soft_fail_without_dmarc::CHECK,
    soft_fail::CHECK,
    no_all::CHECK,
    too_many_void_lookups::CHECK,
    wide_network::CHECK,
    ptr::CHECK,
];

/// The SPF records of the domain and what following them costs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SpfEvidence {
    /// Every TXT record that begins with `v=spf1`.
    pub texts: Vec<String>,
    /// The parsed record, when there is exactly one.
    pub record: Option<SpfRecord>,
    pub ledger: Ledger,
}

/// Why most questions do not arise.
const NO_RECORD: &str = "the domain publishes no single SPF record";

/// Returns the one SPF record, if there is exactly one.
fn record(evidence: &Evidence) -> Result<Option<&SpfRecord>, Missing> {
    Ok(evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?.record.as_ref())
}

/// Evidence with one SPF record, for tests.
#[cfg(test)]
fn with_record(text: &str) -> Evidence {
    super::seen(|dns| {
        let record = Some(SpfRecord::parse(text));
        dns.spf =
            Ok(SpfEvidence { texts: vec![text.to_owned()], record, ledger: Ledger::default() });
    })
}
