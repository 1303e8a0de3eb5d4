//! What a site tells about how it is built.

mod fingerprint;
mod generator_version;

use crate::check::Check;

pub const CHECKS: &[Check] = &[generator_version::CHECK, fingerprint::CHECK];
