//! Software whose makers no longer mend it, or whose version has a known flaw.

mod cms;
mod exploited_flaw;
mod flawed;
mod known_flaw;
mod language;
mod library;
mod possible_flaw;
mod server;

use super::lifetimes::{AS_OF, Life, knows, life, source};
use super::products::Product;
use super::seen;
use crate::check::{Check, Missing, Verdict};
use crate::evidence::Evidence;
use crate::modules::javascript::listed;

pub const CHECKS: &[Check] = &[
    exploited_flaw::CHECK,
    known_flaw::CHECK,
    possible_flaw::CHECK,
    language::CHECK,
    server::CHECK,
    cms::CHECK,
    library::CHECK,
];

/// Fails when one of these products has ended; passes only when each that tells its version is
/// supported by the table.
fn judge(evidence: &Evidence, names: &[&str], none: &'static str) -> Result<Verdict, Missing> {
    let day = evidence.seen_at()?;
    let told: Vec<Product> = seen(evidence)?
        .into_iter()
        .filter(|product| names.contains(&product.name) && knows(product.name))
        .filter(|product| product.version.is_some())
        .collect();
    let mut ended = Vec::new();
    let mut unknown = Vec::new();
    for product in &told {
        match life(product.name, product.version.as_deref().unwrap_or_default(), day) {
            Life::Ended(end) => ended.push(format!(
                "{} ({}) gets no updates since {end} at the latest, says {}",
                product.label(),
                product.by,
                source(product.name)
            )),
            Life::Supported => {}
            Life::Unknown => unknown.push(product.label()),
        }
    }
    match (ended.is_empty(), unknown.is_empty()) {
        (false, _) => Ok(Verdict::Fail(listed(ended))),
        (true, false) => Err(Missing(format!(
            "the table of lifetimes (as of {AS_OF}) does not know {}",
            listed(unknown)
        ))),
        (true, true) if told.is_empty() => Ok(Verdict::NotApplicable(none)),
        (true, true) => Ok(Verdict::Pass),
    }
}
