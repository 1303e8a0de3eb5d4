//! One DMARC record (RFC 9989, sections 4.7 and 4.8). Parsing never fails: what is wrong is kept in
//! `errors`.

use serde::{Deserialize, Serialize};

/// Report addresses of one tag that are kept.
const MOST_ADDRESSES: usize = 20;

/// A parsed `v=DMARC1` record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmarcRecord {
    /// What is asked for mail of the domain itself; `none` when the tag is missing, and when any
    /// policy is broken, because receivers then act as if it were, or not at all (section 4.10.1).
    pub policy: Policy,
    /// For existing subdomains, when it differs.
    pub subdomains: Option<Policy>,
    /// For subdomains that do not exist, when it differs.
    pub absent_subdomains: Option<Policy>,
    /// `t=y`: receivers are asked not to apply the policy.
    pub testing: bool,
    /// `psd=y` or `psd=n`.
    pub public_suffix: Option<bool>,
    /// Whether DKIM domains have to match in full.
    pub strict_dkim: bool,
    /// Whether SPF domains have to match in full.
    pub strict_spf: bool,
    /// Addresses for aggregate reports.
    pub aggregate: Vec<ReportUri>,
    /// Addresses for failure reports.
    pub failure: Vec<ReportUri>,
    /// Tags that RFC 9989 removed: `pct`, `rf`, `ri`.
    pub removed: Vec<String>,
    /// What does not follow the grammar, as clauses.
    pub errors: Vec<String>,
}

/// Where reports go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReportUri(pub String);

impl ReportUri {
    /// Returns the domain of a `mailto:` address, or `None` when it is not a usable one.
    pub fn mail_host(&self) -> Option<&str> {
        let (scheme, address) = self.0.split_once(':')?;
        let address = address.split('?').next().unwrap_or(address);
        let (local, host) = address.rsplit_once('@')?;
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let sound = scheme.eq_ignore_ascii_case("mailto")
            && !local.is_empty()
            && local.bytes().all(|byte| byte.is_ascii_graphic())
            && host.len() <= 253
            && host.contains('.')
            && host.split('.').all(label);
        sound.then_some(host)
    }
}

/// What is said about a policy that does not exist.
const NO_POLICY: &str = "is no policy";

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

    /// Returns the broken policies, which take the others down with them (section 4.10.1), as clauses.
    pub fn broken_policies(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().map(String::as_str).filter(|error| error.ends_with(NO_POLICY))
    }

    /// Returns what receivers skip as if it were not there (section 4.7), as clauses.
    pub fn skipped(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().map(String::as_str).filter(|error| !error.ends_with(NO_POLICY))
    }

    /// Returns whether receivers do nothing at all for the domain: a policy is broken and there is no
    /// address for reports that can be used (section 4.10.1).
    pub fn is_void(&self) -> bool {
        self.broken_policies().next().is_some()
            && self.aggregate.iter().all(|uri| uri.mail_host().is_none())
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
        if record.broken_policies().next().is_some() {
            record.policy = Policy::None;
            (record.subdomains, record.absent_subdomains) = (None, None);
        }
        record
    }

    fn tag(&mut self, tag: &str, value: &str) {
        let policy = Policy::parse(value);
        match tag {
            "p" | "sp" | "np" if policy.is_none() => {
                self.errors.push(format!("`{tag}={value}` {NO_POLICY}"))
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
            "adkim" | "aspf" => match (value, tag) {
                ("r" | "R", _) => {}
                ("s" | "S", "adkim") => self.strict_dkim = true,
                ("s" | "S", _) => self.strict_spf = true,
                _ => self.errors.push(format!("`{tag}={value}` is neither `r` nor `s`")),
            },
            "fo" if !value
                .split(':')
                .all(|option| matches!(option.trim(), "0" | "1" | "d" | "s")) =>
            {
                self.errors.push(format!("`fo={value}` is none of `0`, `1`, `d`, `s`"));
            }
            "pct" | "rf" | "ri" => self.removed.push(tag.to_owned()),
            _ => {}
        }
    }
}

/// Splits a list of report addresses; the size limit of older records (`!10m`) is dropped.
fn addresses(value: &str) -> Vec<ReportUri> {
    let address = |uri: &str| uri.trim().split('!').next().unwrap_or_default().to_owned();
    let addresses = value.split(',').map(address).filter(|address| !address.is_empty());
    addresses.map(ReportUri).take(MOST_ADDRESSES).collect()
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
        let hosts: Vec<_> = record.aggregate.iter().map(ReportUri::mail_host).collect();
        assert_eq!(hosts, [Some("example.com"), Some("example.net")]);
        assert_eq!(record.removed, ["pct"]);
    }

    #[test]
    fn a_missing_policy_means_none_and_unknown_tags_mean_nothing() {
        let record = DmarcRecord::parse("v=DMARC1; rua=mailto:a@example.com; x=y");
        assert_eq!(record.policy, Policy::None);
        assert!(record.errors.is_empty());
    }

    #[test]
    fn reads_the_examples_of_rfc_9989() {
        // Appendix B.2.
        for text in [
            "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com",
            "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; \
             ruf=mailto:auth-reports@example.com",
            "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; \
             ruf=mailto:auth-reports@thirdparty.example.net",
            "v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,\
             mailto:tld-test@thirdparty.example.net; t=y",
        ] {
            let record = DmarcRecord::parse(text);
            assert!(DmarcRecord::is_dmarc(text) && record.errors.is_empty(), "{text}");
            let uris = record.aggregate.iter().chain(&record.failure);
            assert!(uris.clone().count() > 0 && uris.clone().all(|uri| uri.mail_host().is_some()));
        }
    }

    #[test]
    fn a_broken_policy_is_as_good_as_none() {
        let record = DmarcRecord::parse("v=DMARC1; p=reject; sp=rejected");
        assert_eq!((record.policy, record.subdomains), (Policy::None, None));
    }

    #[test]
    fn a_broken_policy_without_an_address_for_reports_is_no_dmarc() {
        let void = |text: &str| DmarcRecord::parse(text).is_void();
        assert!(void("v=DMARC1; p=monitor"));
        assert!(void("v=DMARC1; p=reject; np=no; rua=reports@example.com"));
        assert!(!void("v=DMARC1; p=monitor; rua=mailto:reports@example.com"));
        assert!(!void("v=DMARC1; p=reject; fo=x"));
        // Without any `p` it is the policy `none`.
        assert!(!void("v=DMARC1"));
    }

    #[test]
    fn tells_addresses_from_other_text() {
        let host = |uri: &str| ReportUri(uri.to_owned()).mail_host().map(str::to_owned);
        assert_eq!(host("MAILTO:a@example.com?x=1").as_deref(), Some("example.com"));
        for unusable in [
            "a@example.com",
            "mailto:example.com",
            "mailto:@example.com",
            "https://example.com",
            "mailto:a@b",
        ] {
            assert_eq!(host(unusable), None, "{unusable}");
        }
    }

    #[test]
    fn keeps_what_is_wrong() {
        let record = DmarcRecord::parse(
            "v=DMARC1; p=monitor; p=reject; t=maybe; nonsense; adkim=x; fo=1:d:z; psd=?",
        );
        assert_eq!(record.errors.len(), 7, "{:?}", record.errors);
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
        fn parsing_never_panics(text in "v=DMARC1;(\\PC|(p|sp|t|rua|fo)=|mailto:a@b.c|[;,!]){0,60}") {
            let record = DmarcRecord::parse(&text);
            prop_assert!(record.aggregate.iter().all(|uri| uri.mail_host() != Some("")));
        }
    }
}
