//! Cross-origin resource sharing: which other sites may read responses with the visitor's cookies.

mod reflects_origin;
mod wildcard_with_credentials;

use crate::check::Check;

pub const CHECKS: &[Check] = &[reflects_origin::CHECK, wildcard_with_credentials::CHECK];
