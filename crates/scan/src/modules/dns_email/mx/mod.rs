//! MX: where mail for the domain goes (RFC 5321, section 5.1; RFC 7505).

mod alias;
mod unresolved;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Seen};

pub(crate) const CHECKS: &[Check] = &[unresolved::CHECK, alias::CHECK];

/// The MX records of the domain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MxEvidence {
    /// At most ten, in order of preference.
    pub hosts: Vec<MailHost>,
    /// The one record that says the domain takes no mail (RFC 7505).
    pub null: bool,
}

/// One mail server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailHost {
    pub preference: u16,
    pub name: String,
    /// How many addresses it has.
    pub addresses: Seen<usize>,
    /// Whether the name is an alias, which RFC 2181, section 10.3 forbids.
    pub alias: bool,
}

impl MxEvidence {
    /// Returns whether the domain declares that it takes mail.
    pub fn has_mail(&self) -> bool {
        !self.null && !self.hosts.is_empty()
    }
}

/// The reason of checks that only concern domains with mail.
pub(super) const NO_MAIL: &str = "the domain declares no mail server";

#[cfg(test)]
pub(super) fn host(name: &str, addresses: usize, alias: bool) -> MxEvidence {
    let host = MailHost { preference: 10, name: name.to_owned(), addresses: Ok(addresses), alias };
    MxEvidence { hosts: vec![host], null: false }
}
