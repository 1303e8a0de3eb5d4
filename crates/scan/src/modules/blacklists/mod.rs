//! Block lists: whether the domain or the addresses it sends mail from are on one (RFC 5782).
//!
//! The lists are the operator's choice (`providers.block_lists`), since most of them bind their use to
//! terms. Before a list is believed, `probe` asks for its test entries: one that lists nothing, or
//! everything, or answers with an error code is not believed, and neither is a resolver that
//! invents answers. So a block list can say "listed" or be silent, and silence for want of access
//! is never "clean".
//!
//! To add a check: a file beside the others, a line in [`TOPICS`].

mod address_listed;
mod domain_listed;
mod list;
mod probe;
#[cfg(test)]
mod probe_tests;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub use list::{BlockList, Lists};
pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[&[address_listed::CHECK, domain_listed::CHECK]];

/// What block lists say.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BlacklistsEvidence {
    /// At most 4; none when the operator named none.
    pub lists: Vec<ListSeen>,
}

/// One list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListSeen {
    pub zone: String,
    pub lists: Lists,
    /// What was asked, at most 3 entries, or why the list is not believed.
    pub entries: Seen<Vec<Entry>>,
}

/// An address or a domain, and what a list says of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub subject: String,
    pub listing: Seen<Option<Listing>>,
}

/// Why something is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What the code means stands in the list's documentation.
    pub code: Ipv4Addr,
    /// The list's own words, at most 200 characters.
    pub reason: Option<String>,
}

/// Judges the lists of one kind.
fn listed(evidence: &Evidence, kind: Lists, nothing: &'static str) -> Result<Verdict, Missing> {
    let all = &evidence.blacklists()?.lists;
    let lists: Vec<_> = all.iter().filter(|list| list.lists == kind).collect();
    if lists.is_empty() {
        return Err(Missing::not_configured("providers.block_lists"));
    }
    let mut unseen = None;
    let mut asked = 0;
    for list in lists {
        let entries = match &list.entries {
            Ok(entries) => entries,
            Err(missing) => {
                unseen.get_or_insert(missing);
                continue;
            }
        };
        for entry in entries {
            match &entry.listing {
                Ok(Some(listing)) => return Ok(Verdict::Fail(finding(list, entry, listing))),
                Ok(None) => asked += 1,
                Err(missing) => {
                    unseen.get_or_insert(missing);
                }
            }
        }
    }
    match (unseen, asked) {
        (Some(missing), _) => Err(missing.clone()),
        (None, 0) => Ok(Verdict::NotApplicable(nothing)),
        (None, _) => Ok(Verdict::Pass),
    }
}

fn finding(list: &ListSeen, entry: &Entry, listing: &Listing) -> String {
    let found = format!("{} is on {} ({})", entry.subject, list.zone, listing.code);
    match &listing.reason {
        Some(reason) => format!("{found}: {reason}"),
        None => found,
    }
}

/// A list that says one thing about one subject, for tests.
#[cfg(test)]
fn with(kind: Lists, listing: Seen<Option<Listing>>) -> Evidence {
    let subject = "192.0.2.1".to_owned();
    lists(vec![ListSeen {
        zone: "bl.example".to_owned(),
        lists: kind,
        entries: Ok(vec![Entry { subject, listing }]),
    }])
}

#[cfg(test)]
fn lists(lists: Vec<ListSeen>) -> Evidence {
    Evidence { blacklists: Some(BlacklistsEvidence { lists }), ..Evidence::default() }
}
