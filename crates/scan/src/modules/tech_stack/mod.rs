//! Technology: what a site is built with, and which of it its makers no longer mend.
//!
//! Judges the evidence of the HTTP probe. `products` reads products and versions from headers,
//! cookies, markup and addresses; `lifetimes` is the dated table of when versions end.
//!
//! To add a product: a row in `products`; when its versions end, in `lifetimes`. To add a check:
//! `<topic>/<problem>.rs`, its line in the topic's `CHECKS`, `cargo xtask docs`.
//!
//! Invariant: a version that is not told, or that the table does not know, never passes.

pub mod eol;
mod lifetimes;
pub(crate) mod products;
pub mod tech;

use crate::check::{Check, Seen};
use crate::evidence::Evidence;
use products::Product;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[eol::CHECKS, tech::CHECKS];

/// Returns what the site tells about its software; a site that hides behind a block page or does
/// not answer tells nothing.
fn seen(evidence: &Evidence) -> Seen<Vec<Product>> {
    let http = evidence.http()?;
    let page = http.page()?;
    let document = http.document().ok().flatten();
    Ok(products::products(page, document.map(|(_, markup)| markup)))
}
