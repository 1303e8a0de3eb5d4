//! CAA: which authorities may issue certificates (RFC 8659).

mod invalid;
pub(super) mod issuer;
mod missing;
mod no_issuer;
mod no_report_address;
mod unknown_critical;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing};
use crate::evidence::Evidence;

pub use issuer::Issuer;

pub(crate) const CHECKS: &[Check] = &[
    missing::CHECK,
    no_issuer::CHECK,
    invalid::CHECK,
    unknown_critical::CHECK,
    no_report_address::CHECK,
];

/// The CAA records that apply, found by climbing from the domain towards the root (section 3).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CaaEvidence {
    /// The name that has the records.
    pub found_at: Option<String>,
    pub properties: Vec<CaaProperty>,
}

/// One property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaaProperty {
    pub critical: bool,
    /// Lower case: `issue`, `issuewild`, `iodef`, …
    pub tag: String,
    /// At most 255 characters.
    pub value: String,
}

impl CaaProperty {
    /// Returns whether the value names an authority.
    fn names_issuer(&self) -> bool {
        matches!(self.tag.as_str(), "issue" | "issuewild" | "issuemail" | "issuevmc")
    }
}

/// Why most questions do not arise.
const NO_RECORD: &str = "the domain has no CAA record";

/// Returns the CAA records that apply, if there are any.
fn records(evidence: &Evidence) -> Result<Option<&[CaaProperty]>, Missing> {
    let caa = evidence.dns_email()?.caa.as_ref().map_err(Clone::clone)?;
    Ok((!caa.properties.is_empty()).then_some(caa.properties.as_slice()))
}

/// Tags that RFC 8659 and its registry define.
const KNOWN: &[&str] =
    &["issue", "issuewild", "iodef", "contactemail", "contactphone", "issuevmc", "issuemail"];

#[cfg(test)]
fn with_properties(properties: &[(bool, &str, &str)]) -> Evidence {
    let property = |(critical, tag, value): &(bool, &str, &str)| CaaProperty {
        critical: *critical,
        tag: (*tag).to_owned(),
        value: (*value).to_owned(),
    };
    let properties: Vec<_> = properties.iter().map(property).collect();
    let found_at = (!properties.is_empty()).then(|| "example.com".to_owned());
    super::seen(|dns| dns.caa = Ok(CaaEvidence { found_at, properties }))
}
