//! Which versions are offered.

mod address_silent;
mod addresses_differ;
mod client_excluded;
mod early_data;
mod extension_intolerant;
mod http3_broken;
mod no_http2;
mod no_resumption;
mod no_tls12_or_later;
mod no_tls13;
mod ssl2;
mod ssl3;
mod tls10;
mod tls11;

use super::{reached, wire::suites::suite_name};
use crate::check::{Check, Missing, Verdict};
use crate::evidence::Evidence;

pub(super) const CHECKS: &[Check] = &[
    ssl2::CHECK,
    ssl3::CHECK,
    tls10::CHECK,
    tls11::CHECK,
    no_tls12_or_later::CHECK,
    no_tls13::CHECK,
    client_excluded::CHECK,
    no_http2::CHECK,
    no_resumption::CHECK,
    http3_broken::CHECK,
    extension_intolerant::CHECK,
    early_data::CHECK,
    address_silent::CHECK,
    addresses_differ::CHECK,
];

/// Fails when a version that nobody should offer any more is answered.
fn offered(evidence: &Evidence, version: u16) -> Result<Verdict, Missing> {
    let suites = reached(evidence)?.suites(version)?;
    Ok(suites.first().map_or(Verdict::Pass, |suite| {
        Verdict::Fail(format!("it is answered with {}", suite_name(*suite)))
    }))
}

/// A server that offers one more version, for tests.
#[cfg(test)]
fn offering(version: u16) -> Evidence {
    super::seen(|tls| {
        let mut versions = tls.versions.iter_mut();
        versions.find(|seen| seen.version == version).unwrap().suites = Ok(vec![0x002f]);
    })
}
