//! Cookies: what protects them, session cookies first (RFC 6265bis).
//!
//! Judges the evidence of the HTTP probe: every `Set-Cookie` of the domain's own hosts that was not
//! sent by a block page. `received` holds what is kept of one, `date` reads its expiry.
//!
//! To add a check: `<problem>.rs`, its line in [`CHECKS`], `cargo xtask docs`.
//!
//! Invariant: a cookie's value is never kept, only its length.

mod broad_domain;
mod date;
mod invalid;
mod long_lived_session;
mod no_samesite;
mod not_secure;
mod paste;
mod prefix_broken;
mod received;
mod samesite_none_insecure;
mod session_not_httponly;
mod session_not_secure;

pub use received::ReceivedCookie;

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;
use crate::modules::http_headers::evidence::Hop;
use crate::net::Scheme;

pub const CHECKS: &[Check] = &[
    session_not_secure::CHECK,
    session_not_httponly::CHECK,
    prefix_broken::CHECK,
    samesite_none_insecure::CHECK,
    not_secure::CHECK,
    no_samesite::CHECK,
    broad_domain::CHECK,
    long_lived_session::CHECK,
    invalid::CHECK,
];

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[CHECKS];

const NO_COOKIES: &str = "the site sets no cookies";
const NO_SESSION: &str = "no cookie looks like a session";
const NO_SECURE: &str = "no cookie is set over HTTPS";

/// A cookie and the response it came with.
struct Setting<'a> {
    hop: &'a Hop,
    cookie: &'a ReceivedCookie,
}

/// Returns every cookie once for each host and protocol that sets it.
fn settings(evidence: &Evidence) -> Seen<Vec<Setting<'_>>> {
    let http = evidence.http()?;
    let mut settings: Vec<Setting<'_>> = Vec::new();
    let hops = http.secure.hops.iter().chain(&http.plain.hops);
    for hop in hops.filter(|hop| http.is_own(&hop.host) && hop.judgeable().is_ok()) {
        for cookie in &hop.cookies {
            let again = settings.iter().any(|have| {
                have.cookie == cookie && have.hop.host == hop.host && have.hop.scheme == hop.scheme
            });
            if !again {
                settings.push(Setting { hop, cookie });
            }
        }
    }
    if settings.is_empty() {
        http.page()?;
    }
    Ok(settings)
}

/// Judges all cookies; fails when `problem` says something about one.
fn judge(
    evidence: &Evidence,
    problem: fn(&Setting<'_>) -> Option<String>,
) -> Result<Verdict, Missing> {
    judge_those(evidence, |_| true, NO_COOKIES, problem)
}

/// Judges the cookies that look like a session.
fn judge_sessions(
    evidence: &Evidence,
    problem: fn(&Setting<'_>) -> Option<String>,
) -> Result<Verdict, Missing> {
    judge_those(evidence, |setting| setting.cookie.is_session(), NO_SESSION, problem)
}

fn judge_those(
    evidence: &Evidence,
    wanted: fn(&Setting<'_>) -> bool,
    none: &'static str,
    problem: fn(&Setting<'_>) -> Option<String>,
) -> Result<Verdict, Missing> {
    let settings = settings(evidence)?;
    if settings.is_empty() {
        return Ok(Verdict::NotApplicable(NO_COOKIES));
    }
    let wanted: Vec<_> = settings.iter().filter(|setting| wanted(setting)).collect();
    if wanted.is_empty() {
        return Ok(Verdict::NotApplicable(none));
    }
    let mut seen: Vec<String> = Vec::new();
    for setting in wanted {
        if let Some(problem) = problem(setting) {
            let name = match setting.cookie.name.as_str() {
                "" => "a cookie without a name".to_owned(),
                name => format!("`{name}`"),
            };
            let line = format!("{name} of {} {problem}", setting.hop.host);
            if !seen.contains(&line) {
                seen.push(line);
            }
        }
    }
    let more = seen.len().saturating_sub(5);
    seen.truncate(5);
    let mut text = seen.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    Ok(Verdict::fail_if(!text.is_empty(), || text))
}

impl Setting<'_> {
    fn came_over_https(&self) -> bool {
        self.hop.scheme == Scheme::Https
    }
}

/// The evidence of a site whose HTTPS page sets these cookies, for tests.
#[cfg(test)]
fn page(cookies: &[&str]) -> Evidence {
    use crate::modules::http_headers::sample;
    let mut http = sample::site(&[]);
    http.secure.hops[0].cookies =
        cookies.iter().map(|text| ReceivedCookie::receive(text)).collect();
    sample::evidence(http)
}
