//! One DMARC record (RFC 9989, section 4.7). Parsing never fails: what is wrong is kept in `errors`.

use serde::{Deserialize, Serialize};

/// A parsed `v=DMARC1` record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmarcRecord {
    /// What is asked for mail of the domain itself; `none` when the tag is missing.
    pub policy: Policy,
    /// For existing subdomains, when it differs.
    pub subdomains: Option<Policy>,
    /// For subdomains that do not exist, when it differs.
    pub absent_subdomains: Option<Policy>,
    /// `t=y`: receivers are asked not to apply the policy.
    pub testing: bool,
    /// `psd=y` or `psd=n`.
    pub public_suffix: Option<bool>,
    /// Addresses for aggregate reports.
    pub aggregate: Vec<String>,
    /// Addresses for failure reports.
    pub failure: Vec<String>,
    /// Tags that RFC 9989 removed: `pct`, `rf`, `ri`.
    pub removed: Vec<String>,
    /// What does not follow the grammar, as clauses.
    pub errors: Vec<String>,
}

/// What a domain asks receivers to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    #[default]
    None,
    Quarantine,
    Reject,
}

impl Policy {
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "none" => Some(Self::None),
            "quarantine" => Some(Self::Quarantine),
            "reject" => Some(Self::Reject),
            _ => None,
        }
    }

    /// Returns the word of the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

impl DmarcRecord {
    /// Returns whether a TXT record is a DMARC record: it begins with `v=DMARC1`.
    pub fn is_dmarc(text: &str) -> bool {
        let first = text.split(';').next().unwrap_or_default();
        let Some((tag, value)) = first.split_once('=') else { return false };
        tag.trim().eq_ignore_ascii_case("v") && value.trim() == "DMARC1"
    }

    /// Parses a record that [`Self::is_dmarc`]. Unknown tags are ignored, as the standard demands.
    pub fn parse(text: &str) -> Self {
        let mut record = Self::default();
        let mut seen = Vec::new();
        for part in text.split(';').skip(1).map(str::trim).filter(|part| !part.is_empty()) {
            let Some((tag, value)) = part.split_once('=') else {
                record.errors.push(format!("`{part}` has no `=`"));
                continue;
            };
            let (tag, value) = (tag.trim().to_ascii_lowercase(), value.trim());
            if seen.contains(&tag) {
                record.errors.push(format!("`{tag}` stands more than once"));
                continue;
            }
            record.tag(&tag, value);
            seen.push(tag);
        }
        record
    }

    fn tag(&mut self, tag: &str, value: &str) {
        let policy = Policy::parse(value);
        match tag {
            "p" | "sp" | "np" if policy.is_none() => {
                self.errors.push(format!("`{tag}={value}` is no policy"))
            }
            "p" => self.policy = policy.unwrap_or_default(),
            "sp" => self.subdomains = policy,
            "np" => self.absent_subdomains = policy,
            "t" => match value {
                "y" | "Y" => self.testing = true,
                "n" | "N" => {}
                _ => self.errors.push(format!("`t={value}` is neither `y` nor `n`")),
            },
            "psd" => match value {
                "y" | "Y" => self.public_suffix = Some(true),
                "n" | "N" => self.public_suffix = Some(false),
                "u" | "U" => {}
                _ => self.errors.push(format!("`psd={value}` is none of `y`, `n`, `u`")),
            },
            "rua" => self.aggregate = addresses(value),
            "ruf" => self.failure = addresses(value),
            "adkim" | "aspf" if !matches!(value, "r" | "s" | "R" | "S") => {
                self.errors.push(format!("`{tag}={value}` is neither `r` nor `s`"));
            }
            "pct" | "rf" | "ri" => self.removed.push(tag.to_owned()),
            _ => {}
        }
    }
}

/// Splits a list of report addresses; the size limit of older records (`!10m`) is dropped.
fn addresses(value: &str) -> Vec<String> {
    let address = |uri: &str| uri.trim().split('!').next().unwrap_or_default().to_owned();
    value.split(',').map(address).filter(|address| !address.is_empty()).take(20).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_a_record() {
        let record = DmarcRecord::parse(
            "v=DMARC1; p=quarantine; sp=reject; np=reject; t=y; rua=mailto:a@example.com!10m, mailto:b@example.net; pct=50",
        );
        assert_eq!((record.policy, record.subdomains), (Policy::Quarantine, Some(Policy::Reject)));
        assert!(record.testing && record.errors.is_empty());
        assert_eq!(record.aggregate, ["mailto:a@example.com", "mailto:b@example.net"]);
        assert_eq!(record.removed, ["pct"]);
    }

    #[test]
    fn a_missing_policy_means_none_and_unknown_tags_mean_nothing() {
        let record = DmarcRecord::parse("v=DMARC1; rua=mailto:a@example.com; x=y");
        assert_eq!(record.policy, Policy::None);
        assert!(record.errors.is_empty());
    }

    #[test]
    fn keeps_what_is_wrong() {
        let record = DmarcRecord::parse("v=DMARC1; p=monitor; p=reject; t=maybe; nonsense");
        assert_eq!(record.errors.len(), 4);
    }

    #[test]
    fn tells_dmarc_from_other_text() {
        assert!(DmarcRecord::is_dmarc("v=DMARC1") && DmarcRecord::is_dmarc("V = DMARC1 ; p=none"));
        assert!(
            !DmarcRecord::is_dmarc("v=DMARC2; p=none")
                && !DmarcRecord::is_dmarc("p=none; v=DMARC1")
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "v=DMARC1;\\PC{0,200}") {
            DmarcRecord::parse(&text);
        }
    }
}
