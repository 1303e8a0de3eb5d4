//! STARTTLS: whether mail can travel encrypted to the domain's servers (RFC 3207), and how well.
//!
//! Senders that have no policy to follow take any encryption over none (RFC 7435), so certificates
//! and old versions weigh less here than on the web.

mod broken_suites;
mod certificate_date;
mod certificate_name;
mod certificate_untrusted;
mod command_injection;
mod fails;
mod missing;
mod no_tls13;
mod old_tls;
mod ssl3;
mod stripped;
mod unnamed_greeting;

use super::Session;
use crate::check::Check;

pub(super) const CHECKS: &[Check] = &[
    missing::CHECK,
    stripped::CHECK,
    fails::CHECK,
    ssl3::CHECK,
    broken_suites::CHECK,
    certificate_date::CHECK,
    old_tls::CHECK,
    certificate_name::CHECK,
    certificate_untrusted::CHECK,
    no_tls13::CHECK,
    unnamed_greeting::CHECK,
    command_injection::CHECK,
];

/// Returns whether a firewall has overwritten what the server offers.
fn stripped(session: &Session) -> bool {
    session.extensions.iter().any(|line| line.len() >= 6 && line[..6].bytes().all(|it| it == b'X'))
}
