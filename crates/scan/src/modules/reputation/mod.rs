//! Reputation: whether the domain, or something on it, is on a list of malware or phishing.
//!
//! The lists are the operator's choice (`providers.reputation`): files, or URLs that are fetched
//! once an hour for all scans (`net::tables`). `feed` reads the usual forms: one host or one
//! URL a line, or a hosts file. `probe` looks the registrable name up in each.
//!
//! Invariants: a list that cannot be read, is empty, too long or a week old says nothing, so it
//! never makes a domain clean; memory and time are bounded; lists are named by host or file name,
//! since their URLs may hold a key.
//!
//! To add a check: a file beside the others, a line in [`TOPICS`].

pub(crate) mod feed;
mod probe;
#[cfg(test)]
mod probe_tests;

mod domain_listed;
mod page_listed;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[&[domain_listed::CHECK, page_listed::CHECK]];

/// What the lists say.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReputationEvidence {
    /// At most 8; none when the operator named none.
    pub lists: Vec<ListSeen>,
}

/// One list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListSeen {
    /// Its host or file name.
    pub name: String,
    pub listed: Seen<Listed>,
}

/// What a list says of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The domain itself, when it is listed.
    pub domain: Option<String>,
    /// Names below it and pages on it, at most 3.
    pub parts: Vec<String>,
}

/// Fails when a list names what `pick` picks.
fn judge(
    evidence: &Evidence,
    pick: impl Fn(&Listed) -> Option<String>,
) -> Result<Verdict, Missing> {
    let lists = &evidence.reputation()?.lists;
    if lists.is_empty() {
        return Err(Missing::not_configured("providers.reputation"));
    }
    let found = lists.iter().find_map(|list| {
        let what = pick(list.listed.as_ref().ok()?)?;
        Some(format!("{what} is on the list of {}", list.name))
    });
    match (found, lists.iter().find_map(|list| list.listed.as_ref().err())) {
        (Some(found), _) => Ok(Verdict::Fail(found)),
        (None, Some(missing)) => Err(missing.clone()),
        (None, None) => Ok(Verdict::Pass),
    }
}

/// Lists that say these things, for tests.
#[cfg(test)]
fn with(listed: Vec<Seen<Listed>>) -> Evidence {
    let list = |listed| ListSeen { name: "feed.example".to_owned(), listed };
    let lists = listed.into_iter().map(list).collect();
    Evidence { reputation: Some(ReputationEvidence { lists }), ..Evidence::default() }
}
