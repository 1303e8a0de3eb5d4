//! MTA-STS: a record and a policy that tell senders to insist on encryption (RFC 8461).
//!
//! Record, host, certificate and policy go wrong each in its own way, so each has a check.

mod invalid_certificate;
mod invalid_policy;
mod invalid_record;
mod missing;
mod mode_none;
mod multiple_records;
mod no_policy;
mod server_certificate;
mod short_max_age;
mod testing;
mod unlisted_server;

use super::{Fetched, MtaSts, Policy};
use crate::check::{Check, Missing, Seen};
use crate::evidence::Evidence;

pub(super) const CHECKS: &[Check] = &[
    missing::CHECK,
    multiple_records::CHECK,
    invalid_record::CHECK,
    no_policy::CHECK,
    invalid_certificate::CHECK,
    invalid_policy::CHECK,
    unlisted_server::CHECK,
    server_certificate::CHECK,
    testing::CHECK,
    mode_none::CHECK,
    short_max_age::CHECK,
];

const NO_RECORD: &str = "there is no single MTA-STS record";
const NO_POLICY: &str = "there is no MTA-STS policy to look at";

/// Returns what was seen; `None` for a domain without mail.
fn mta_sts(evidence: &Evidence) -> Seen<Option<&MtaSts>> {
    let mail = evidence.mail()?;
    if mail.exchanges.as_ref().map_err(Clone::clone)?.is_empty() {
        return Ok(None);
    }
    mail.mta_sts.as_ref().map(Some).map_err(Clone::clone)
}

/// Returns what came of fetching the policy; `None` without a single record.
fn fetched(evidence: &Evidence) -> Seen<Option<&Fetched>> {
    let Some(sts) = mta_sts(evidence)? else { return Ok(None) };
    sts.fetched.as_ref().map(|fetched| fetched.as_ref().map_err(Missing::clone)).transpose()
}

/// Returns the policy that was served; `None` when there is none.
fn policy(evidence: &Evidence) -> Seen<Option<&Policy>> {
    Ok(match fetched(evidence)? {
        Some(Fetched::Answered { status: 200, policy, .. }) => Some(policy),
        _ => None,
    })
}
