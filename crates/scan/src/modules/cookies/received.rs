//! One `Set-Cookie` as a server sent it, without its value.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::date;

/// The longest name and value together that browsers take (RFC 6265bis, section 5.6).
const LONGEST_PAIR: usize = 4_096;
/// The longest attribute value that browsers take (RFC 6265bis, section 5.6).
const LONGEST_ATTRIBUTE: usize = 1_024;

/// Attributes whose values are kept; anything else could be a part of the value.
const ATTRIBUTES: &[&str] = &[
    "domain",
    "expires",
    "httponly",
    "max-age",
    "partitioned",
    "path",
    "priority",
    "samesite",
    "secure",
];

/// What is kept of a `Set-Cookie` header, read as browsers do (RFC 6265bis, section 5.6). Never
/// fails; the value is measured and forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedCookie {
    /// At most 128 characters.
    pub name: String,
    /// In octets.
    pub value_length: usize,
    /// Names in lower case, in the order sent; of one that repeats, the last counts.
    pub attributes: Vec<(String, String)>,
    /// Why browsers ignore the whole header, if they do.
    pub rejected: Option<String>,
}

/// The value of `SameSite`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    Strict,
    Lax,
    None,
}

impl ReceivedCookie {
    /// Reads a header's value.
    pub fn receive(header: &str) -> Self {
        let (pair, rest) = header.split_once(';').unwrap_or((header, ""));
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim_matches([' ', '\t']), value.trim_matches([' ', '\t']));
        let mut cookie = Self {
            name: name.chars().filter(|c| !c.is_control()).take(128).collect(),
            value_length: value.len(),
            ..Self::default()
        };
        let is_control = |c: char| c.is_control() && c != '\t';
        cookie.rejected = if header.contains(is_control) {
            Some("holds a control character".to_owned())
        } else if name.is_empty() && value.is_empty() {
            Some("has neither name nor value".to_owned())
        } else if name.len() + value.len() > LONGEST_PAIR {
            Some(format!("is longer than {LONGEST_PAIR} octets"))
        } else {
            None
        };
        for attribute in rest.split(';').take(32) {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if ATTRIBUTES.contains(&name.as_str()) && value.len() <= LONGEST_ATTRIBUTE {
                let value = value.chars().filter(|c| !c.is_control()).take(256).collect();
                cookie.attributes.push((name, value));
            }
        }
        cookie
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().rev().find(|(have, _)| have == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Says whether the cookie stays on HTTPS.
    pub fn is_secure(&self) -> bool {
        self.attribute("secure").is_some()
    }

    /// Says whether scripts are kept from it.
    pub fn is_http_only(&self) -> bool {
        self.attribute("httponly").is_some()
    }

    /// Returns what the cookie says about requests from other sites, if a browser knows the word.
    pub fn same_site(&self) -> Option<SameSite> {
        let value = self.attribute("samesite")?;
        let known =
            [("strict", SameSite::Strict), ("lax", SameSite::Lax), ("none", SameSite::None)];
        known.into_iter().find(|(word, _)| value.eq_ignore_ascii_case(word)).map(|(_, same)| same)
    }

    /// Returns the domain the cookie is for, in lower case, without a leading dot.
    pub fn domain(&self) -> Option<String> {
        let value = self.attribute("domain")?;
        let value = value.strip_prefix('.').unwrap_or(value);
        (!value.is_empty()).then(|| value.to_ascii_lowercase())
    }

    /// Returns the path, when it begins with a slash as a path has to.
    pub fn path(&self) -> Option<&str> {
        self.attribute("path").filter(|path| path.starts_with('/'))
    }

    /// Returns how many seconds after `now` (seconds since 1970) the cookie lives, if it does not
    /// end with the browser. `Max-Age` wins over `Expires`.
    pub fn lifetime(&self, now: i64) -> Option<i64> {
        let max_age = self.attribute("max-age").and_then(|value| {
            let digits = value.strip_prefix('-').unwrap_or(value);
            let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            valid.then(|| value.parse().unwrap_or(i64::MAX))
        });
        let expires = || {
            let end: Timestamp = date::parse(self.attribute("expires")?)?;
            Some(end.as_second() - now)
        };
        max_age.or_else(expires)
    }

    /// Says whether the name is one that sessions and sign-ins have.
    pub fn is_session(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        if name.contains("csrf") || name.contains("xsrf") {
            return false;
        }
        let words = words(&self.name);
        let has = |wanted: &[&str]| {
            let parts: Vec<_> = words.iter().map(String::as_str).collect();
            parts.windows(wanted.len()).any(|some| some == wanted)
        };
        // Drupal adds a hash of the site's name.
        let hash = name.strip_prefix("ssess").or_else(|| name.strip_prefix("sess"));
        let is_hash = |hash: &str| hash.len() >= 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        hash.is_some_and(is_hash)
            || SESSION_NAMES.iter().any(|known| name.starts_with(known))
            || SESSION_WORDS.iter().any(|word| has(&[word]))
            || SESSION_PHRASES.iter().any(|phrase| has(phrase))
    }
}

/// Names that frameworks give their sessions and that are no words, in lower case; some add to them.
const SESSION_NAMES: &[&str] = &[
    "phpsessid",
    "jsessionid",
    "aspsessionid",
    ".aspxauth",
    "wordpress_logged_in",
    "wordpress_sec",
    "laravel_session",
];

/// Words that name a session or a sign-in.
const SESSION_WORDS: &[&str] = &[
    "sess",
    "session",
    "sessions",
    "sessid",
    "sessionid",
    "sid",
    "ssid",
    "auth",
    "aspxauth",
    "authtoken",
    "token",
    "jwt",
    "login",
    "identity",
    "cfid",
    "cftoken",
    "remember",
    "usersession",
    "phpsessid",
    "jsessionid",
];

/// The same in several words.
const SESSION_PHRASES: &[&[&str]] = &[&["logged", "in"], &["access", "token"], &["remember", "me"]];

/// Splits a name into its words, in lower case: at what is no letter or digit, and where a capital
/// follows a small letter (`userSession`, `ASP.NET_SessionId`).
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let begins = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if (begins || !letter.is_ascii_alphanumeric()) && words.last() != Some(&String::new()) {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_servers_send_and_forgets_the_value() {
        let cookie = ReceivedCookie::receive(
            " sid = s3cr3t=x ;Path=/; SECURE; httponly;samesite=Lax; Domain=.Example.com; s3cr3t2",
        );
        assert_eq!((cookie.name.as_str(), cookie.value_length), ("sid", 8));
        assert!(cookie.is_secure() && cookie.is_http_only() && cookie.is_session());
        assert_eq!(cookie.same_site(), Some(SameSite::Lax));
        assert_eq!(cookie.domain().as_deref(), Some("example.com"));
        assert_eq!(cookie.path(), Some("/"));
        assert!(!serde_json::to_string(&cookie).unwrap().contains("s3cr3t"));
    }

    #[test]
    fn the_last_of_repeated_attributes_counts() {
        let cookie = ReceivedCookie::receive("a=b; SameSite=None; SameSite=Strict; Max-Age=60");
        assert_eq!(cookie.same_site(), Some(SameSite::Strict));
        assert_eq!(cookie.lifetime(0), Some(60));
    }

    #[test]
    fn tells_sessions_by_their_names() {
        let session = |name: &str| ReceivedCookie::receive(&format!("{name}=1")).is_session();
        for name in [
            "PHPSESSID",
            "JSESSIONID",
            "connect.sid",
            "__Host-session",
            "auth_token",
            "jwt",
            "sess",
            "ASP.NET_SessionId",
            "ASPSESSIONIDQQRCDTAB",
            ".ASPXAUTH",
            "userSession",
            "user_session",
            "laravel_session",
            "_shop_session",
            "wordpress_logged_in_a1b2c3",
            "remember_web_59ba36",
            "rememberMe",
            "access_token",
            "SSESS0123456789abcdef0123456789abcdef",
        ] {
            assert!(session(name), "{name}");
        }
        for name in [
            "_ga",
            "csrftoken",
            "XSRF-TOKEN",
            "lang",
            "__cf_bm",
            "sidebar",
            "author",
            "assessment",
            "obsession",
            "possess",
            "selfAssessment",
            "tokenizer",
            "sessile0123",
        ] {
            assert!(!session(name), "{name}");
        }
    }

    #[test]
    fn says_why_browsers_ignore_a_cookie() {
        assert_eq!(
            ReceivedCookie::receive("").rejected.as_deref(),
            Some("has neither name nor value")
        );
        assert!(ReceivedCookie::receive(&"a".repeat(5_000)).rejected.is_some());
        assert!(ReceivedCookie::receive("a=b\u{7}").rejected.is_some());
        assert_eq!(ReceivedCookie::receive("flag").rejected, None);
    }

    proptest! {
        #[test]
        fn never_panics_and_never_keeps_the_value(header in "\\PC{0,80}", value in "[a-z]{20,30}") {
            let cookie = ReceivedCookie::receive(&header);
            cookie.lifetime(0);
            let cookie = ReceivedCookie::receive(&format!("n={value}; {value}; x={value}"));
            prop_assert!(!serde_json::to_string(&cookie).unwrap().contains(&value));
        }
    }
}
