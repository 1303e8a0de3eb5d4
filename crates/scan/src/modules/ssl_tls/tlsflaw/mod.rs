//! Known flaws of the protocol that a hello gives away.

mod compression;
mod drown;
mod heartbeat;
mod insecure_renegotiation;
mod no_extended_master_secret;
mod no_fallback_scsv;
mod opossum;
mod poodle_ssl3;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    poodle_ssl3::CHECK,
    compression::CHECK,
    insecure_renegotiation::CHECK,
    no_extended_master_secret::CHECK,
    heartbeat::CHECK,
    no_fallback_scsv::CHECK,
    opossum::CHECK,
    drown::CHECK,
];
