//! What the certificate itself is worth.

mod addresses_differ;
mod expired;
mod expires_soon;
mod lifetime_too_long;
mod must_staple_without_staple;
mod no_san;
mod no_sct;
mod not_yet_valid;
mod short_key;
mod weak_signature;
mod wrong_name;
mod www_wrong_name;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    expired::CHECK,
    not_yet_valid::CHECK,
    expires_soon::CHECK,
    wrong_name::CHECK,
    no_san::CHECK,
    lifetime_too_long::CHECK,
    short_key::CHECK,
    weak_signature::CHECK,
    no_sct::CHECK,
    must_staple_without_staple::CHECK,
    www_wrong_name::CHECK,
    addresses_differ::CHECK,
];
