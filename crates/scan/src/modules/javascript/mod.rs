//! Scripts and styles of a page: whose they are, whether they can be swapped, known flaws in them.
//!
//! Judges what the HTTP probe keeps of the page's markup. `libraries` recognises libraries by
//! address or banner, `flaws` is the dated table of their flaws, `providers` those that cannot
//! carry a hash. Scripts that other scripts load later are not seen.
//!
//! To add a check: `<topic>/<problem>.rs`, its line in the topic's `CHECKS`, `cargo xtask docs`.
//! To add a library: a row in `libraries` and its flaws in `flaws`.
//!
//! Invariant: a list that was cut short never passes.

pub(crate) mod flaws;
pub(crate) mod libraries;
mod paste;
mod providers;
pub mod script;
pub mod sri;

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;
use crate::modules::http_headers::HttpEvidence;
use crate::modules::http_headers::evidence::Hop;
use crate::modules::http_headers::markup::{Markup, Resource, ResourceKind};

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[script::CHECKS, sri::CHECKS];

pub(crate) const NO_DOCUMENT: &str = "the page is no HTML document";
const CUT: &str = "the page is longer than what is read of it";

/// A page and what it loads.
pub(crate) struct Document<'a> {
    pub(crate) http: &'a HttpEvidence,
    pub(crate) page: &'a Hop,
    pub(crate) markup: &'a Markup,
}

impl<'a> Document<'a> {
    /// Returns the page; `None` when it is no HTML document.
    pub(crate) fn of(evidence: &'a Evidence) -> Seen<Option<Self>> {
        let http = evidence.http()?;
        Ok(http.document()?.map(|(page, markup)| Self { http, page, markup }))
    }

    /// Returns the resources of one kind.
    pub(crate) fn all(&self, kind: ResourceKind) -> impl Iterator<Item = &'a Resource> {
        self.markup.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// Returns the resources of one kind that come from other people's hosts.
    pub(crate) fn foreign(&self, kind: ResourceKind) -> impl Iterator<Item = &'a Resource> {
        let http = self.http;
        self.all(kind).filter(move |resource| !http.is_same_site(&resource.host))
    }

    /// Fails with what was found; passes only when the whole page was read.
    pub(crate) fn verdict(&self, found: Vec<String>) -> Result<Verdict, Missing> {
        match (found.is_empty(), self.markup.is_cut) {
            (true, true) => Err(Missing(CUT.to_owned())),
            (true, false) => Ok(Verdict::Pass),
            (false, _) => Ok(Verdict::Fail(listed(found))),
        }
    }

    /// Says that a question does not arise; only when the whole page was read.
    pub(crate) fn inapplicable(&self, reason: &'static str) -> Result<Verdict, Missing> {
        match self.markup.is_cut {
            true => Err(Missing(CUT.to_owned())),
            false => Ok(Verdict::NotApplicable(reason)),
        }
    }
}

/// Joins what was found, each once, at most five of it.
pub(crate) fn listed(found: Vec<String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for line in found {
        if !once.contains(&line) {
            once.push(line);
        }
    }
    let more = once.len().saturating_sub(5);
    once.truncate(5);
    let mut text = once.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
