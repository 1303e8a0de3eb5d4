//! TLS-RPT: where senders report that encryption failed (RFC 8460).

mod invalid;
mod missing;
mod multiple_records;

use crate::check::{Check, Seen};
use crate::evidence::Evidence;

pub(super) const CHECKS: &[Check] = &[missing::CHECK, multiple_records::CHECK, invalid::CHECK];

const NO_RECORD: &str = "there is no single TLS-RPT record";

/// Returns the records; `None` for a domain without mail.
fn records(evidence: &Evidence) -> Seen<Option<&[String]>> {
    let mail = evidence.mail()?;
    if mail.exchanges.as_ref().map_err(Clone::clone)?.is_empty() {
        return Ok(None);
    }
    mail.tls_rpt.as_deref().map(Some).map_err(Clone::clone)
}
