//! RPKI: whether who announces the domain's addresses is who may (RFC 6811, RFC 9582).
//!
//! `vrps` is what the holders of addresses allow, `origins` who announces them; both come from
//! providers of the operator's choice, and `networks` keeps them small. `probe` judges the routes
//! of the web server, the mail servers and the name servers.
//!
//! Invariant: a route that nobody saw is neither good nor bad, and without providers nothing is
//! judged.

mod invalid;
mod networks;
mod not_found;
pub(crate) mod origins;
mod probe;
#[cfg(test)]
mod probe_tests;
pub(crate) mod vrps;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub use origins::RouteOrigins;
pub(super) use probe::probe;

pub(crate) const CHECKS: &[Check] = &[invalid::CHECK, not_found::CHECK];

/// The routes to the domain's servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpkiEvidence {
    /// At most 12, one for each network.
    pub servers: Vec<RoutedServer>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutedServer {
    /// What it does: `the mail server mx.example.com`.
    pub role: String,
    pub address: IpAddr,
    pub route: Seen<Route>,
}

/// A route to an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// As in `192.0.2.0/24`.
    pub network: String,
    /// The systems that announce it, at most 8.
    pub origins: Vec<(u32, Validity)>,
}

/// What a route is by RFC 6811.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    Valid,
    /// Who may announce it, at most 3, as in `AS64500 up to /24`.
    Invalid {
        allowed: Vec<String>,
    },
    /// Nobody said who may announce it.
    NotFound,
}

/// What an older report has.
pub(super) fn unasked() -> Seen<RpkiEvidence> {
    Err(Missing::not_probed())
}

/// Fails when `problem` says something about a route.
fn judge(
    evidence: &Evidence,
    problem: impl Fn(&Route, u32, &Validity) -> Option<String>,
) -> Result<Verdict, Missing> {
    let rpki = evidence.dns_email()?.rpki.as_ref().map_err(Clone::clone)?;
    if rpki.servers.is_empty() {
        return Ok(Verdict::NotApplicable("the domain has no address"));
    }
    let mut found = Vec::new();
    for server in &rpki.servers {
        let Ok(route) = &server.route else { continue };
        let told = route.origins.iter().find_map(|(origin, it)| problem(route, *origin, it));
        found.extend(told.map(|told| format!("{} ({}): {told}", server.role, server.address)));
    }
    match rpki.servers.iter().find_map(|server| server.route.as_ref().err()) {
        Some(missing) if found.is_empty() => Err(missing.clone()),
        _ => Ok(Verdict::fail_if(!found.is_empty(), || super::listed(&found))),
    }
}

/// A web server whose route is so, for tests.
#[cfg(test)]
fn with(route: Seen<Validity>) -> Evidence {
    let route = route.map(|validity| Route {
        network: "192.0.2.0/24".to_owned(),
        origins: vec![(64_500, validity)],
    });
    let server = RoutedServer {
        role: "the web server".to_owned(),
        address: IpAddr::from([192, 0, 2, 1]),
        route,
    };
    super::seen(|dns_email| dns_email.rpki = Ok(RpkiEvidence { servers: vec![server] }))
}
