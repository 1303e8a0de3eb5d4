//! How keys are agreed on.

mod common_prime;
mod finite_field;
mod no_post_quantum;
mod sha1_signature;
mod short_prime;
mod weak_curve;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    short_prime::CHECK,
    weak_curve::CHECK,
    no_post_quantum::CHECK,
    sha1_signature::CHECK,
    common_prime::CHECK,
    finite_field::CHECK,
];
