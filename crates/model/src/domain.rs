//! Domain names: from what people paste to what may be looked up.
//!
//! Parsing is strict and total: every spelling of an IP address is refused, also the numeric ones of
//! the URL standard; names that are never public are refused; a name that passes is stable under
//! parsing again.

use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A host name that may be looked up: lower case, A-labels, no trailing dot, at least two labels,
/// at most 253 octets (RFC 1035, section 2.3.4; RFC 5890).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomainName(String);

/// Why a text is not a domain that can be scanned. The sentence is advice for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainProblem {
    #[error("is empty; give a domain such as example.com")]
    Empty,
    #[error("is too long; a domain has at most 253 characters, and 63 between two dots")]
    TooLong,
    #[error("is an IP address; give the domain that points to it")]
    IpAddress,
    #[error("has a single label; give a full domain such as example.com")]
    SingleLabel,
    #[error("holds a user name or password; give the domain alone")]
    Credentials,
    #[error("ends in `.{0}`, which is reserved and never on the public internet")]
    Reserved(&'static str),
    #[error("is not a valid domain; use letters, digits, hyphens and dots, such as example.com")]
    Syntax,
}

/// Names that resolve to nothing public, whatever a resolver says (RFC 6761 and its registry).
const NEVER_PUBLIC: &[&str] =
    &["localhost", "local", "internal", "intranet", "lan", "home", "corp", "onion", "alt", "arpa"];

/// Names kept for documentation and tests (RFC 2606): only a laboratory has them.
const LABORATORY: &[&str] = &["test", "example", "invalid"];

impl DomainName {
    /// Reads a domain as people write it: `Example.COM`, `https://example.com/path`, `bücher.example`.
    ///
    /// The scheme, port, path and a trailing dot are dropped. Bounded: looks at no more than the
    /// first 2,048 bytes of `text` and refuses anything longer.
    pub fn parse(text: &str) -> Result<Self, DomainProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(DomainProblem::Empty);
        }
        if text.len() > 2_048 {
            return Err(DomainProblem::TooLong);
        }
        let host = host_of(text)?;
        refuse_addresses(host)?;
        let host = host.strip_suffix(['.', '。']).unwrap_or(host);
        let name = to_ascii(host)?;
        // Again, since normalisation can turn full-width digits into an address.
        refuse_addresses(&name)?;
        let Some((_, last)) = name.rsplit_once('.') else {
            return Err(match name.as_str() {
                "localhost" => DomainProblem::Reserved("localhost"),
                _ => DomainProblem::SingleLabel,
            });
        };
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DomainProblem::IpAddress);
        }
        if let Some(reserved) = NEVER_PUBLIC.iter().find(|reserved| **reserved == last) {
            return Err(DomainProblem::Reserved(reserved));
        }
        Ok(Self(name))
    }

    /// Returns the name as it is looked up.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as people write it, with the letters of its own script.
    pub fn to_unicode(&self) -> String {
        use idna::uts46::{AsciiDenyList, Hyphens, Uts46};
        let name = self.0.as_bytes();
        let (shown, _) =
            Uts46::new().to_unicode(name, AsciiDenyList::STD3, Hyphens::CheckFirstLast);
        shown.into_owned()
    }

    /// Returns the last label when it is one that only laboratories have: `test`, `example` or
    /// `invalid` (RFC 2606). Such a domain is scanned only where private networks are allowed.
    pub fn laboratory_label(&self) -> Option<&'static str> {
        let last = self.0.rsplit('.').next()?;
        LABORATORY.iter().copied().find(|label| *label == last)
    }
}

/// Returns the host part of a domain or URL.
fn host_of(text: &str) -> Result<&str, DomainProblem> {
    let rest = match text.split_once("://") {
        Some(("http" | "https" | "HTTP" | "HTTPS", rest)) => rest,
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") =>
        {
            rest
        }
        Some(_) => return Err(DomainProblem::Syntax),
        None => text.strip_prefix("//").unwrap_or(text),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    if authority.contains('@') {
        return Err(DomainProblem::Credentials);
    }
    if authority.starts_with('[') || authority.matches(':').count() > 1 {
        return Err(DomainProblem::IpAddress);
    }
    match authority.split_once(':') {
        Some((host, port)) if port.is_empty() || port.parse::<u16>().is_ok() => Ok(host),
        Some(_) => Err(DomainProblem::Syntax),
        None => Ok(authority),
    }
}

/// Refuses every spelling of an IPv4 or IPv6 address, also the numeric ones of the URL standard.
fn refuse_addresses(host: &str) -> Result<(), DomainProblem> {
    let bare = host.strip_suffix('.').unwrap_or(host);
    let numeric = bare.split('.').all(|part| {
        let hex = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
        !part.is_empty()
            && match hex {
                Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
                None => part.bytes().all(|byte| byte.is_ascii_digit()),
            }
    });
    if numeric || bare.parse::<IpAddr>().is_ok() {
        return Err(DomainProblem::IpAddress);
    }
    Ok(())
}

/// Turns U-labels into A-labels and holds the name to letters, digits and hyphens (UTS 46, STD 3).
fn to_ascii(host: &str) -> Result<String, DomainProblem> {
    use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
    if host.is_ascii() && (host.len() > 253 || host.split('.').any(|label| label.len() > 63)) {
        return Err(DomainProblem::TooLong);
    }
    let uts46 = Uts46::new();
    let name = uts46
        .to_ascii(host.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Ignore)
        .map_err(|_| DomainProblem::Syntax)?;
    if name.len() > 253 || name.split('.').any(|label| label.len() > 63) {
        return Err(DomainProblem::TooLong);
    }
    if name.split('.').any(str::is_empty) {
        return Err(DomainProblem::Syntax);
    }
    let (unicode, shown) =
        uts46.to_unicode(name.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    if shown.is_err() || unicode.chars().any(is_symbol) {
        return Err(DomainProblem::Syntax);
    }
    Ok(name.into_owned())
}

/// Symbols and emoji: UTS 46 maps them, IDNA 2008 (RFC 5892) does not allow them in a name.
fn is_symbol(letter: char) -> bool {
    matches!(letter,
        '\u{2000}'..='\u{200b}' | '\u{200e}'..='\u{2bff}' | '\u{3000}'..='\u{3004}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1fbff}' | '\u{e0000}'..)
}

impl std::fmt::Display for DomainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for DomainName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DomainName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .map_err(|problem| serde::de::Error::custom(format!("`{text}` {problem}")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> String {
        match DomainName::parse(text) {
            Ok(name) => name.to_string(),
            Err(problem) => format!("{problem:?}"),
        }
    }

    #[test]
    fn a_name_is_shown_in_its_own_script() {
        let shown = |text: &str| DomainName::parse(text).unwrap().to_unicode();
        assert_eq!(shown("xn--bcher-kva.example"), "bücher.example");
        assert_eq!(shown("Example.COM"), "example.com");
    }

    #[test]
    fn reads_what_people_paste() {
        assert_eq!(parsed(" Example.COM. "), "example.com");
        assert_eq!(parsed("https://Example.COM/path?q#f"), "example.com");
        assert_eq!(parsed("HTTPS://example.com:8443"), "example.com");
        assert_eq!(parsed("bücher.example.org"), "xn--bcher-kva.example.org");
        assert_eq!(parsed("r3---sn-abc.example.com"), "r3---sn-abc.example.com");
    }

    #[test]
    fn refuses_addresses_in_every_spelling() {
        for address in [
            "127.0.0.1",
            "http://127.0.0.1/",
            "[::1]",
            "::1",
            "2001:db8::1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "1.2.3.4.",
            "１２７.0.0.1",
            "a.example.1",
        ] {
            assert_eq!(parsed(address), "IpAddress", "{address}");
        }
    }

    #[test]
    fn refuses_names_that_are_never_public() {
        assert_eq!(parsed("localhost"), "Reserved(\"localhost\")");
        assert_eq!(parsed("printer.local"), "Reserved(\"local\")");
        assert_eq!(parsed("1.0.0.127.in-addr.arpa"), "Reserved(\"arpa\")");
        assert_eq!(parsed("intranet"), "SingleLabel");
        assert_eq!(parsed("com"), "SingleLabel");
    }

    #[test]
    fn refuses_absurdities() {
        assert_eq!(parsed(""), "Empty");
        assert_eq!(parsed("   "), "Empty");
        assert_eq!(parsed("user:secret@example.com"), "Credentials");
        assert_eq!(parsed("https://user@example.com/"), "Credentials");
        assert_eq!(parsed("ftp://example.com"), "Syntax");
        assert_eq!(parsed("exa mple.com"), "Syntax");
        assert_eq!(parsed("a..example.com"), "Syntax");
        assert_eq!(parsed(".example.com"), "Syntax");
        assert_eq!(parsed("-a.example.com"), "Syntax");
        assert_eq!(parsed("_dmarc.example.com"), "Syntax");
        assert_eq!(parsed("i❤.example.com"), "Syntax");
        assert_eq!(parsed("😀.example.com"), "Syntax");
        assert_eq!(parsed("xn--a.example.com"), "Syntax");
        assert_eq!(parsed("example.com\0"), "Syntax");
        assert_eq!(parsed(&format!("{}.com", "a".repeat(64))), "TooLong");
        assert_eq!(parsed(&"a.".repeat(140)), "TooLong");
        assert_eq!(parsed(&"ü.".repeat(3_000)), "TooLong");
    }

    #[test]
    fn a_laboratory_is_recognised() {
        let label = |text| DomainName::parse(text).unwrap().laboratory_label();
        assert_eq!(label("shop.test"), Some("test"));
        assert_eq!(label("example.com"), None);
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_stable(text in "\\PC{0,80}") {
            if let Ok(name) = DomainName::parse(&text) {
                prop_assert_eq!(DomainName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
