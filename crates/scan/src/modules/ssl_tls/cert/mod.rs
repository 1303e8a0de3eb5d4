//! What the certificate itself is worth.

mod addresses_differ;
mod default_differs;
mod expired;
mod expires_soon;
mod extended_unproven;
mod few_logs;
mod internal_name;
mod key_reused;
mod known_key;
mod lifetime_too_long;
mod logs_not_accepted;
mod many_names;
mod must_staple_without_staple;
mod no_san;
mod no_sct;
mod not_stapled;
mod not_yet_valid;
mod odd_exponent;
mod revoked;
mod roca_key;
mod shared_prime;
mod shared_with_mail;
mod short_key;
mod staple_useless;
mod timestamp_forged;
mod weak_key;
mod weak_signature;
mod wildcard;
mod wrong_name;
mod www_wrong_name;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    expired::CHECK,
    not_yet_valid::CHECK,
    expires_soon::CHECK,
    wrong_name::CHECK,
    revoked::CHECK,
    no_san::CHECK,
    lifetime_too_long::CHECK,
    short_key::CHECK,
    weak_signature::CHECK,
    no_sct::CHECK,
    few_logs::CHECK,
    timestamp_forged::CHECK,
    logs_not_accepted::CHECK,
    must_staple_without_staple::CHECK,
    staple_useless::CHECK,
    not_stapled::CHECK,
    default_differs::CHECK,
    internal_name::CHECK,
    roca_key::CHECK,
    weak_key::CHECK,
    known_key::CHECK,
    shared_prime::CHECK,
    odd_exponent::CHECK,
    key_reused::CHECK,
    shared_with_mail::CHECK,
    wildcard::CHECK,
    many_names::CHECK,
    extended_unproven::CHECK,
    www_wrong_name::CHECK,
    addresses_differ::CHECK,
];
