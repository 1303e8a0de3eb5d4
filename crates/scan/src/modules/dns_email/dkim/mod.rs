//! DKIM: the keys that sign the domain's mail (RFC 6376).
//!
//! Selectors cannot be listed, so the usual ones are tried; what is not among them is not seen, and
//! the finding says so.

mod key;
mod not_found;
mod revoked;
mod sha1_only;
mod short_key;
mod testing;
mod unreadable_key;
mod weak_key;

use serde::{Deserialize, Serialize};

pub use key::{Algorithm, DkimKey};

use crate::check::{Check, Missing};
use crate::evidence::Evidence;

pub(crate) const CHECKS: &[Check] = &[
    not_found::CHECK,
    weak_key::CHECK,
    unreadable_key::CHECK,
    short_key::CHECK,
    sha1_only::CHECK,
    testing::CHECK,
    revoked::CHECK,
];

/// Selectors of widely used mail services and habits.
pub(super) const SELECTORS: &[&str] = &[
    "default",
    "dkim",
    "mail",
    "smtp",
    "email",
    "google",
    "selector1",
    "selector2",
    "k1",
    "k2",
    "k3",
    "s1",
    "s2",
    "fm1",
    "fm2",
    "fm3",
    "protonmail",
    "zoho",
    "mandrill",
    "mxvault",
    "mailjet",
    "sendgrid",
    "amazonses",
    "hs1",
    "key1",
];

/// The keys found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DkimEvidence {
    /// A key with the selector `*` is one that every name below `_domainkey` has; selectors that
    /// have only that one do not stand here.
    pub keys: Vec<DkimKey>,
    /// How many selectors gave an answer.
    pub tried: usize,
    /// Why the others gave none.
    pub unseen: Option<Missing>,
}

/// Stands for every selector.
pub(super) const WILDCARD: &str = "*";

/// Why questions about keys do not arise.
const NO_KEY: &str = "no key was found on the selectors we tried";

/// Returns the keys, or `None` when there are none.
fn keys(evidence: &Evidence) -> Result<Option<&[DkimKey]>, Missing> {
    let dkim = evidence.dns_email()?.dkim.as_ref().map_err(Clone::clone)?;
    Ok((!dkim.keys.is_empty()).then_some(dkim.keys.as_slice()))
}

/// Returns the selectors of the keys that `wanted` picks, for a finding.
fn selectors(keys: &[DkimKey], wanted: impl Fn(&DkimKey) -> bool) -> String {
    let picked = keys.iter().filter(|key| wanted(key)).map(|key| format!("`{}`", key.selector));
    picked.collect::<Vec<_>>().join(", ")
}

/// A key, for tests.
#[cfg(test)]
fn key(algorithm: Algorithm) -> DkimKey {
    let (selector, text) = ("s1".to_owned(), String::new());
    DkimKey { selector, text, algorithm, testing: false, sha1_only: false }
}

#[cfg(test)]
fn with_key(algorithm: Algorithm, testing: bool, sha1_only: bool) -> Evidence {
    let key = DkimKey { testing, sha1_only, ..key(algorithm) };
    super::seen(|dns| {
        dns.dkim = Ok(DkimEvidence { keys: vec![key], tried: 25, ..Default::default() });
    })
}
