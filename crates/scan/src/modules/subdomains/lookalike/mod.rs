//! Look-alikes: names that are easily taken for the domain's, and that somebody has registered.
//!
//! `candidates` makes the most dangerous ones, `probe` asks for the name servers of each, and for the
//! mail servers of those that exist. What has the domain's own name servers is taken for its
//! owner's. They are no defect of the domain, so they are told and cost nothing.

mod candidates;
mod probe;
mod registered;
mod takes_mail;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;
use crate::modules::javascript::listed;

pub(super) use probe::probe;

pub(super) const CHECKS: &[Check] = &[takes_mail::CHECK, registered::CHECK];

/// What came of asking for look-alikes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookAlikes {
    /// How many names were asked for, at most 16.
    pub asked: usize,
    /// Those that others have registered.
    pub registered: Vec<LookAlike>,
    /// Why one of them was not seen.
    pub unseen: Option<Missing>,
}

/// A name that somebody else has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookAlike {
    pub name: String,
    pub takes_mail: Seen<bool>,
}

/// Fails with the look-alikes that `wanted` wants.
fn judge(
    evidence: &Evidence,
    wanted: impl Fn(&LookAlike) -> Seen<bool>,
) -> Result<Verdict, Missing> {
    let seen = evidence.subdomains()?.look_alikes.as_ref().ok_or_else(Missing::not_probed)?;
    let seen = seen.as_ref().map_err(Clone::clone)?;
    if seen.asked == 0 {
        return Ok(Verdict::NotApplicable("the name is too short to have look-alikes of its own"));
    }
    let mut missing = seen.unseen.clone();
    let mut found = Vec::new();
    for look_alike in &seen.registered {
        match wanted(look_alike) {
            Ok(true) => found.push(look_alike.name.clone()),
            Ok(false) => {}
            Err(why) => missing = Some(why),
        }
    }
    match missing {
        Some(missing) if found.is_empty() => Err(missing),
        _ => Ok(Verdict::fail_if(!found.is_empty(), || listed(found))),
    }
}

/// A domain with one look-alike, for tests.
#[cfg(test)]
fn with(takes_mail: Seen<bool>) -> Evidence {
    let registered = vec![LookAlike { name: "sh0p.example".to_owned(), takes_mail }];
    seen(LookAlikes { asked: 16, registered, unseen: None })
}

#[cfg(test)]
fn seen(look_alikes: LookAlikes) -> Evidence {
    let subdomains = super::SubdomainsEvidence {
        look_alikes: Some(Ok(look_alikes)),
        ..super::SubdomainsEvidence::default()
    };
    Evidence { subdomains: Some(subdomains), ..Evidence::default() }
}
