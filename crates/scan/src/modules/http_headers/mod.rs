//! HTTP and browser policy: is HTTPS the only way in, and what do the responses tell browsers.
//!
//! `probe` follows redirects from `http://` and `https://` and then asks for what should not be
//! there, within [`MOST_REQUESTS`]; what came back is [`HttpEvidence`]. `location`, `markup`, `leak`,
//! `exposure`, `hsts::header`, `csp::policy`, `framing::options` and `securitytxt::file` parse one thing each and never fail.
//! `elsewhere` compares the domain's other addresses, `preload` looks into the operator's copy of the
//! browsers' list, `door` whether port 443 opens.
//! One file per check below the folder of its topic. The modules `cookies`,
//! `javascript`, `trackers`, `tech_stack` and `waf` judge the same evidence.
//!
//! To add a check: `<topic>/<problem>.rs`, its line in the topic's `CHECKS`, `cargo xtask docs`.
//!
//! Invariants: a block page is never judged; no cookie value, no query and no content of a leaked
//! file ever enters the evidence.

pub mod cors;
pub mod csp;
pub mod disclosure;
mod door;
pub mod elsewhere;
pub mod evidence;
pub(crate) mod exposure;
pub mod framing;
pub mod header;
pub mod hsts;
pub mod https;
pub(crate) mod leak;
pub(crate) mod location;
pub mod markup;
mod paste;
mod preload;
mod probe;
#[cfg(test)]
pub(crate) mod sample;
pub mod securitytxt;
mod walk;

pub use evidence::HttpEvidence;
pub(crate) use probe::probe;

use crate::check::Check;

/// Requests one scan sends to a site, redirects included.
const MOST_REQUESTS: u32 = 27;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[
    https::CHECKS,
    hsts::CHECKS,
    csp::CHECKS,
    framing::CHECKS,
    header::CHECKS,
    cors::CHECKS,
    disclosure::CHECKS,
    securitytxt::CHECKS,
];
