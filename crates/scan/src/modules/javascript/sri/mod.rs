//! Subresource Integrity: can other people's files be swapped unnoticed.

pub(crate) mod integrity;
mod invalid;
mod missing;
mod missing_style;
mod no_crossorigin;

use super::providers::is_evergreen;
use super::{Document, NO_DOCUMENT, listed};
use crate::check::{Check, Missing, Verdict};
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;

pub const CHECKS: &[Check] =
    &[missing::CHECK, invalid::CHECK, missing_style::CHECK, no_crossorigin::CHECK];

const NONE_FOREIGN: &str = "the page loads nothing of this kind from other people's hosts";
const ALL_EVERGREEN: &str =
    "what the page loads from other people's hosts changes without notice, so no hash of it holds";
const NO_INTEGRITY: &str = "nothing the page loads has an integrity attribute";

/// Fails when something of this kind comes from another's host without an integrity attribute,
/// although it could have one.
fn judge_missing(evidence: &Evidence, kind: ResourceKind) -> Result<Verdict, Missing> {
    let Some(document) = Document::of(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_DOCUMENT));
    };
    let bare: Vec<_> = document
        .foreign(kind)
        .filter(|resource| resource.integrity.as_deref().is_none_or(|text| text.trim().is_empty()))
        .collect();
    let (evergreen, wanting): (Vec<_>, Vec<_>) =
        bare.into_iter().partition(|resource| is_evergreen(&resource.host, &resource.path));
    let with_hash = document.foreign(kind).count() - evergreen.len() - wanting.len();
    if wanting.is_empty() && with_hash == 0 {
        return document.inapplicable(match evergreen.is_empty() {
            true => NONE_FOREIGN,
            false => ALL_EVERGREEN,
        });
    }
    let exempt = evergreen.iter().map(|resource| resource.host.clone()).collect::<Vec<_>>();
    let mut found: Vec<_> = wanting.iter().map(|resource| resource.url()).collect();
    if let (Some(last), false) = (found.last_mut(), exempt.is_empty()) {
        let exempt = listed(exempt);
        last.push_str(&format!(" (not counted, as no hash of it holds: {exempt})"));
    }
    document.verdict(found)
}

/// Judges every integrity attribute of scripts and styles.
fn judge_attributes(
    evidence: &Evidence,
    problem: fn(&Document<'_>, &crate::modules::http_headers::markup::Resource) -> Option<String>,
) -> Result<Verdict, Missing> {
    let Some(document) = Document::of(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_DOCUMENT));
    };
    let loaded: Vec<_> = document
        .all(ResourceKind::Script)
        .chain(document.all(ResourceKind::Style))
        .filter(|resource| resource.integrity.is_some())
        .collect();
    if loaded.is_empty() {
        return document.inapplicable(NO_INTEGRITY);
    }
    let found = loaded.iter().filter_map(|resource| {
        problem(&document, resource).map(|problem| format!("{} {problem}", resource.url()))
    });
    document.verdict(found.collect())
}
