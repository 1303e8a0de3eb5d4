//! One SPF record (RFC 7208, sections 4.6 and 12). Parsing never fails: what is wrong is kept in
//! `errors`, and everything else is read as if it were right.

use serde::{Deserialize, Serialize};

use super::domain_spec;

/// A parsed `v=spf1` record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfRecord {
    pub terms: Vec<Term>,
    /// Every `name=value`, unknown and repeated ones too.
    pub modifiers: Vec<Modifier>,
    /// What does not follow the grammar, as clauses.
    pub errors: Vec<String>,
}

/// A mechanism with its qualifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Place among the terms of the record, modifiers and broken ones counted; the first has 1.
    pub position: usize,
    /// As it stands in the record.
    pub text: String,
    pub qualifier: Qualifier,
    pub mechanism: Mechanism,
}

/// A `name=value` (section 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modifier {
    /// Place among the terms of the record; the first has 1.
    pub position: usize,
    /// Lower case.
    pub name: String,
    pub value: String,
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

impl Qualifier {
    /// Returns the sign of the record.
    pub fn sign(self) -> char {
        match self {
            Self::Pass => '+',
            Self::Fail => '-',
            Self::SoftFail => '~',
            Self::Neutral => '?',
        }
    }
}

/// What is matched (section 5). A missing domain means the current one; `v4` and `v6` are prefix
/// lengths in bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mechanism {
    All,
    Include(String),
    A { domain: Option<String>, v4: u8, v6: u8 },
    Mx { domain: Option<String>, v4: u8, v6: u8 },
    Ptr(Option<String>),
    Ip4(u8),
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
        let terms = text.split(' ').skip(1).filter(|term| !term.is_empty());
        for (position, term) in (1..).zip(terms) {
            if !term.bytes().all(|byte| byte.is_ascii_graphic()) {
                let problem = format!("term {position} holds characters that are not printable");
                record.errors.push(problem);
            } else if let Some((name, value)) = modifier(term) {
                record.modifier(position, name, value);
            } else {
                match mechanism(term) {
                    Ok((qualifier, mechanism)) => record.terms.push(Term {
                        position,
                        text: term.to_owned(),
                        qualifier,
                        mechanism,
                    }),
                    Err(problem) => record.errors.push(format!("`{term}` {problem}")),
                }
            }
        }
        record
    }

    /// Returns the qualifier of the first `all`, which ends the record.
    pub fn all(&self) -> Option<Qualifier> {
        self.terms.iter().find(|term| term.mechanism == Mechanism::All).map(|term| term.qualifier)
    }

    /// Returns whether the record approves any host at all, apart from what `all` says.
    pub fn names_senders(&self) -> bool {
        self.first_sender().is_some()
    }

    /// Returns the first term that approves hosts, as it stands in the record, or the redirect.
    pub fn first_sender(&self) -> Option<String> {
        let approves =
            |term: &&Term| term.qualifier == Qualifier::Pass && term.mechanism != Mechanism::All;
        let term = self.terms.iter().find(approves).map(|term| term.text.clone());
        term.or_else(|| self.redirect().map(|target| format!("redirect={target}")))
    }

    /// Returns the target of `redirect=`; `None` when `all` makes it meaningless (section 6.1).
    pub fn redirect(&self) -> Option<&str> {
        let redirect = self.modifiers.iter().find(|modifier| modifier.name == "redirect");
        redirect.filter(|_| self.all().is_none()).map(|modifier| modifier.value.as_str())
    }

    fn modifier(&mut self, position: usize, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        let known = matches!(name.as_str(), "redirect" | "exp");
        if known && self.modifiers.iter().any(|modifier| modifier.name == name) {
            self.errors.push(format!("`{name}={value}` stands a second time"));
        } else if known && let Some(problem) = domain_spec::problem(value) {
            self.errors.push(format!("`{name}={value}` {problem}"));
        }
        let value = if known { value.to_ascii_lowercase() } else { value.to_owned() };
        self.modifiers.push(Modifier { position, name, value });
    }
}

/// Splits `name=value`; a mechanism never has `=` before `:` or `/` (section 4.6.1).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let letters =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let named =
        name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.chars().all(letters);
    named.then_some((name, value))
}

/// Reads a mechanism, or says what is wrong with it.
fn mechanism(term: &str) -> Result<(Qualifier, Mechanism), &'static str> {
    let signed = |qualifier| (qualifier, &term[1..]);
    let (qualifier, rest) = match term.as_bytes().first() {
        Some(b'+') => signed(Qualifier::Pass),
        Some(b'-') => signed(Qualifier::Fail),
        Some(b'~') => signed(Qualifier::SoftFail),
        Some(b'?') => signed(Qualifier::Neutral),
        _ => (Qualifier::Pass, term),
    };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, argument) = rest.split_at(end);
    let name = name.to_ascii_lowercase();
    let mechanism = match (name.as_str(), argument.strip_prefix(':')) {
        ("all", None) if argument.is_empty() => Mechanism::All,
        ("all", _) => return Err("takes no argument"),
        ("include", Some(domain)) => Mechanism::Include(domain_spec::read(domain)?),
        ("exists", Some(domain)) => Mechanism::Exists(domain_spec::read(domain)?),
        ("include" | "exists", None) => return Err("needs a domain"),
        ("a", _) => {
            let (domain, v4, v6) = hosts(argument)?;
            Mechanism::A { domain, v4, v6 }
        }
        ("mx", _) => {
            let (domain, v4, v6) = hosts(argument)?;
            Mechanism::Mx { domain, v4, v6 }
        }
        ("ptr", Some(domain)) => Mechanism::Ptr(Some(domain_spec::read(domain)?)),
        ("ptr", None) if argument.is_empty() => Mechanism::Ptr(None),
        ("ptr", None) => return Err("takes no prefix length"),
        ("ip4", Some(network)) => Mechanism::Ip4(
            prefix::<std::net::Ipv4Addr>(network, 32).ok_or("is not an IPv4 network")?,
        ),
        ("ip6", Some(network)) => Mechanism::Ip6(
            prefix::<std::net::Ipv6Addr>(network, 128).ok_or("is not an IPv6 network")?,
        ),
        ("ip4" | "ip6", None) => return Err("needs a network"),
        _ => return Err("is not a mechanism"),
    };
    Ok((qualifier, mechanism))
}

/// Reads `[:domain][/24][//64]`.
fn hosts(argument: &str) -> Result<(Option<String>, u8, u8), &'static str> {
    let (domain, lengths) = argument.split_at(argument.find('/').unwrap_or(argument.len()));
    let domain = match domain.strip_prefix(':') {
        Some(domain) => Some(domain_spec::read(domain)?),
        None => None,
    };
    let (v4, v6) = match lengths.split_once("//") {
        None => (lengths.strip_prefix('/'), None),
        Some((v4, v6)) => (v4.strip_prefix('/'), Some(v6)),
    };
    let read = |text: Option<&str>, whole| match text {
        None => Ok(whole),
        Some(text) => length(text, whole).ok_or("has a prefix length that does not exist"),
    };
    Ok((domain, read(v4, 32)?, read(v6, 128)?))
}

/// Returns the prefix length of `address[/length]`.
fn prefix<A: std::str::FromStr>(network: &str, whole: u8) -> Option<u8> {
    let (address, bits) = match network.split_once('/') {
        None => (network, whole),
        Some((address, bits)) => (address, length(bits, whole)?),
    };
    address.parse::<A>().ok().map(|_| bits)
}

/// Reads a prefix length: digits without a leading zero, at most `whole`.
fn length(text: &str, whole: u8) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    text.parse().ok().filter(|bits| digits && !padded && *bits <= whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mechanisms(text: &str) -> Vec<Mechanism> {
        let record = SpfRecord::parse(text);
        assert_eq!(record.errors, Vec::<String>::new(), "{text}");
        record.terms.into_iter().map(|term| term.mechanism).collect()
    }

    #[test]
    fn reads_the_examples_of_rfc_7208() {
        // Section 4.6.1 and appendix A.
        for text in [
            "v=spf1 +mx a:colo.example.com/28 -all",
            "v=spf1 +all",
            "v=spf1 a -all",
            "v=spf1 a:example.org -all",
            "v=spf1 mx -all",
            "v=spf1 mx:example.org -all",
            "v=spf1 mx mx:example.org -all",
            "v=spf1 mx/30 mx:example.org/30 -all",
            "v=spf1 ptr -all",
            "v=spf1 ip4:192.0.2.128/28 -all",
            "v=spf1 include:example.com include:example.net -all",
            "v=spf1 redirect=example.org",
            "v=spf1 a:mail-a.example.com//64 mx/24//96 -all",
            "v=spf1 mx:example.com include:example.org exists:%{ir}.%{l1r+-}._spf.%{d} -all",
            "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all",
            "v=spf1 mx -all exp=explain._spf.%{d2}",
        ] {
            mechanisms(text);
        }
        let example = mechanisms("v=spf1 +mx a:colo.example.com/28 -all");
        let colo = Some("colo.example.com".to_owned());
        assert_eq!(example[1], Mechanism::A { domain: colo, v4: 28, v6: 128 });
        let dual = mechanisms("v=spf1 mx/24//96 -all");
        assert_eq!(dual[0], Mechanism::Mx { domain: None, v4: 24, v6: 96 });
    }

    #[test]
    fn keeps_places_and_what_it_does_not_know() {
        let record = SpfRecord::parse(
            "v=spf1 a  moo.cow-far_out=man:dog/cat -include:Example.com REDIRECT=_spf.Example.com",
        );
        assert_eq!(record.errors, Vec::<String>::new());
        assert_eq!(record.modifiers[0].name, "moo.cow-far_out");
        assert_eq!((record.modifiers[0].position, record.terms[1].position), (2, 3));
        assert_eq!(record.terms[1].text, "-include:Example.com");
        assert_eq!(record.terms[1].mechanism, Mechanism::Include("example.com".to_owned()));
        assert_eq!(record.terms[1].qualifier, Qualifier::Fail);
        assert_eq!(record.redirect(), Some("_spf.example.com"));
        assert_eq!(SpfRecord::parse("v=spf1 redirect=example.net -all").redirect(), None);
    }

    #[test]
    fn says_what_is_wrong() {
        for broken in [
            "ip4:192.0.2.1/33",
            "ip4:192.0.2.1/+8",
            "ip4:192.0.2.0/024",
            "ip4:192.0.2",
            "ip6::1",
            "ip6:2001:db8::/129",
            "ip4",
            "include:",
            "include",
            "include:localhost",
            "include:a..example.com",
            "include:%{x}.example.com",
            "ipv4:192.0.2.1",
            "all:x",
            "a:",
            "a:example.com/33",
            "a/",
            "mx//129",
            "ptr/24",
            "redirect=",
            "ALL/8",
            "+",
            "\u{7f}",
            "é",
        ] {
            let record = SpfRecord::parse(&format!("v=spf1 {broken} -all"));
            assert_eq!(record.errors.len(), 1, "{broken}: {:?}", record.errors);
            assert_eq!(record.all(), Some(Qualifier::Fail), "{broken}");
        }
        let twice = SpfRecord::parse("v=spf1 redirect=a.example redirect=b.example");
        assert_eq!(twice.errors, ["`redirect=b.example` stands a second time"]);
        assert_eq!((twice.modifiers.len(), twice.redirect()), (2, Some("a.example")));
    }

    #[test]
    fn tells_spf_from_other_text() {
        assert!(SpfRecord::is_spf("v=spf1") && SpfRecord::is_spf("V=SPF1 -all"));
        for other in ["v=spf10 -all", " v=spf1", "v=spf1\t-all", "spf1", "é"] {
            assert!(!SpfRecord::is_spf(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "v=spf1( (\\PC|[+?~-]?(a|mx|ip4|ip6|include|all)[:/=%{}.a-z0-9]{0,12}){0,9}){0,6}") {
            let record = SpfRecord::parse(&text);
            prop_assert!(record.terms.iter().all(|term| text.contains(&term.text)));
        }
    }
}
