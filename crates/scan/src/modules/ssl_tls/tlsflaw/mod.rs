//! Known flaws of the protocol that a hello gives away.

mod compression;
mod heartbeat;
mod insecure_renegotiation;
mod no_extended_master_secret;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    compression::CHECK,
    insecure_renegotiation::CHECK,
    no_extended_master_secret::CHECK,
    heartbeat::CHECK,
];
