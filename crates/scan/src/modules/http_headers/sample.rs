//! Evidence for tests: `example.com`, whose plain door redirects to its HTTPS door.

use std::net::{IpAddr, Ipv4Addr};

use model::Timestamp;

use super::evidence::{End, Exposed, Failure, Hop, HttpEvidence, Meta, Walk};
use super::markup::{self, Markup};
use crate::check::Missing;
use crate::evidence::Evidence;
use crate::net::Scheme;

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A response from a place such as `https://example.com/path`.
pub(crate) fn hop(url: &str, status: u16, headers: &[(&str, &str)]) -> Hop {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Hop {
        scheme: if scheme == "https" { Scheme::Https } else { Scheme::Http },
        host: host.to_owned(),
        path: format!("/{path}"),
        address: ADDRESS,
        status,
        headers: headers.iter().map(owned).collect(),
        cookies: Vec::new(),
        meta: Meta::default(),
        blocked: None,
    }
}

/// A walk over these responses that ends in an answer.
pub(crate) fn walk(hops: Vec<Hop>) -> Walk {
    Walk { hops, end: End::Answered }
}

/// A walk that got no response at all.
pub(crate) fn failed(failure: Failure) -> Walk {
    Walk { hops: Vec::new(), end: End::Failed { host: "example.com".to_owned(), failure } }
}

/// A site whose HTTPS page has these headers.
pub(crate) fn site(headers: &[(&str, &str)]) -> HttpEvidence {
    let page = hop("https://example.com/", 200, headers);
    let door = hop("http://example.com/", 301, &[("location", "https://example.com/")]);
    HttpEvidence {
        domain: "example.com".to_owned(),
        address: Some(ADDRESS),
        plain: walk(vec![door, page.clone()]),
        secure: walk(vec![page]),
        markup: Ok(Markup::default()),
        ..HttpEvidence::default()
    }
}

/// The evidence of a scan on 2026-11-24 that saw this.
pub(crate) fn evidence(http: HttpEvidence) -> Evidence {
    let seen_at = Timestamp::parse("2026-11-24T00:00:00Z");
    Evidence { seen_at, http: Some(http), ..Evidence::default() }
}

/// The evidence of a site whose HTTPS page has these headers.
pub(crate) fn page(headers: &[(&str, &str)]) -> Evidence {
    evidence(site(headers))
}

/// The evidence of a site whose HTTPS page has this markup.
pub(crate) fn document(headers: &[(&str, &str)], markup: &str) -> Evidence {
    let mut http = site(headers);
    let (meta, read) = markup::read("https://example.com/", markup.as_bytes(), false);
    http.secure.hops[0].meta = meta;
    http.markup = Ok(read);
    evidence(http)
}

/// The evidence of a site that was asked for these paths, all with the same outcome.
pub(crate) fn exposing(paths: &[&str], seen: Result<Option<&str>, &str>) -> Evidence {
    let mut http = site(&[]);
    let exposed = paths.iter().map(|path| Exposed {
        path: (*path).to_owned(),
        seen: seen.map(|what| what.map(str::to_owned)).map_err(|why| Missing(why.to_owned())),
    });
    http.exposed = Ok(exposed.collect());
    evidence(http)
}

/// The evidence of a site that hides behind a block page.
pub(crate) fn blocked() -> Evidence {
    let mut http = site(&[]);
    let hops = http.secure.hops.iter_mut().chain(&mut http.plain.hops);
    for hop in hops.filter(|hop| hop.scheme == Scheme::Https) {
        hop.status = 403;
        hop.blocked = Some("the status".to_owned());
    }
    evidence(http)
}
