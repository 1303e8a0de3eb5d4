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

use super::wire::suites::Trait;
use super::{named, old_suites};
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

/// Fails when suites with a trait that nobody should offer are among those seen.
fn offered(evidence: &Evidence, bad: Trait) -> Result<Verdict, Missing> {
    let suites = old_suites(evidence)?;
    Ok(named(&suites, bad).map_or(Verdict::Pass, Verdict::Fail))
}

/// A server that offers one more suite of TLS 1.2, for tests.
#[cfg(test)]
fn offering(suite: u16) -> Evidence {
    super::seen(|tls| tls.versions[3].suites = Ok(vec![0xc02f, suite]))
}
