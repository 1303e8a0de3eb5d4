//! DANE: the certificates of mail servers in DNS (RFC 7672).
//!
//! Senders ignore records that no chain of trust leads to; of those only the form is judged. The
//! DNSSEC module walks the chain, to whatever zone the server is named in.

mod mismatch;
mod missing;
mod not_recommended;
mod not_signed;
mod partial;
mod unusable;

use super::{Heard, MailServer, TlsaRecord, judge_servers};
use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub(super) const CHECKS: &[Check] = &[
    mismatch::CHECK,
    unusable::CHECK,
    partial::CHECK,
    not_signed::CHECK,
    missing::CHECK,
    not_recommended::CHECK,
];

const NO_RECORDS: &str = "no mail server has TLSA records that count";

/// Judges the records of every mail server that has some.
fn judge_records(
    evidence: &Evidence,
    question: impl Fn(&MailServer, &[TlsaRecord]) -> Seen<Heard>,
) -> Result<Verdict, Missing> {
    judge_servers(evidence, NO_RECORDS, |server| {
        match server.tlsa.as_deref().map_err(Clone::clone)? {
            [] => Ok(Heard::Nothing),
            records => question(server, records),
        }
    })
}
