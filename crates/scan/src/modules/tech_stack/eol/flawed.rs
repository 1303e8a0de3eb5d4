use crate::check::{Missing, Verdict};
use crate::evidence::Evidence;
use crate::known_flaws::{Kind, flaws, knows};
use crate::modules::javascript::listed;
use crate::modules::tech_stack::seen;

/// Fails when the site names a version with flaws of one kind. One topic with the end of updates:
/// the remedy is the same, and it is charged once.
pub(super) fn judge(evidence: &Evidence, kind: Kind) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let products = seen(evidence)?;
    let page = http.page()?;
    let headers = ["server", "x-powered-by"].into_iter().flat_map(|name| page.all(name));
    // Whose package a product is stands somewhere beside it: `PHP/7.4.3-4ubuntu2`.
    let around = headers.collect::<Vec<_>>().join(" ");
    let mut told = false;
    let mut found = Vec::new();
    for product in products.iter().filter(|product| knows(product.name)) {
        let Some(version) = &product.version else { continue };
        told = true;
        let its = flaws(product.name, version, &around, &http.exploited);
        let its: Vec<_> =
            its.into_iter().filter(|flaw| flaw.kind == kind).map(|flaw| flaw.told).collect();
        if !its.is_empty() {
            found.push(format!("{} ({}) has {}", product.label(), product.by, its.join("; ")));
        }
    }
    match told {
        false => Ok(Verdict::NotApplicable("the site names no version of the table")),
        true => Ok(Verdict::fail_if(!found.is_empty(), || listed(found))),
    }
}
