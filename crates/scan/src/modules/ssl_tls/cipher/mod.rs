//! Which suites are offered below TLS 1.3, which has no bad ones.

mod anonymous;
mod cbc;
mod client_order;
mod export;
mod no_aead;
mod no_forward_secrecy;
mod null;
mod rc4;
mod small_block;
mod static_key_exchange;

use super::wire::suites::{Trait, has, suite_name};
use super::{none_unseen, old_suites};
use crate::check::{Check, Missing, Verdict};
use crate::evidence::Evidence;

pub(super) const CHECKS: &[Check] = &[
    null::CHECK,
    anonymous::CHECK,
    export::CHECK,
    rc4::CHECK,
    small_block::CHECK,
    cbc::CHECK,
    no_forward_secrecy::CHECK,
    static_key_exchange::CHECK,
    no_aead::CHECK,
    client_order::CHECK,
];

/// Fails when suites with a trait that nobody should offer are among those seen, with the names of
/// four at most.
fn offered(evidence: &Evidence, bad: Trait) -> Result<Verdict, Missing> {
    let has_trait = |suite: u16| has(suite, bad);
    let found: Vec<_> =
        old_suites(evidence)?.into_iter().filter(|suite| has_trait(*suite)).collect();
    let first: Vec<_> = found.iter().take(4).map(|suite| suite_name(*suite)).collect();
    match found.len() {
        0 => none_unseen(evidence, has_trait).map(|()| Verdict::Pass),
        1..=4 => Ok(Verdict::Fail(first.join(", "))),
        more => Ok(Verdict::Fail(format!("{} and {} more", first.join(", "), more - 4))),
    }
}

/// A server that offers one more suite of TLS 1.2, for tests.
#[cfg(test)]
fn offering(suite: u16) -> Evidence {
    super::seen(|tls| tls.versions[3].suites = Ok(vec![0xc02f, suite]))
}
