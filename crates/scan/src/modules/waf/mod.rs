//! Shields: a web application firewall or delivery network in front of the site.
//!
//! Reported, not judged: the module has no weight. It judges the evidence of the HTTP probe, and
//! tells that probe which responses are block pages ([`block_sign`]), so that nobody grades a
//! shield for the site behind it. `products` holds the marks of shields, `block` those of their
//! block pages.
//!
//! To add a check: `<problem>.rs`, its line in [`TOPICS`], `cargo xtask docs`.

mod block;
mod block_page;
mod detected;
mod products;

pub(crate) use block::block_sign;

use crate::check::Check;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[&[block_page::CHECK, detected::CHECK]];
