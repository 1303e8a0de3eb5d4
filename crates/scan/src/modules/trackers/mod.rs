//! Trackers: other people's servers that learn of a visit before anybody was asked.
//!
//! Judges what the HTTP probe keeps of the page's markup. The page is fetched without any consent
//! given, so what it names then loads before consent. `table` knows the hosts. Cookies that those
//! servers set, and what their scripts load in turn, cannot be seen without running the page.
//!
//! To add a tracker: a row in `table`. To add a category: a variant there and a check here.
//!
//! Invariant: a script whose type keeps browsers from running it (`text/plain`, as consent managers
//! use it) is no tracker.

mod advertising;
mod analytics;
mod embed;
mod font;
mod session_recording;
mod table;
mod tag_manager;

use table::{Category, find};

use crate::check::{Check, Missing, Verdict};
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::modules::javascript::{Document, NO_DOCUMENT};

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[&[
    session_recording::CHECK,
    advertising::CHECK,
    analytics::CHECK,
    font::CHECK,
    embed::CHECK,
    tag_manager::CHECK,
]];

/// Fails when the page loads something of this category, or an inline script names its host.
fn judge(evidence: &Evidence, category: Category) -> Result<Verdict, Missing> {
    let Some(document) = Document::of(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_DOCUMENT));
    };
    let loaded = document.markup.resources.iter().filter(|resource| {
        resource.kind != ResourceKind::Form && !document.http.is_same_site(&resource.host)
    });
    let mut found: Vec<String> = Vec::new();
    for resource in loaded {
        if let Some(tracker) = find(&resource.host, &resource.path)
            && tracker.category == category
        {
            found.push(format!("{} ({})", tracker.name, resource.host));
        }
    }
    // An address in a script may be a link; a host that serves nothing but a tracker is none.
    for host in &document.markup.inline_hosts {
        if let Some(tracker) = find(host, "").filter(|tracker| tracker.is_only_that())
            && tracker.category == category
        {
            found.push(format!("{} ({host})", tracker.name));
        }
    }
    document.verdict(found)
}
