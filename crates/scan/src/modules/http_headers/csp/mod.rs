//! Content Security Policy Level 3: what may a page run.
//!
//! A page can carry several policies, in headers and in `<meta>` elements; the browser enforces
//! all of them, so something is allowed only when every policy allows it. [`policy`] parses one
//! and answers for it; the checks here ask whether all of them have the same hole.

mod broad_sources;
mod invalid;
mod missing;
mod no_base_uri;
mod no_object_src;
pub mod policy;
mod report_only;
mod scripts_unrestricted;
mod unsafe_eval;
mod unsafe_inline;

use policy::Policy;

use super::evidence::Hop;
use crate::check::{Check, Missing, Verdict};
use crate::evidence::Evidence;

/// What a policy breaks.
const CAREFUL: &str = "A policy stops every script, style, frame and form that it leaves out, also those \
    of payment, chat and analytics services: send it as Content-Security-Policy-Report-Only first, and \
    read what it would have stopped.";

pub const CHECKS: &[Check] = &[
    missing::CHECK,
    report_only::CHECK,
    scripts_unrestricted::CHECK,
    unsafe_inline::CHECK,
    broad_sources::CHECK,
    unsafe_eval::CHECK,
    no_object_src::CHECK,
    no_base_uri::CHECK,
    invalid::CHECK,
];

const NO_POLICY: &str = "the page has no Content-Security-Policy";
const NO_SCRIPT_LIST: &str = "the policy says nothing about scripts";

/// Returns the policies a page is held to, from headers and markup.
pub(crate) fn policies(page: &Hop) -> Vec<Policy> {
    let headers = page.all("content-security-policy").flat_map(Policy::parse_list);
    let markup = page.meta.content_security_policy.iter().map(|text| Policy::parse(text));
    headers.chain(markup).filter(|policy| !policy.is_empty()).collect()
}

/// Judges the policies of the page, if it has any.
fn judge(evidence: &Evidence, verdict: fn(&[Policy]) -> Verdict) -> Result<Verdict, Missing> {
    let policies = policies(evidence.http()?.page()?);
    Ok(match policies.is_empty() {
        true => Verdict::NotApplicable(NO_POLICY),
        false => verdict(&policies),
    })
}

/// Judges the policies when at least one of them restricts scripts: fails when `hole` is in all of
/// them, a policy that says nothing about scripts counting as open.
fn judge_scripts(
    evidence: &Evidence,
    hole: fn(&Policy) -> Option<String>,
) -> Result<Verdict, Missing> {
    let policies = policies(evidence.http()?.page()?);
    if policies.is_empty() {
        return Ok(Verdict::NotApplicable(NO_POLICY));
    }
    let restricting: Vec<_> = policies.iter().filter(|policy| policy.restricts_scripts()).collect();
    if restricting.is_empty() {
        return Ok(Verdict::NotApplicable(NO_SCRIPT_LIST));
    }
    let holes: Option<Vec<String>> = restricting.into_iter().map(hole).collect();
    Ok(match holes.and_then(|holes| holes.into_iter().next()) {
        Some(seen) => Verdict::Fail(seen),
        None => Verdict::Pass,
    })
}
