//! Subdomains: which names the domain has in public, where they lead, whether somebody else could
//! take one over, and who has names that look like the domain's (`lookalike`).
//!
//! `probe` collects names from the web server's certificate, from a certificate transparency
//! provider (`transparency`, when the operator named one) and from a list of common names
//! (`usual_names`), asks for each once, and looks at the page behind an alias to a hosting service of
//! the table (`service`). What a wildcard answers for is not taken for a name of its own.
//!
//! Invariants: names, questions and pages are bounded; a take-over is only claimed when the
//! service itself says that nobody owns the name, or when the alias leads to a name that does not
//! exist.
//!
//! To add a check: a file beside the others, a line in [`TOPICS`]; a service: a row in `service`.

mod lookalike;
mod probe;
#[cfg(test)]
mod probe_tests;
mod service;
pub(crate) mod transparency;
mod usual_names;

mod dangling_alias;
mod internal_address;
mod stale_name;
mod test_system;
mod unclaimed_service;
mod wildcard;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen};
use crate::evidence::Evidence;

pub use lookalike::{LookAlike, LookAlikes};
pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[
    &[unclaimed_service::CHECK, dangling_alias::CHECK],
    &[internal_address::CHECK, test_system::CHECK, wildcard::CHECK, stale_name::CHECK],
    lookalike::CHECKS,
];

/// The names of a domain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SubdomainsEvidence {
    /// At most 50, without duplicates.
    pub names: Vec<Subdomain>,
    /// How many more the sources named.
    pub left_out: usize,
    /// What a name nobody uses leads to, when it leads anywhere.
    pub wildcard: Option<Seen<Place>>,
    /// How many names certificate transparency knows.
    pub transparency: Option<Seen<usize>>,
    /// Who has names that look like the domain's.
    #[serde(default)]
    pub look_alikes: Option<Seen<LookAlikes>>,
}

/// One name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subdomain {
    pub name: String,
    pub source: Source,
    pub place: Seen<Place>,
    /// The service that says nobody owns the name there.
    pub unclaimed: Option<String>,
}

/// Who named a subdomain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Certificate,
    Transparency,
    Common,
}

/// Where a name leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Whether the name, or what its alias leads to, exists.
    pub exists: bool,
    /// At most 4.
    pub aliases: Vec<String>,
    /// IPv4 only, at most 4.
    pub addresses: Vec<IpAddr>,
    /// The first address that is not public, and why.
    pub internal: Option<String>,
}

fn seen(evidence: &Evidence) -> Seen<&SubdomainsEvidence> {
    evidence.subdomains()
}

/// Returns what one kind of name is found by, or the reason why one name was not seen.
fn first<'e>(
    evidence: &'e Evidence,
    finding: impl Fn(&'e Subdomain, &'e Place) -> Option<String>,
) -> Result<Vec<String>, Missing> {
    let names = &seen(evidence)?.names;
    let found: Vec<_> =
        names.iter().filter_map(|name| finding(name, name.place.as_ref().ok()?)).collect();
    match names.iter().find_map(|name| name.place.as_ref().err()) {
        Some(missing) if found.is_empty() => Err(missing.clone()),
        _ => Ok(found),
    }
}

/// A domain with one name, for tests.
#[cfg(test)]
fn with(name: &str, place: Place) -> Evidence {
    one(Subdomain {
        name: name.to_owned(),
        source: Source::Common,
        place: Ok(place),
        unclaimed: None,
    })
}

#[cfg(test)]
fn one(name: Subdomain) -> Evidence {
    let subdomains = SubdomainsEvidence { names: vec![name], ..SubdomainsEvidence::default() };
    Evidence { subdomains: Some(subdomains), ..Evidence::default() }
}

/// A domain with one name that nobody could see, for tests.
#[cfg(test)]
fn unseen() -> Evidence {
    one(Subdomain {
        name: "www.example.com".to_owned(),
        source: Source::Common,
        place: Err(Missing("silence".to_owned())),
        unclaimed: None,
    })
}
