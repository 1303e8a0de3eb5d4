//! The cookies of the pages: the session, what forms before sign-in are bound to, a form that waits for
//! its sender, and what a person chose (language, theme, time zone, product).
//!
//! The session cookie holds the 24-hour token. Over https, and on this machine, it is bound to the
//! host and never leaves encrypted connections (`__Host-`, RFC 6265bis 4.1.3.2). Over plain http on
//! another name a browser drops such a cookie without a word, so sign-in is refused there, unless
//! the operator has allowed cookies that can be overheard (`server.insecure_cookies`).

use axum::http::request::Parts;
use http::header::{COOKIE, HOST};
use http::{HeaderMap, HeaderValue, Uri};
use ui::{Lang, Theme, Zone};

use crate::app::App;
use crate::auth::jwt;

const GUARDED: &str = "__Host-cl_session";
const BARE: &str = "cl_session";
const PRESESSION_GUARDED: &str = "__Host-cl_presession";
const PRESESSION_BARE: &str = "cl_presession";
const KEPT_GUARDED: &str = "__Host-cl_kept";
const KEPT_BARE: &str = "cl_kept";
pub(super) const LANGUAGE: &str = "cl_language";
pub(super) const THEME: &str = "cl_theme";
pub(super) const ZONE: &str = "cl_zone";
pub(super) const PRODUCT: &str = "cl_product";
const YEAR_SECONDS: i64 = 365 * 24 * 60 * 60;

/// How the session cookie can be kept by whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// Only encrypted, or on this machine.
    Guarded,
    /// Also in the clear: the operator wants it so.
    Bare,
    /// Not at all: the browser would drop it.
    Impossible,
}

impl Keeping {
    pub(super) fn of(app: &App, headers: &HeaderMap) -> Self {
        if app.base_url.starts_with("https://") || is_this_machine(headers) {
            return Self::Guarded;
        }
        match app.config.server.insecure_cookies {
            true => Self::Bare,
            false => Self::Impossible,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Guarded | Self::Impossible => GUARDED,
            Self::Bare => BARE,
        }
    }

    /// Returns the field that sets the session cookie.
    pub(super) fn set(self, token: &str) -> Option<HeaderValue> {
        let secure = if self == Self::Guarded { "; Secure" } else { "" };
        let (name, seconds) = (self.name(), jwt::LIFETIME_SECONDS);
        let field =
            format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&field).ok()
    }

    fn presession_name(self) -> Option<&'static str> {
        match self {
            Self::Guarded => Some(PRESESSION_GUARDED),
            Self::Bare => Some(PRESESSION_BARE),
            Self::Impossible => None,
        }
    }

    /// Returns the pair of name and value that stands for a browser before sign-in, and the field
    /// that sets it until the browser is closed. `None` where the browser would drop it.
    pub(super) fn presession(self, id: &str) -> Option<(HeaderValue, HeaderValue)> {
        let pair = format!("{}={id}", self.presession_name()?);
        let secure = if self == Self::Guarded { "; Secure" } else { "" };
        let field = format!("{pair}; Path=/; HttpOnly; SameSite=Lax{secure}");
        Some((HeaderValue::from_str(&pair).ok()?, HeaderValue::from_str(&field).ok()?))
    }

    fn kept_name(self) -> Option<&'static str> {
        match self {
            Self::Guarded => Some(KEPT_GUARDED),
            Self::Bare => Some(KEPT_BARE),
            Self::Impossible => None,
        }
    }

    /// Returns the field that keeps a sealed form for some seconds; for none it is removed.
    pub(super) fn keep(self, sealed: &str, seconds: i64) -> Option<HeaderValue> {
        let (name, secure) =
            (self.kept_name()?, if self == Self::Guarded { "; Secure" } else { "" });
        let field =
            format!("{name}={sealed}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&field).ok()
    }

    /// Returns the field that removes the session cookie.
    pub(super) fn clear(self) -> Option<HeaderValue> {
        let secure = if self == Self::Guarded { "; Secure" } else { "" };
        let field = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", self.name());
        HeaderValue::from_str(&field).ok()
    }
}

/// Returns whether the browser asks by a name of this machine, where cookies count as secure.
fn is_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| format!("http://{host}/").parse::<Uri>().ok());
    let name = host.as_ref().and_then(Uri::host).unwrap_or_default();
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// Returns the token of the session cookie. Two of that name are none: one was planted.
pub(super) fn session<'a>(app: &App, parts: &'a Parts) -> Option<&'a str> {
    only(&parts.headers, Keeping::of(app, &parts.headers).name())
}

/// Returns what forms before sign-in are bound to. As with the session, two are none.
pub(super) fn presession(app: &App, headers: &HeaderMap) -> Option<String> {
    only(headers, Keeping::of(app, headers).presession_name()?).map(str::to_owned)
}

/// Returns the sealed form that waits in this browser.
pub(super) fn kept(app: &App, headers: &HeaderMap) -> Option<String> {
    only(headers, Keeping::of(app, headers).kept_name()?).map(str::to_owned)
}

fn only<'a>(headers: &'a HeaderMap, name: &'a str) -> Option<&'a str> {
    let mut found = values(headers, name);
    let value = found.next()?;
    found.next().is_none().then_some(value)
}

fn values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(have, _)| have.trim() == name).map(|(_, value)| value.trim())
}

/// Returns the language that was chosen, else the one the browser prefers.
pub(super) fn language(headers: &HeaderMap) -> Lang {
    let chosen = values(headers, LANGUAGE).next().and_then(Lang::parse);
    let field = headers.get(http::header::ACCEPT_LANGUAGE).and_then(|field| field.to_str().ok());
    chosen.or_else(|| Lang::accepted(field?)).unwrap_or_default()
}

/// Returns the theme that was chosen.
pub(super) fn theme(headers: &HeaderMap) -> Theme {
    values(headers, THEME).next().and_then(Theme::parse).unwrap_or_default()
}

/// Returns the time zone that was chosen.
pub(super) fn zone(headers: &HeaderMap) -> Zone {
    values(headers, ZONE).next().and_then(Zone::parse).unwrap_or_default()
}

/// Returns the product whose configuration is wanted first; empty for none in particular.
pub(super) fn product(headers: &HeaderMap) -> &'static str {
    values(headers, PRODUCT).next().map_or("", preferred)
}

/// Returns the product of that name that a person may prefer; an empty text for every other name.
pub(super) fn preferred(name: &str) -> &'static str {
    ui::parts::PREFERRED.into_iter().find(|product| *product == name).unwrap_or_default()
}

/// Returns the field that remembers a choice for a year. `value` is a word of ours.
pub(super) fn remember(name: &str, value: &'static str) -> Option<HeaderValue> {
    let field = format!("{name}={value}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax");
    HeaderValue::from_str(&field).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080"] {
            assert!(is_this_machine(&headers(HOST, host)), "{host}");
        }
        for host in ["nas", "nas:8080", "localhost.example.com", "10.0.0.1", "127.0.0.1.nip.io"] {
            assert!(!is_this_machine(&headers(HOST, host)), "{host}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = headers(COOKIE, "a=1; cl_theme=dark;cl_language=de; cl_theme=light");
        assert_eq!(theme(&headers), Theme::Dark);
        assert_eq!(language(&headers), Lang::German);
        assert_eq!(values(&headers, "cl_theme").count(), 2);
        assert_eq!(values(&headers, "theme").count(), 0);
    }

    #[test]
    fn the_session_cookie_is_bound_to_the_host() {
        let field = Keeping::Guarded.set("a.b.c").unwrap();
        let field = field.to_str().unwrap();
        assert!(field.starts_with("__Host-cl_session=a.b.c; Path=/; Max-Age=86400;"), "{field}");
        assert!(field.contains("; HttpOnly; SameSite=Lax; Secure") && !field.contains("Domain"));
        let (_, field) = Keeping::Guarded.presession("x").unwrap();
        assert_eq!(field, "__Host-cl_presession=x; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(Keeping::Impossible.presession("x"), None, "the browser would drop it");
    }
}
