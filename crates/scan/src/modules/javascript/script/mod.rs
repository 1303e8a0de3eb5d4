//! What a page's scripts are, and what it loads or sends in the clear.

mod form_in_the_clear;
mod mixed_active;
mod mixed_passive;
mod third_party;
mod vulnerable_library;

use super::{Document, NO_DOCUMENT};
use crate::check::{Check, Missing, Verdict};
use crate::evidence::Evidence;
use crate::modules::http_headers::csp::policies;
use crate::modules::http_headers::markup::{Resource, ResourceKind};
use crate::net::Scheme;

pub const CHECKS: &[Check] = &[
    vulnerable_library::CHECK,
    mixed_active::CHECK,
    form_in_the_clear::CHECK,
    mixed_passive::CHECK,
    third_party::CHECK,
];

const NOT_SECURE: &str = "the page itself came over plain HTTP";
const UPGRADED: &str = "the page's policy makes browsers fetch everything over HTTPS";

/// Fails when a page that came over HTTPS names resources of these kinds over plain HTTP, unless
/// its policy makes browsers upgrade or drop them (W3C Mixed Content, section 4; Upgrade Insecure
/// Requests, section 3).
fn judge_insecure(evidence: &Evidence, kinds: &[ResourceKind]) -> Result<Verdict, Missing> {
    let Some(document) = Document::of(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_DOCUMENT));
    };
    if document.page.scheme != Scheme::Https {
        return Ok(Verdict::NotApplicable(NOT_SECURE));
    }
    let upgrades = policies(document.page)
        .iter()
        .any(|policy| policy.directive("upgrade-insecure-requests").is_some());
    if upgrades {
        return Ok(Verdict::NotApplicable(UPGRADED));
    }
    let insecure = |resource: &&Resource| {
        resource.scheme == Scheme::Http && kinds.contains(&resource.kind) && !is_local(resource)
    };
    let found = document.markup.resources.iter().filter(insecure).map(Resource::url);
    document.verdict(found.collect())
}

/// Says whether a resource lies on the visitor's own machine, which browsers trust.
fn is_local(resource: &Resource) -> bool {
    matches!(resource.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}
