//! BIMI: a logo beside mail that DMARC has proven genuine. Neither logo nor evidence is fetched.

mod invalid;
mod missing;
mod no_evidence;
mod without_enforcement;

use crate::check::{Check, Seen};
use crate::evidence::Evidence;

pub(super) const CHECKS: &[Check] =
    &[invalid::CHECK, without_enforcement::CHECK, missing::CHECK, no_evidence::CHECK];

const NO_RECORD: &str = "there is no single BIMI record";

/// Returns the records of the default selector; `None` for a domain without mail.
fn records(evidence: &Evidence) -> Seen<Option<&[String]>> {
    let mail = evidence.mail()?;
    if mail.exchanges.as_ref().map_err(Clone::clone)?.is_empty() {
        return Ok(None);
    }
    mail.bimi.as_deref().map(Some).map_err(Clone::clone)
}
