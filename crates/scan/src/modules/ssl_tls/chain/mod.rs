//! Whether somebody vouches for the certificate.

mod incomplete;
mod misordered;
mod self_signed;
mod surplus;
mod untrusted;

use crate::check::Check;

pub(super) const CHECKS: &[Check] =
    &[self_signed::CHECK, untrusted::CHECK, incomplete::CHECK, misordered::CHECK, surplus::CHECK];
