//! What the HTTP probe saw.
//!
//! Two [`Walk`]s, from `https://` and from `http://`, and the answers to a few more requests. The
//! page that header checks judge is [`HttpEvidence::page`]; everything that keeps it from being
//! judged (a block page, a server error, a connection that failed) comes out of there as
//! [`Missing`].

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::elsewhere::Elsewhere;
use super::markup::Markup;
pub use super::preload::Preloaded;
use crate::check::{Missing, Seen};
use crate::modules::cookies::ReceivedCookie;
use crate::net::{NetError, Scheme};

/// What the web server of a domain answered. Parts that an older report lacks were not probed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct HttpEvidence {
    /// The domain asked for.
    pub domain: String,
    /// The address of the domain that was asked.
    pub address: Option<IpAddr>,
    /// From `https://domain/` on.
    pub secure: Walk,
    /// From `http://domain/` on.
    pub plain: Walk,
    /// Whether port 443 lets nobody connect at any address; asked when plain HTTP answers and HTTPS
    /// was refused or silent.
    pub https_shut: Seen<bool>,
    /// What the markup of [`HttpEvidence::page`] names.
    pub markup: Seen<Markup>,
    /// A path nobody has.
    pub canary: Seen<u16>,
    /// A `TRACE` request.
    pub trace: Seen<TraceAnswer>,
    /// A request with a foreign `Origin`.
    pub cors: Seen<CorsAnswer>,
    /// `/.well-known/security.txt`.
    pub security_txt: Seen<TextFile>,
    /// The first line of `/.git/HEAD`, when it is one of git's.
    pub git_head: Seen<Option<String>>,
    /// The names of the variables in `/.env`, when it is such a file; never their values.
    pub dot_env: Seen<Vec<String>>,
    /// Other files no site means to serve, and one folder that the page names.
    pub exposed: Seen<Vec<Exposed>>,
    /// The methods that the answer to `OPTIONS` allows, at most 16.
    pub allowed_methods: Seen<Vec<String>>,
    /// How the page is compressed for those who ask for it.
    pub compression: Seen<Option<String>>,
    /// The same first page at up to three other addresses of the domain.
    pub elsewhere: Seen<Vec<Elsewhere>>,
    /// The entry of the browsers' HSTS list that covers the domain, if any.
    pub preloaded: Seen<Option<Preloaded>>,
    /// CVE ids that the operator's catalogue of exploited flaws adds to ours.
    pub exploited: Vec<String>,
}

/// Redirects followed from one place on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Walk {
    /// The responses, in the order they came.
    pub hops: Vec<Hop>,
    pub end: End,
}

/// One response.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hop {
    pub scheme: Scheme,
    pub host: String,
    /// Without the query.
    pub path: String,
    pub address: IpAddr,
    pub status: u16,
    /// At most 64 of at most 2 KiB (policies 16 KiB), names in lower case, without `set-cookie`.
    pub headers: Vec<(String, String)>,
    pub cookies: Vec<ReceivedCookie>,
    /// What the page's `<meta>` elements say.
    pub meta: Meta,
    /// What says that this is a block page, if it is one.
    pub blocked: Option<String>,
}

/// Policies a page delivers in its markup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub content_security_policy: Vec<String>,
    pub referrer: Option<String>,
}

/// Why a walk went no further.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    #[default]
    NotTried,
    /// The last hop is not a redirect.
    Answered,
    /// The last hop leads to a place that was visited before.
    Loop,
    /// More than 10 redirects.
    TooLong,
    /// The last hop leads to what is not followed, and why.
    NotFollowed(String),
    /// No response from this host.
    Failed { host: String, failure: Failure },
}

/// Why there was no response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    #[error("the connection was refused")]
    Refused,
    #[error("no answer in time")]
    TimedOut,
    #[error("the server hung up")]
    Closed,
    /// Something answered, but not in TLS or not in HTTP.
    #[error("{0}")]
    Protocol(String),
    /// The failure tells nothing about the server.
    #[error("{0}")]
    Unreached(String),
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Refused => Self::Refused,
            NetError::TimedOut => Self::TimedOut,
            NetError::Closed => Self::Closed,
            NetError::Protocol(problem) => Self::Protocol(problem),
            other => Self::Unreached(other.to_string()),
        }
    }
}

impl From<&Failure> for Missing {
    fn from(failure: &Failure) -> Self {
        Self(failure.to_string())
    }
}

/// What came back from `TRACE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceAnswer {
    pub status: u16,
    /// Whether the request came back as the content.
    pub echoed: bool,
}

/// What came back for a foreign origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorsAnswer {
    /// The `Origin` sent.
    pub origin: String,
    pub status: u16,
    pub allow_origin: Option<String>,
    pub allow_credentials: Option<String>,
}

/// What came of asking for something that should not be served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposed {
    pub path: String,
    /// What lies there, when it is what the path promises; never its contents.
    pub seen: Seen<Option<String>>,
}

/// A text file that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFile {
    pub url: String,
    pub status: u16,
    pub content_type: Option<String>,
    /// At most 8 KiB; empty unless the status is 200.
    pub text: String,
}

impl Default for HttpEvidence {
    fn default() -> Self {
        Self {
            domain: String::new(),
            address: None,
            secure: Walk::default(),
            plain: Walk::default(),
            https_shut: Err(Missing::not_probed()),
            markup: Err(Missing::not_probed()),
            canary: Err(Missing::not_probed()),
            trace: Err(Missing::not_probed()),
            cors: Err(Missing::not_probed()),
            security_txt: Err(Missing::not_probed()),
            git_head: Err(Missing::not_probed()),
            dot_env: Err(Missing::not_probed()),
            exposed: Err(Missing::not_probed()),
            allowed_methods: Err(Missing::not_probed()),
            compression: Err(Missing::not_probed()),
            elsewhere: Err(Missing::not_probed()),
            preloaded: Err(Missing::not_probed()),
            exploited: Vec::new(),
        }
    }
}

impl HttpEvidence {
    /// Returns the page that header checks judge: where `https://domain/` leads, or where
    /// `http://domain/` leads when there is no HTTPS at all.
    pub fn page(&self) -> Seen<&Hop> {
        let page = match self.secure.landed() {
            Err(_) if self.secure.hops.is_empty() && self.plain.end == End::Answered => {
                self.plain.landed()
            }
            landed => landed,
        }?;
        page.judgeable().map(|()| page)
    }

    /// Returns the page with what its markup names; `None` when it is no HTML document.
    pub fn document(&self) -> Seen<Option<(&Hop, &Markup)>> {
        let page = self.page()?;
        let is_html = page.first("content-type").is_none_or(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.contains("text/html") || kind.contains("application/xhtml+xml")
        });
        if !is_html {
            return Ok(None);
        }
        Ok(Some((page, self.markup.as_ref().map_err(Clone::clone)?)))
    }

    /// Says whether a host has the registrable domain of the scanned one. Hosts that belong to the
    /// same people under another domain cannot be told from strangers.
    pub fn is_same_site(&self, host: &str) -> bool {
        let registrable = |host| psl::domain_str(host).unwrap_or(host);
        self.is_own(host) || registrable(host) == registrable(self.domain.as_str())
    }

    /// Returns the responses of the domain itself and below it that came over HTTPS.
    pub fn own_secure_hops(&self) -> impl Iterator<Item = &Hop> {
        let hops = self.secure.hops.iter().chain(&self.plain.hops);
        hops.filter(|hop| hop.scheme == Scheme::Https && self.is_own(&hop.host))
    }

    /// Says whether plain HTTP leads to a name of the domain that answers over HTTPS.
    pub fn leads_to_https(&self) -> bool {
        self.plain.hops.iter().any(|hop| hop.scheme == Scheme::Https && self.is_own(&hop.host))
    }

    /// Says whether a host is the domain or lies below it.
    pub fn is_own(&self, host: &str) -> bool {
        host == self.domain
            || host.strip_suffix(self.domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
    }
}

impl Walk {
    /// Returns the last response, or why there is none to judge.
    pub fn landed(&self) -> Seen<&Hop> {
        let reason = match (&self.end, self.hops.last()) {
            (End::Answered, Some(hop)) => return Ok(hop),
            (End::NotTried, _) | (End::Answered, None) => return Err(Missing::not_probed()),
            (End::Loop, _) => "the redirects run in a circle".to_owned(),
            (End::TooLong, _) => "the redirects do not end within 10 steps".to_owned(),
            (End::NotFollowed(why), _) => why.clone(),
            (End::Failed { host, failure }, _) => format!("no answer from {host}: {failure}"),
        };
        Err(Missing(reason))
    }

    /// Returns why the very first request got no response, if so.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.end {
            End::Failed { failure, .. } if self.hops.is_empty() => Some(failure),
            _ => None,
        }
    }
}

impl Hop {
    /// Returns the address of the page, without its query.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme.as_str(), self.host, self.path)
    }

    /// Returns every value of a header, in the order sent. `name` is in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let wanted = self.headers.iter().filter(move |(have, _)| have == name);
        wanted.map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a header. `name` is in lower case.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// Says whether the response sends the browser elsewhere.
    pub fn is_redirect(&self) -> bool {
        is_redirect(self.status) && self.first("location").is_some()
    }

    /// Says why the response tells nothing about the site, if so.
    pub fn judgeable(&self) -> Seen<()> {
        let status = self.status;
        match &self.blocked {
            Some(sign) => Err(Missing(format!(
                "the server answered with a block page (status {status}, {sign})"
            ))),
            None if status >= 500 => {
                Err(Missing(format!("the server answered with an error (status {status})")))
            }
            None => Ok(()),
        }
    }
}

/// Says whether a status with a `Location` is followed (RFC 9110, section 15.4).
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn missing(http: &HttpEvidence) -> String {
        http.page().unwrap_err().to_string()
    }

    #[test]
    fn what_hides_the_page_is_missing_and_never_judged() {
        let mut http = sample::site(&[]);
        assert_eq!(http.page().unwrap().url(), "https://example.com/");
        http.secure.hops[0].status = 502;
        assert_eq!(missing(&http), "the server answered with an error (status 502)");
        http.secure.hops[0].blocked = Some("the status says so".to_owned());
        http.secure.hops[0].status = 403;
        assert!(missing(&http).starts_with("the server answered with a block page (status 403"));
        http.secure.end = End::Loop;
        assert_eq!(missing(&http), "the redirects run in a circle");
        assert_eq!(missing(&HttpEvidence::default()), Missing::not_probed().to_string());
    }

    #[test]
    fn a_site_without_https_is_judged_by_its_plain_page() {
        let mut http = sample::site(&[]);
        http.plain.hops.truncate(1);
        http.secure = sample::failed(Failure::Refused);
        assert_eq!(http.page().unwrap().scheme, Scheme::Http);
    }

    #[test]
    fn only_names_below_the_domain_are_its_own() {
        let http = sample::site(&[]);
        assert!(http.is_own("example.com") && http.is_own("www.example.com"));
        assert!(!http.is_own("badexample.com") && !http.is_own("com"));
    }

    #[test]
    fn a_site_ends_where_its_registrable_domain_does() {
        let mut http = sample::site(&[]);
        http.domain = "www.example.co.uk".to_owned();
        assert!(http.is_same_site("static.example.co.uk") && http.is_same_site("example.co.uk"));
        assert!(!http.is_same_site("other.co.uk") && !http.is_same_site("example.com"));
    }

    #[test]
    fn what_is_no_document_has_no_markup_to_judge() {
        let mut http = sample::site(&[("content-type", "application/json")]);
        assert_eq!(http.document().map(|document| document.is_some()), Ok(false));
        http.secure.hops[0].headers[0].1 = "text/html; charset=utf-8".to_owned();
        assert_eq!(http.document().map(|document| document.is_some()), Ok(true));
        http.markup = Err(Missing::not_probed());
        assert!(http.document().is_err());
    }

    #[test]
    fn parts_that_an_older_report_lacks_were_not_probed() {
        let mut stored = serde_json::to_value(sample::site(&[])).unwrap();
        let parts = stored.as_object_mut().unwrap();
        for part in ["markup", "exposed", "allowed_methods", "compression"] {
            assert!(parts.remove(part).is_some(), "{part}");
        }
        let again: HttpEvidence = serde_json::from_value(stored).unwrap();
        assert!(again.page().is_ok());
        assert_eq!(again.document().map(|_| ()), Err(Missing::not_probed()));
        assert_eq!(again.exposed, Err(Missing::not_probed()));
    }

    #[test]
    fn evidence_survives_storage() {
        let http = sample::site(&[("server", "nginx")]);
        let stored = serde_json::to_string(&http).unwrap();
        let again: HttpEvidence = serde_json::from_str(&stored).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), stored);
    }
}
