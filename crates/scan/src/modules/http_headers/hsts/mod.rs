//! HTTP Strict Transport Security (RFC 6797): do browsers stay on HTTPS by themselves.
//!
//! Every host of the domain that answered over HTTPS is judged, since each sets its own policy:
//! the domain's name, and where it redirects to below the domain. A host that the domain's
//! `includeSubDomains` covers needs none of its own.

mod duplicated;
pub mod header;
mod invalid;
mod max_age_under_a_year;
mod max_age_zero;
mod missing;
mod no_include_subdomains;
mod not_preloadable;
mod not_preloaded;
mod sent_over_http;
mod short_max_age;

use header::StrictTransport;

use super::evidence::{Hop, HttpEvidence};
use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

/// What a policy breaks.
const CAREFUL: &str = "Browsers refuse plain HTTP and certificate errors for as long as max-age says, \
    and nobody can call that back: begin with a day, and raise it when every page of the host works \
    over HTTPS.";

/// What `includeSubDomains` breaks.
const CAREFUL_SUBDOMAINS: &str = "Every host below the domain must speak HTTPS then, internal ones too: \
    list them first, and go through a week with a short max-age.";

pub const CHECKS: &[Check] = &[
    missing::CHECK,
    max_age_zero::CHECK,
    invalid::CHECK,
    short_max_age::CHECK,
    max_age_under_a_year::CHECK,
    no_include_subdomains::CHECK,
    duplicated::CHECK,
    sent_over_http::CHECK,
    not_preloadable::CHECK,
    not_preloaded::CHECK,
];

const NAME: &str = "strict-transport-security";
const NO_HTTPS: &str = "there is no HTTPS";
const NO_POLICY: &str = "there is no valid HSTS policy";

/// What one host sends.
struct Host<'a> {
    name: &'a str,
    /// The header's values in the last response that has any; browsers heed the first.
    values: Vec<&'a str>,
}

impl Host<'_> {
    fn policy(&self) -> Option<StrictTransport> {
        self.values.first().map(|value| StrictTransport::parse(value))
    }
}

/// Returns the hosts to judge, the domain's own name first; none when there is no HTTPS.
fn hosts(http: &HttpEvidence) -> Seen<Vec<Host<'_>>> {
    if http.secure.hops.is_empty() && !http.leads_to_https() {
        return match http.secure.failure() {
            Some(_) if !http.plain.hops.is_empty() => Ok(Vec::new()),
            Some(error) => Err(Missing(format!("https://{}/: {error}", http.domain))),
            None => Err(Missing::not_probed()),
        };
    }
    let mut hosts: Vec<Host<'_>> = Vec::new();
    let mut unseen: Option<Missing> = None;
    for hop in http.own_secure_hops() {
        let values: Vec<&str> = hop.all(NAME).collect();
        if let (true, Err(missing)) = (values.is_empty(), hop.judgeable()) {
            unseen = Some(missing);
            continue;
        }
        match hosts.iter_mut().find(|host| host.name == hop.host) {
            Some(host) if !values.is_empty() => host.values = values,
            Some(_) => {}
            None => hosts.push(Host { name: &hop.host, values }),
        }
    }
    match unseen {
        Some(missing) if hosts.is_empty() => Err(missing),
        _ => Ok(hosts),
    }
}

/// Judges each host that has a valid policy; fails with what `problem` says of the first.
fn judge_policies(
    evidence: &Evidence,
    problem: fn(&StrictTransport) -> Option<String>,
) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let hosts = hosts(http)?;
    if hosts.is_empty() {
        return Ok(Verdict::NotApplicable(NO_HTTPS));
    }
    let policies: Vec<_> = hosts
        .iter()
        .filter_map(|host| Some((host.name, host.policy().filter(StrictTransport::is_valid)?)))
        .collect();
    if policies.is_empty() {
        return Ok(Verdict::NotApplicable(NO_POLICY));
    }
    let failed = policies.iter().find_map(|(name, policy)| Some((name, problem(policy)?)));
    Ok(match failed {
        Some((name, seen)) => Verdict::Fail(format!("{name} sends {seen}")),
        None => Verdict::Pass,
    })
}

/// Returns a response that came over plain HTTP with a policy.
fn plain_hop(http: &HttpEvidence) -> Option<&Hop> {
    let hops = http.plain.hops.iter().chain(&http.secure.hops);
    hops.into_iter().find(|hop| {
        hop.scheme == crate::net::Scheme::Http
            && http.is_own(&hop.host)
            && hop.first(NAME).is_some()
    })
}
