//! May other sites put the page into a frame: `frame-ancestors` of CSP, or `X-Frame-Options`.
//!
//! `frame-ancestors` in a header wins; in `<meta>` it means nothing.

mod any_origin;
mod invalid;
mod missing;
pub(crate) mod options;

use options::FrameOptions;

use super::csp::policy::Policy;
use super::evidence::Hop;
use crate::check::Check;

/// What refusing frames breaks.
const CAREFUL: &str = "Pages that other sites frame on purpose go blank there, such as payment forms, \
    maps and dashboards: name those sites in frame-ancestors, and send no X-Frame-Options with these \
    pages.";

pub const CHECKS: &[Check] = &[missing::CHECK, any_origin::CHECK, invalid::CHECK];

const BY_CSP: &str = "`frame-ancestors` decides";

/// Returns the `frame-ancestors` lists of a page's header policies.
fn ancestors(page: &Hop) -> Vec<Vec<String>> {
    let policies = page.all("content-security-policy").flat_map(Policy::parse_list);
    policies
        .filter_map(|policy| policy.directive("frame-ancestors").map(<[String]>::to_vec))
        .collect()
}

fn frame_options(page: &Hop) -> FrameOptions {
    FrameOptions::parse(page.all("x-frame-options"))
}
