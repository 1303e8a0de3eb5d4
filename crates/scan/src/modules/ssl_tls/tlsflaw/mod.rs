//! Known flaws of the protocol: those that a hello gives away, and those that only an attack shows
//! (`intrusive`).

mod ccs_injection;
mod client_renegotiation;
mod compression;
mod drown;
mod heartbeat;
mod heartbleed;
mod insecure_renegotiation;
mod no_extended_master_secret;
mod no_fallback_scsv;
mod opossum;
mod padding_oracle;
mod poodle_ssl3;
mod robot;
mod ticketbleed;
mod winshock;

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
    heartbleed::CHECK,
    ccs_injection::CHECK,
    robot::CHECK,
    ticketbleed::CHECK,
    padding_oracle::CHECK,
    client_renegotiation::CHECK,
    winshock::CHECK,
];
