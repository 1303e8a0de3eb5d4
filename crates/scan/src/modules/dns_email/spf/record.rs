//! One SPF record (RFC 7208, section 4.6). Parsing never fails: what is wrong is kept in `errors`.

use serde::{Deserialize, Serialize};

/// A parsed `v=spf1` record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfRecord {
    pub terms: Vec<Term>,
    /// The target of `redirect=`, if there is one.
    pub redirect: Option<String>,
    /// What does not follow the grammar, as clauses.
    pub errors: Vec<String>,
}

/// A mechanism with its qualifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    pub qualifier: Qualifier,
    pub mechanism: Mechanism,
}

/// What a match means (section 4.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// What is matched (section 5). A missing domain means the current one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mechanism {
    All,
    Include(String),
    A(Option<String>),
    Mx(Option<String>),
    Ptr(Option<String>),
    /// The prefix length of the network.
    Ip4(u8),
    /// The prefix length of the network.
    Ip6(u8),
    Exists(String),
}

impl SpfRecord {
    /// Returns whether a TXT record is an SPF record (section 4.5).
    pub fn is_spf(text: &str) -> bool {
        let version = text.get(..6).unwrap_or_default();
        version.eq_ignore_ascii_case("v=spf1")
            && matches!(text.as_bytes().get(6), None | Some(b' '))
    }

    /// Parses a record that [`Self::is_spf`].
    pub fn parse(text: &str) -> Self {
        let mut record = Self::default();
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            if !term.is_ascii() || term.bytes().any(|byte| byte.is_ascii_control()) {
                record
                    .errors
                    .push("a term holds characters that are not printable ASCII".to_owned());
                continue;
            }
            match modifier(term) {
                Some(("redirect", target)) if record.redirect.is_some() => {
                    record.errors.push(format!("`redirect={target}` stands a second time"));
                }
                Some(("redirect", target)) => record.redirect = Some(target.to_ascii_lowercase()),
                Some(_) => {}
                None => match mechanism(term) {
                    Ok(term) => record.terms.push(term),
                    Err(problem) => record.errors.push(problem),
                },
            }
        }
        record
    }

    /// Returns the qualifier of the first `all`, which ends the record.
    pub fn all(&self) -> Option<Qualifier> {
        self.terms.iter().find(|term| term.mechanism == Mechanism::All).map(|term| term.qualifier)
    }
}

/// Splits `name=value`; a mechanism never has `=` before `:` or `/` (section 6).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let letters =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let named =
        name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.chars().all(letters);
    match (named, name.eq_ignore_ascii_case("redirect")) {
        (true, true) => Some(("redirect", value)),
        (true, false) => Some((name, value)),
        (false, _) => None,
    }
}

fn mechanism(term: &str) -> Result<Term, String> {
    let (qualifier, rest) = match term.as_bytes()[0] {
        b'+' => (Qualifier::Pass, &term[1..]),
        b'-' => (Qualifier::Fail, &term[1..]),
        b'~' => (Qualifier::SoftFail, &term[1..]),
        b'?' => (Qualifier::Neutral, &term[1..]),
        _ => (Qualifier::Pass, term),
    };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, argument) = rest.split_at(end);
    let name = name.to_ascii_lowercase();
    let problem = |what: &str| Err(format!("`{term}` {what}"));
    let value = argument.strip_prefix(':');
    let mechanism = match (name.as_str(), value) {
        ("all", None) if argument.is_empty() => Mechanism::All,
        ("all", _) => return problem("takes no argument"),
        ("include", Some(domain)) if !domain.is_empty() => {
            Mechanism::Include(domain.to_ascii_lowercase())
        }
        ("exists", Some(domain)) if !domain.is_empty() => {
            Mechanism::Exists(domain.to_ascii_lowercase())
        }
        ("include" | "exists", _) => return problem("needs a domain"),
        ("a", _) => Mechanism::A(domain_before_prefix(argument)),
        ("mx", _) => Mechanism::Mx(domain_before_prefix(argument)),
        ("ptr", _) => Mechanism::Ptr(domain_before_prefix(argument)),
        ("ip4", Some(network)) => match prefix::<std::net::Ipv4Addr>(network, 32) {
            Some(length) => Mechanism::Ip4(length),
            None => return problem("is not an IPv4 network"),
        },
        ("ip6", Some(network)) => match prefix::<std::net::Ipv6Addr>(network, 128) {
            Some(length) => Mechanism::Ip6(length),
            None => return problem("is not an IPv6 network"),
        },
        _ => return problem("is not a mechanism"),
    };
    Ok(Term { qualifier, mechanism })
}

/// Reads the domain of `a:domain/24//64`.
fn domain_before_prefix(argument: &str) -> Option<String> {
    let domain = argument.strip_prefix(':')?;
    let domain = domain.split('/').next().unwrap_or(domain);
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

/// Returns the prefix length of `address[/length]`.
fn prefix<A: std::str::FromStr>(network: &str, whole: u8) -> Option<u8> {
    let (address, length) = network
        .split_once('/')
        .map_or((network, None), |(address, length)| (address, Some(length)));
    address.parse::<A>().ok()?;
    match length {
        None => Some(whole),
        Some(length) => length.parse().ok().filter(|length| *length <= whole),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_examples_of_rfc_7208() {
        let record = SpfRecord::parse("v=spf1 +mx a:colo.example.com/28 -all");
        assert_eq!(record.errors, Vec::<String>::new());
        assert_eq!(record.terms[1].mechanism, Mechanism::A(Some("colo.example.com".to_owned())));
        assert_eq!(record.all(), Some(Qualifier::Fail));
        let record = SpfRecord::parse(
            "v=spf1 a -include:Example.com  REDIRECT=_spf.example.com moo.cow-far_out=man:dog/cat",
        );
        assert_eq!(record.errors, Vec::<String>::new());
        assert_eq!(
            record.terms[1],
            Term {
                qualifier: Qualifier::Fail,
                mechanism: Mechanism::Include("example.com".to_owned())
            }
        );
        assert_eq!(record.redirect.as_deref(), Some("_spf.example.com"));
    }

    #[test]
    fn keeps_what_is_wrong() {
        let record =
            SpfRecord::parse("v=spf1 ip4:1.2.3.4/33 include: ipv4:1.2.3.4 all:x ip6::1 -all");
        assert_eq!(record.errors.len(), 5, "{:?}", record.errors);
        assert_eq!(record.all(), Some(Qualifier::Fail));
    }

    #[test]
    fn tells_spf_from_other_text() {
        assert!(SpfRecord::is_spf("v=spf1") && SpfRecord::is_spf("V=SPF1 -all"));
        assert!(
            !SpfRecord::is_spf("v=spf10 -all")
                && !SpfRecord::is_spf(" v=spf1")
                && !SpfRecord::is_spf("é")
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "(v=spf1)?\\PC{0,200}") {
            if SpfRecord::is_spf(&text) {
                SpfRecord::parse(&text);
            }
        }
    }
}
