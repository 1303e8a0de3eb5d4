//! CAA: which authorities may issue certificates (RFC 8659).

mod missing;
mod no_report_address;
mod unknown_critical;

use serde::{Deserialize, Serialize};

use crate::check::Check;

pub(crate) const CHECKS: &[Check] =
    &[missing::CHECK, unknown_critical::CHECK, no_report_address::CHECK];

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
    pub value: String,
}

/// Tags that RFC 8659 and its registry define.
const KNOWN: &[&str] =
    &["issue", "issuewild", "iodef", "contactemail", "contactphone", "issuevmc", "issuemail"];

#[cfg(test)]
fn with_properties(properties: &[(bool, &str, &str)]) -> crate::evidence::Evidence {
    let property = |(critical, tag, value): &(bool, &str, &str)| CaaProperty {
        critical: *critical,
        tag: (*tag).to_owned(),
        value: (*value).to_owned(),
    };
    let properties: Vec<_> = properties.iter().map(property).collect();
    let found_at = (!properties.is_empty()).then(|| "example.com".to_owned());
    super::seen(|dns| dns.caa = Ok(CaaEvidence { found_at, properties }))
}
