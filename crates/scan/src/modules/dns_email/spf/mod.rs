//! SPF: which hosts may send mail for the domain (RFC 7208).
//!
//! `record` parses one record, `domain_spec` the names in it, `open_networks` tells when the networks in
//! it are everybody's, `walk` follows it and counts, each other file is one check.

mod broken_include;
mod domain_spec;
mod ignored_terms;
mod invalid;
mod missing;
mod missing_without_mail;
mod multiple_records;
mod neutral_all;
mod no_all;
mod open_networks;
mod permissive_all;
mod permissive_include;
mod ptr;
pub(super) mod record;
mod senders_with_null_mx;
mod soft_fail;
mod soft_fail_without_dmarc;
mod too_many_lookups;
mod too_many_void_lookups;
pub(super) mod walk;
mod wide_network;

use serde::{Deserialize, Serialize};

pub use record::{Mechanism, Modifier, Qualifier, SpfRecord, Term};
pub use walk::{End, Ledger, LedgerEntry, Remark};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;
use crate::modules::dns_email::mx::has_mail;

pub(crate) const CHECKS: &[Check] = &[
    missing::CHECK,
    missing_without_mail::CHECK,
    multiple_records::CHECK,
    permissive_all::CHECK,
    permissive_include::CHECK,
    neutral_all::CHECK,
    too_many_lookups::CHECK,
    invalid::CHECK,
    broken_include::CHECK,
    soft_fail_without_dmarc::CHECK,
    soft_fail::CHECK,
    no_all::CHECK,
    too_many_void_lookups::CHECK,
    wide_network::CHECK,
    ptr::CHECK,
    ignored_terms::CHECK,
    senders_with_null_mx::CHECK,
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

/// How a record ends, in words.
struct Ending {
    all: Qualifier,
    words: String,
}

impl SpfEvidence {
    /// Returns whether any of the records approves hosts by name or network.
    fn names_senders(&self) -> bool {
        self.texts.iter().any(|text| SpfRecord::parse(text).names_senders())
    }

    /// Returns whether what is published is an error to receivers by itself, whatever it leads to.
    fn is_broken(&self) -> bool {
        let broken = self.record.as_ref().is_some_and(|record| !record.errors.is_empty());
        broken || self.texts.len() > 1
    }

    /// Returns what `all` says after redirects, or `None` when nothing is said.
    fn ending(&self) -> Seen<Option<Ending>> {
        let Some(record) = &self.record else { return Ok(None) };
        let (all, whose) = match (record.all(), record.redirect(), &self.ledger.end) {
            (Some(all), ..) => (Some(all), "the record".to_owned()),
            (None, None, _) => (None, String::new()),
            (None, Some(_), Some(end)) => (end.all, format!("the record of {}", end.domain)),
            (None, Some(target), None) => {
                return Err(Missing(format!("`redirect={target}` leads to no record")));
            }
        };
        let ending = |all: Qualifier| {
            let words = format!("{whose} ends in `{}all`", all.sign());
            Ending { all, words }
        };
        Ok(all.map(ending))
    }
}

/// Why most questions do not arise.
const NO_RECORD: &str = "the domain publishes no single SPF record";

/// Returns what was seen of the one SPF record, if there is exactly one.
fn single(evidence: &Evidence) -> Result<Option<(&SpfEvidence, &SpfRecord)>, Missing> {
    let spf = evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?;
    Ok(spf.record.as_ref().map(|record| (spf, record)))
}

/// Why an error in a record does no harm.
const NOT_IN_USE: &str = "the domain takes no mail and its SPF names no sender";

/// Judges what makes receivers stop with `permerror`, which leaves the domain without SPF. Where
/// neither mail is taken nor a sender named, `spf.missing-without-mail` says so instead.
fn permanent_error(
    evidence: &Evidence,
    spf: &SpfEvidence,
    error: Option<String>,
) -> Result<Verdict, Missing> {
    let Some(error) = error else { return Ok(Verdict::Pass) };
    match spf.names_senders() || has_mail(evidence)? {
        true => Ok(Verdict::Fail(error)),
        false => Ok(Verdict::NotApplicable(NOT_IN_USE)),
    }
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

/// Evidence with one SPF record and a ledger, for tests.
#[cfg(test)]
fn with_ledger(text: &str, fill: impl FnOnce(&mut Ledger)) -> Evidence {
    let mut evidence = with_record(text);
    fill(&mut evidence.dns_email.as_mut().unwrap().spf.as_mut().unwrap().ledger);
    evidence
}

/// A row of a ledger, for tests.
#[cfg(test)]
fn row(term: &str, remark: Option<Remark>) -> LedgerEntry {
    LedgerEntry {
        depth: 0,
        domain: "example.com".to_owned(),
        term: term.to_owned(),
        total: 1,
        void: false,
        open: false,
        remark,
    }
}
