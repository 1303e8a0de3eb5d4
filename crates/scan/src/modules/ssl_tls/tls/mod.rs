//! Which versions are offered.

mod no_http2;
mod no_tls12_or_later;
mod no_tls13;
mod ssl2;
mod ssl3;
mod tls10;
mod tls11;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    ssl2::CHECK,
    ssl3::CHECK,
    tls10::CHECK,
    tls11::CHECK,
    no_tls12_or_later::CHECK,
    no_tls13::CHECK,
    no_http2::CHECK,
];
