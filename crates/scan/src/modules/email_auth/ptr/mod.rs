//! Reverse names: whether the addresses of the mail servers have names that lead back to them.

mod missing;
mod not_confirmed;

use super::{Heard, Reverse, judge_servers};
use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub(super) const CHECKS: &[Check] = &[missing::CHECK, not_confirmed::CHECK];

/// Judges the addresses of every mail server.
fn judge_addresses(
    evidence: &Evidence,
    question: impl Fn(&Reverse) -> Seen<Heard>,
) -> Result<Verdict, Missing> {
    judge_servers(evidence, "no address of a mail server has a name", |server| {
        let mut heard = Heard::Nothing;
        for reverse in &server.reverse {
            match question(reverse)? {
                Heard::Bad(seen) => return Ok(Heard::Bad(seen)),
                Heard::Fine => heard = Heard::Fine,
                Heard::Nothing => {}
            }
        }
        Ok(heard)
    })
}
