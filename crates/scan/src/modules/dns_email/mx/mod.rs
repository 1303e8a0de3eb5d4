//! MX: where mail for the domain goes (RFC 5321, section 5.1; RFC 7505).
//!
//! A domain "has mail" when it declares a mail server. One without MX records still gets mail at
//! its own address, but nothing says that anybody reads it, so it counts as a domain without mail.

mod address_literal;
mod alias;
mod no_ipv6;
mod null_and_others;
mod undeclared;
mod unresolved;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen};
use crate::evidence::Evidence;

pub(crate) const CHECKS: &[Check] = &[
    unresolved::CHECK,
    address_literal::CHECK,
    null_and_others::CHECK,
    alias::CHECK,
    undeclared::CHECK,
    no_ipv6::CHECK,
];

/// The MX records of the domain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MxEvidence {
    /// At most eight, in order of preference.
    pub hosts: Vec<MailHost>,
    /// Whether a record with the name `.` says that the domain takes no mail (RFC 7505).
    pub null: bool,
}

/// One mail server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailHost {
    pub preference: u16,
    pub name: String,
    /// At most eight.
    pub addresses: Seen<Vec<IpAddr>>,
    /// Whether the name is an alias, which RFC 2181, section 10.3 forbids.
    pub alias: bool,
}

impl MxEvidence {
    /// Returns whether the domain declares that it takes mail.
    pub fn has_mail(&self) -> bool {
        !self.hosts.is_empty()
    }
}

/// The reason of checks that only concern domains with mail.
pub(super) const NO_MAIL: &str = "the domain declares no mail server";

/// Returns whether the domain declares that it takes mail.
pub(super) fn has_mail(evidence: &Evidence) -> Result<bool, Missing> {
    Ok(seen(evidence)?.has_mail())
}

fn seen(evidence: &Evidence) -> Result<&MxEvidence, Missing> {
    evidence.dns_email()?.mx.as_ref().map_err(Clone::clone)
}

/// A domain with one mail server, for tests.
#[cfg(test)]
pub(super) fn host(name: &str, addresses: usize, alias: bool) -> MxEvidence {
    let addresses = Ok(vec![IpAddr::from([192, 0, 2, 1]); addresses]);
    let host = MailHost { preference: 10, name: name.to_owned(), addresses, alias };
    MxEvidence { hosts: vec![host], null: false }
}
