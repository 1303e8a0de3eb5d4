//! Single response headers: content sniffing, referrer, caches, browser features, isolation, and
//! those nobody needs any more.

mod coep_missing;
mod coop_missing;
mod corp_missing;
mod deprecated;
mod nosniff_missing;
mod permissions_policy_invalid;
mod permissions_policy_missing;
mod referrer_policy_missing;
mod referrer_policy_unsafe;
mod session_cacheable;

use super::evidence::Hop;
use crate::check::Check;

pub const CHECKS: &[Check] = &[
    nosniff_missing::CHECK,
    referrer_policy_unsafe::CHECK,
    referrer_policy_missing::CHECK,
    session_cacheable::CHECK,
    permissions_policy_invalid::CHECK,
    permissions_policy_missing::CHECK,
    coop_missing::CHECK,
    coep_missing::CHECK,
    corp_missing::CHECK,
    deprecated::CHECK,
];

/// The values of Referrer-Policy (W3C Referrer Policy, section 3).
const REFERRER_POLICIES: &[&str] = &[
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// Returns the policy a browser applies: the last one it knows, the page's own word over the
/// header's.
fn referrer_policy(page: &Hop) -> Option<&'static str> {
    let known = |text: &str| {
        let text = text.trim();
        REFERRER_POLICIES.iter().copied().find(|policy| policy.eq_ignore_ascii_case(text))
    };
    let header = page.all("referrer-policy").flat_map(|value| value.split(',')).filter_map(known);
    page.meta.referrer.as_deref().and_then(known).or_else(|| header.last())
}
