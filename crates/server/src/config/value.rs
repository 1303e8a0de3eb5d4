//! The kinds of values a setting can have: how each is read, from text and from TOML, and shown.
//!
//! A value that cannot be read says what would be right; ranges belong to the type ([`Bounded`]),
//! so that the complaint and the reference are the same words.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use scan::{BlockList, Exclusion, PortTarget, ProviderFile, RouteOrigins};

use crate::network::Network;

/// A value as a source wrote it.
#[derive(Clone, Copy)]
pub(crate) enum Raw<'a> {
    Text(&'a str),
    Toml(&'a toml::Value),
}

/// A kind of setting.
pub(crate) trait Value: Sized {
    /// What may be written, for people: completes "must be …".
    fn kind() -> String;
    fn parse(text: &str) -> Option<Self>;
    /// The value as text, secrets hidden.
    fn show(&self) -> String;

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = match raw {
            Raw::Text(text) => text.trim().to_owned(),
            Raw::Toml(toml::Value::String(text)) => text.clone(),
            Raw::Toml(value @ (toml::Value::Integer(_) | toml::Value::Boolean(_))) => {
                value.to_string()
            }
            Raw::Toml(_) => return Err(format!("must be {}", Self::kind())),
        };
        Self::parse(&text).ok_or_else(|| format!("must be {}", Self::kind()))
    }
}

macro_rules! parsed {
    ($($type:ty: $kind:literal),* $(,)?) => { $(
        impl Value for $type {
            fn kind() -> String {
                $kind.to_owned()
            }

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )* };
}
parsed! {
    bool: "true or false",
    String: "text",
    SocketAddr: "an address and a port, as in 127.0.0.1:8080",
    Network: "an address or a network, as in 10.0.0.0/8",
    Exclusion: "domains, addresses or networks, as in example.com, *.example.com or 192.0.2.0/24",
}

impl Value for PathBuf {
    fn kind() -> String {
        "a path".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::from(text))
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl<T: Value> Value for Option<T> {
    fn kind() -> String {
        format!("{}, or nothing", T::kind())
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "" => Some(None),
            text => T::parse(text).map(Some),
        }
    }

    fn show(&self) -> String {
        self.as_ref().map(T::show).unwrap_or_default()
    }
}

impl<T: Value> Value for Vec<T> {
    fn kind() -> String {
        format!("a list of {}", T::kind())
    }

    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::parse).collect()
    }

    fn show(&self) -> String {
        self.iter().map(T::show).collect::<Vec<_>>().join(",")
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let items = match raw {
            Raw::Toml(toml::Value::Array(items)) => {
                items.iter().map(|item| T::read(Raw::Toml(item)).ok()).collect()
            }
            Raw::Text(text) => Self::parse(text),
            Raw::Toml(_) => None,
        };
        items.ok_or_else(|| format!("must be {}", Self::kind()))
    }
}

/// A whole number within limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// Returns a number known to be within the limits.
    pub(crate) const fn literal(number: u32) -> Self {
        assert!(MIN <= number && number <= MAX, "a default stands within its limits");
        Self(number)
    }

    /// Returns the number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> Value for Bounded<MIN, MAX> {
    fn kind() -> String {
        format!("a whole number from {MIN} to {MAX}")
    }

    fn parse(text: &str) -> Option<Self> {
        let number = text.parse().ok()?;
        (MIN..=MAX).contains(&number).then_some(Self(number))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// Where this service is reached from outside, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for BaseUrl {
    fn kind() -> String {
        "an address that starts with https:// or http://".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let uri: http::Uri = text.parse().ok()?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let is_plain = uri.query().is_none() && !uri.authority()?.as_str().contains('@');
        (is_web && is_plain).then(|| Self(text.trim_end_matches('/').to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// Who knows breaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreachSource {
    Service(BaseUrl),
    File(PathBuf),
}

impl Value for BreachSource {
    fn kind() -> String {
        "a path or a URL, as in `https://haveibeenpwned.com`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        match text.contains("://") {
            true => BaseUrl::parse(text).map(Self::Service),
            false => PathBuf::parse(text).map(Self::File),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Service(url) => url.show(),
            Self::File(path) => path.show(),
        }
    }
}

/// An address that may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Returns the address with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Value for SecretUrl {
    fn kind() -> String {
        "an address, as in scheme://user:password@host/name".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.contains("://").then(|| Self(text.to_owned()))
    }

    fn show(&self) -> String {
        let hidden = store::redacted(&self.0);
        match hidden.split_once('?') {
            Some((place, _)) => format!("{place}?[redacted]"),
            None => hidden,
        }
    }
}

/// A key or a password.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Returns the secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Value for SecretText {
    fn kind() -> String {
        "a secret of visible characters without spaces".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let is_visible = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic());
        is_visible.then(|| Self(text.to_owned()))
    }

    fn show(&self) -> String {
        "[redacted]".to_owned()
    }
}

/// Where a well-known port is found instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortOverride {
    pub port: u16,
    pub target: PortTarget,
}

impl Value for BlockList {
    fn kind() -> String {
        "a block list, as in `bl.example` or `domain:dbl.example`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for ProviderFile {
    fn kind() -> String {
        "a path or a URL, as in `https://lists.example/hosts.txt`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for RouteOrigins {
    fn kind() -> String {
        "a path, a URL or a zone, as in `ipv4:origin.example`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for PortOverride {
    fn kind() -> String {
        "PORT=PORT or PORT=ADDRESS:PORT, as in 443=127.0.0.1:8443".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        PortTarget::parse(text).map(|(port, target)| Self { port, target })
    }

    fn show(&self) -> String {
        match self.target {
            PortTarget::Port(other) => format!("{}={other}", self.port),
            PortTarget::Address(place) => format!("{}={place}", self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_show_what_they_read() {
        for text in ["443=8443", "25=127.0.0.1:2525"] {
            assert_eq!(PortOverride::parse(text).unwrap().show(), text);
        }
        assert_eq!(BaseUrl::parse("https://a.example/x/").unwrap().as_str(), "https://a.example/x");
        assert_eq!(BaseUrl::parse("a.example"), None);
        for text in ["https://hibp.example", "/var/lib/breaches.json"] {
            assert_eq!(BreachSource::parse(text).unwrap().show(), text);
        }
        assert_eq!(BreachSource::parse("ftp://hibp.example"), None);
        assert_eq!(BaseUrl::parse("https://me@a.example"), None);
        assert_eq!(<Vec<String>>::parse(" a, b ,").unwrap(), ["a", "b"]);
        assert_eq!(<Option<SocketAddr>>::parse(""), Some(None));
    }

    #[test]
    fn a_number_keeps_its_limits() {
        assert!(Bounded::<1, 9>::parse("9").is_some());
        assert_eq!(
            Bounded::<1, 9>::read(Raw::Text("0")).unwrap_err(),
            "must be a whole number from 1 to 9"
        );
        assert!(Bounded::<1, 9>::read(Raw::Toml(&toml::Value::Integer(-1))).is_err());
        assert!(Bounded::<1, 9>::read(Raw::Toml(&toml::Value::Float(1.5))).is_err());
    }
}
