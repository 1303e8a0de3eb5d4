//! Which suites are offered below TLS 1.3, which has no bad ones.

mod anonymous;
mod cbc;
mod client_order;
mod export;
mod no_aead;
mod no_forward_secrecy;
mod null;
mod rc4;
mod small_block;
mod static_key_exchange;

use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    null::CHECK,
    anonymous::CHECK,
    export::CHECK,
    rc4::CHECK,
    small_block::CHECK,
    cbc::CHECK,
    no_forward_secrecy::CHECK,
    static_key_exchange::CHECK,
    no_aead::CHECK,
    client_order::CHECK,
];
