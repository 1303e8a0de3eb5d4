//! Where a redirect leads: the part of URL resolution (RFC 3986, section 5) that `Location` needs.
//!
//! Only `http` and `https`, only ports 80 and 443, only names: an address literal is never
//! followed, since a redirect must not choose what the scan connects to. Never fails on odd input,
//! it says why a place is not followed.

use model::DomainName;

use crate::net::Scheme;

/// The longest place that is followed, in octets.
const LONGEST: usize = 4 * 1024;

/// A place that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) scheme: Scheme,
    pub(super) host: String,
    pub(crate) port: u16,
    /// Path and query, beginning with `/`.
    pub(crate) path: String,
}

impl Place {
    pub(crate) fn root(scheme: Scheme, host: &str) -> Self {
        let port = scheme.default_port();
        Self { scheme, host: host.to_owned(), port, path: "/".to_owned() }
    }

    /// Returns the same site at another path.
    pub(super) fn at(&self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    /// Returns the path without its query, at most 256 characters of it.
    pub(super) fn path_only(&self) -> String {
        self.path.split('?').next().unwrap_or("/").chars().take(256).collect()
    }

    /// Resolves a `Location` against this place, or says why it is not followed.
    pub(crate) fn resolve(&self, location: &str) -> Result<Self, String> {
        let location = location.trim();
        if location.len() > LONGEST {
            return Err("it redirects to a place that is too long".to_owned());
        }
        let location = location.split('#').next().unwrap_or("");
        if let Some(rest) = location.strip_prefix("//") {
            return absolute(self.scheme, rest);
        }
        if let Some((scheme, rest)) = split_scheme(location) {
            let scheme = match scheme.to_ascii_lowercase().as_str() {
                "https" => Scheme::Https,
                "http" => Scheme::Http,
                other => return Err(format!("it redirects to a `{other}:` address")),
            };
            return match rest.strip_prefix("//") {
                Some(rest) => absolute(scheme, rest),
                None => Err("it redirects to an address without a host".to_owned()),
            };
        }
        let own_path = self.path.split('?').next().unwrap_or("/");
        let path = match location.chars().next() {
            None => self.path.clone(),
            Some('/') => location.to_owned(),
            Some('?') => format!("{own_path}{location}"),
            Some(_) => {
                let folder = own_path.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("{folder}/{location}")
            }
        };
        Ok(self.at(&tidy(&path)))
    }
}

/// Splits `scheme:rest` when the text begins with a scheme (RFC 3986, section 3.1).
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut letters = scheme.bytes();
    let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic());
    let goes_on = letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    (begins && goes_on).then_some((scheme, rest))
}

fn absolute(scheme: Scheme, rest: &str) -> Result<Place, String> {
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let port = match authority.rsplit_once(':').map(|(_, port)| port) {
        None | Some("") => scheme.default_port(),
        Some(port) => match port.parse() {
            Ok(port @ (80 | 443)) => port,
            _ => return Err(format!("it redirects to port {}", shown(port))),
        },
    };
    let host = DomainName::parse(authority)
        .map_err(|problem| format!("it redirects to `{}`, which {problem}", shown(authority)))?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Place { scheme, host: host.as_str().to_owned(), port, path: tidy(&path) })
}

fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(80).collect()
}

/// Removes dot segments and escapes what must not stand in a request line.
fn tidy(path: &str) -> String {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    let mut tidied = String::with_capacity(path.len() + 1);
    let joined = format!("/{}", kept.join("/"));
    escape(&joined, &mut tidied);
    if let Some(query) = query {
        tidied.push('?');
        escape(query, &mut tidied);
    }
    tidied
}

fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#' => {
                into.push_str(&format!("%{byte:02X}"));
            }
            0x21..=0x7e => into.push(char::from(byte)),
            _ => into.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resolve(location: &str) -> String {
        let base = Place::root(Scheme::Https, "example.com").at("/a/b?secret=1");
        match base.resolve(location) {
            Ok(place) => {
                format!("{}://{}:{}{}", place.scheme.as_str(), place.host, place.port, place.path)
            }
            Err(why) => why,
        }
    }

    #[test]
    fn resolves_what_servers_send() {
        assert_eq!(resolve("https://WWW.example.com"), "https://www.example.com:443/");
        assert_eq!(resolve("HTTP://example.com:80/x#top"), "http://example.com:80/x");
        assert_eq!(resolve("//cdn.example.net/y"), "https://cdn.example.net:443/y");
        assert_eq!(resolve("/login?next=/"), "https://example.com:443/login?next=/");
        assert_eq!(resolve("../c/./d"), "https://example.com:443/c/d");
        assert_eq!(resolve("?page=2"), "https://example.com:443/a/b?page=2");
        assert_eq!(resolve("/caf\u{e9} au lait"), "https://example.com:443/caf%C3%A9%20au%20lait");
    }

    #[test]
    fn says_why_a_place_is_not_followed() {
        assert_eq!(resolve("https://example.com:8443/"), "it redirects to port 8443");
        assert_eq!(resolve("ftp://example.com/"), "it redirects to a `ftp:` address");
        assert!(resolve("http://169.254.169.254/latest").contains("is an IP address"));
        assert!(resolve("http://[::1]/").contains("it redirects to"));
        assert!(resolve("https://user:secret@example.com/").contains("it redirects to"));
        assert!(resolve("http://localhost/").contains("reserved"));
    }

    proptest! {
        #[test]
        fn never_panics_and_never_leaves_the_two_ports(location in "\\PC{0,80}") {
            if let Ok(place) = Place::root(Scheme::Http, "example.com").resolve(&location) {
                prop_assert!(matches!(place.port, 80 | 443));
                prop_assert!(place.path.starts_with('/'));
                prop_assert!(place.path.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
            }
        }
    }
}
