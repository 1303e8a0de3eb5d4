//! Known flaws of the protocol that a hello gives away.

mod compression;
mod heartbeat;
mod insecure_renegotiation;
mod no_extended_master_secret;
mod poodle_ssl3;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    poodle_ssl3::CHECK,
    compression::CHECK,
    insecure_renegotiation::CHECK,
    no_extended_master_secret::CHECK,
    heartbeat::CHECK,
];
