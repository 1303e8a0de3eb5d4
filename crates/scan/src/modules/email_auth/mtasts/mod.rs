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
mod would_fail;

use super::{Fetched, Mode, MtaSts, Policy, chain_problem, judge_chains, listed};
use crate::check::{Check, Missing, Seen, Verdict};
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
    would_fail::CHECK,
    mode_none::CHECK,
    short_max_age::CHECK,
];

const NO_RECORD: &str = "there is no single MTA-STS record";
const NO_POLICY: &str = "there is no MTA-STS policy to look at";
const ASKS_NOTHING: &str = "the policy asks for nothing";
const ONLY_TESTED: &str = "senders deliver all the same while the policy is only tested";

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

/// Judges the mail servers by a policy of one mode: `enforce`, or none named, which is no better, and
/// `testing`, in which senders only report (section 5).
fn judge_in_mode(
    evidence: &Evidence,
    testing: bool,
    judge: fn(&Evidence, &Policy) -> Result<Verdict, Missing>,
) -> Result<Verdict, Missing> {
    let Some(policy) = policy(evidence)? else { return Ok(Verdict::NotApplicable(NO_POLICY)) };
    match (policy.mode, testing) {
        (Some(Mode::None), _) => Ok(Verdict::NotApplicable(ASKS_NOTHING)),
        (Some(Mode::Testing), false) => Ok(Verdict::NotApplicable(ONLY_TESTED)),
        (Some(Mode::Testing), true) | (_, false) => judge(evidence, policy),
        (_, true) => Ok(Verdict::NotApplicable("the policy is not one that is being tested")),
    }
}

/// Fails for mail servers that the policy does not list.
fn unlisted(evidence: &Evidence, policy: &Policy) -> Result<Verdict, Missing> {
    let exchanges = evidence.mail()?.exchanges.as_ref().map_err(Clone::clone)?;
    let unlisted: Vec<_> = exchanges.iter().filter(|name| !policy.lists(name)).cloned().collect();
    Ok(Verdict::fail_if(!unlisted.is_empty(), || {
        format!("the policy does not list {}", listed(&unlisted))
    }))
}

/// Fails for mail servers whose certificate the policy does not let pass.
fn uncertified(evidence: &Evidence, _: &Policy) -> Result<Verdict, Missing> {
    let now = evidence.seen_at()?;
    judge_chains(evidence, |chain| chain_problem(chain, now))
}
