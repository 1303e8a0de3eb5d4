//! The value of an `issue` property (RFC 8659, section 4.2) with the parameters of RFC 8657. Parsing
//! never fails.

use serde::{Deserialize, Serialize};

/// Who may issue, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The authority in lower case; `None` when nobody may issue.
    pub domain: Option<String>,
    /// Tags in lower case with their values, for instance `validationmethods`.
    pub parameters: Vec<(String, String)>,
    /// What does not follow the grammar, as clauses. Authorities then act as if nobody might issue.
    pub errors: Vec<String>,
}

impl Issuer {
    /// Parses `authority; tag=value; tag=value`.
    pub fn parse(value: &str) -> Self {
        let mut issuer = Self::default();
        let mut parts = value.split(';').map(trimmed);
        let domain = parts.next().unwrap_or_default();
        if is_domain(domain) {
            issuer.domain = Some(domain.to_ascii_lowercase());
        } else if !domain.is_empty() {
            issuer.errors.push(format!("`{domain}` is no domain name"));
        }
        for part in parts.filter(|part| !part.is_empty()) {
            match part.split_once('=').map(|(tag, value)| (trimmed(tag), trimmed(value))) {
                Some((tag, value)) if is_label(tag) && value.bytes().all(is_value) => {
                    issuer.parameters.push((tag.to_ascii_lowercase(), value.to_owned()));
                }
                _ => issuer.errors.push(format!("`{part}` is no `tag=value`")),
            }
        }
        issuer
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn is_domain(text: &str) -> bool {
    !text.is_empty() && text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// A printable octet other than `;`, which ends the value.
fn is_value(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b';'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_examples_of_the_standards() {
        // RFC 8659, section 4.2 and RFC 8657, section 4.
        let ca = Issuer::parse("ca1.example.net; account=230123");
        assert_eq!(ca.domain.as_deref(), Some("ca1.example.net"));
        assert_eq!(ca.parameters, [("account".to_owned(), "230123".to_owned())]);
        let nobody = Issuer::parse(";");
        assert_eq!((nobody.domain, nobody.errors.len()), (None, 0));
        let account = Issuer::parse("example.net; accounturi=https://example.net/account/1234");
        assert_eq!(account.parameters[0].1, "https://example.net/account/1234");
        let methods = Issuer::parse("example.net; validationmethods=dns-01");
        assert_eq!(methods.errors, Vec::<String>::new());
    }

    #[test]
    fn says_what_is_wrong() {
        // `%%%%%` is the malformed value of RFC 8659, section 4.2.
        for broken in ["%%%%%", "https://ca.example.net", "ca.example.net; x", "ca.example.net; =x"]
        {
            assert_eq!(Issuer::parse(broken).errors.len(), 1, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(value in "(\\PC|[;= ]|ca[.]example){0,40}") {
            Issuer::parse(&value);
        }
    }
}
