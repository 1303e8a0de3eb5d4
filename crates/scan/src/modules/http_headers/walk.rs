//! Following redirects by hand, within the scan's number of requests.
//!
//! Every host a redirect names is resolved and guarded again; the domain itself keeps the one
//! address that was chosen. A place that one walk has seen is not asked for again by the other:
//! the walk takes over the rest of that one.

use std::net::IpAddr;
use std::time::Duration;

use http::Method;

use super::MOST_REQUESTS;
use super::evidence::{End, Hop, Walk, is_redirect};
use super::location::Place;
use super::markup::{self, Markup};
use crate::check::{Missing, Seen};
use crate::modules::cookies::ReceivedCookie;
use crate::modules::waf::block_sign;
use crate::net::{HttpRequest, HttpResponse, Net, NetError};

/// Redirects followed.
const MOST_REDIRECTS: usize = 10;
/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);
/// Headers kept of one response.
const MOST_HEADERS: usize = 64;
/// Bytes kept of one header.
const HEADER_BYTES: usize = 2 * 1024;
/// Bytes kept of a policy: one that is cut short would be judged for what it lacks.
const POLICY_BYTES: usize = 16 * 1024;
/// Cookies kept of one response.
const MOST_COOKIES: usize = 32;

/// The requests of one scan to one site.
pub(super) struct Client<'a> {
    net: &'a Net,
    domain: String,
    /// The address of the domain that is asked.
    address: IpAddr,
    left: u32,
}

/// A walk with the places it went through, queries included.
pub(super) struct Path {
    pub(super) walk: Walk,
    places: Vec<Place>,
    /// The exchange behind the last hop.
    pub(super) last: Option<(Place, IpAddr)>,
    /// What the markup of the last hop names.
    pub(super) markup: Seen<Markup>,
}

impl<'a> Client<'a> {
    pub(super) fn new(net: &'a Net, domain: &str, address: IpAddr) -> Self {
        Self { net, domain: domain.to_owned(), address, left: MOST_REQUESTS }
    }

    /// Counts a request that was sent outside of the client.
    pub(super) fn count(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// Sends one request to a place at an address.
    pub(super) async fn ask(
        &mut self,
        place: &Place,
        address: IpAddr,
        method: Method,
        headers: &[(&str, &str)],
    ) -> Result<HttpResponse, NetError> {
        let net = self.reserve()?;
        send(net, place, address, method, headers).await
    }

    /// Takes one request off the budget for somebody who sends it himself, if one is left.
    pub(super) fn reserve(&mut self) -> Result<&'a Net, NetError> {
        if self.left == 0 {
            return Err(NetError::Budget("requests to this site"));
        }
        self.count();
        Ok(self.net)
    }

    /// Returns the address to ask for a host: the domain's own, or the first one allowed.
    pub(super) async fn address_of(&self, host: &str) -> Result<IpAddr, NetError> {
        if host == self.domain {
            return Ok(self.address);
        }
        let (allowed, refused) = self
            .net
            .addresses(host)
            .await
            .map_err(|missing: Missing| NetError::Failed(missing.to_string()))?;
        match (allowed.first(), refused.first()) {
            (Some(address), _) => Ok(*address),
            (None, Some((address, reason))) => {
                Err(NetError::NotAllowed(format!("{address} is {reason}")))
            }
            (None, None) => Err(NetError::Failed("the name has no address".to_owned())),
        }
    }

    /// Follows redirects on from the first response, which is there already.
    pub(super) async fn follow(
        &mut self,
        start: Place,
        first: Result<HttpResponse, NetError>,
        other: Option<&Path>,
    ) -> Path {
        let mut path = Path {
            walk: Walk::default(),
            places: Vec::new(),
            last: None,
            markup: Err(Missing::not_probed()),
        };
        let mut place = start;
        let mut fetched = Some((self.address, first));
        path.walk.end = loop {
            if path.places.contains(&place) {
                break End::Loop;
            }
            if let Some(rest) =
                other.filter(|_| fetched.is_none()).and_then(|other| other.from(&place))
            {
                path.walk.hops.extend(rest.0.iter().cloned());
                path.markup.clone_from(rest.2);
                break rest.1.clone();
            }
            if path.places.len() > MOST_REDIRECTS {
                break End::TooLong;
            }
            let (address, response) = match fetched.take() {
                Some(first) => first,
                None => match self.address_of(&place.host).await {
                    Err(error) => break End::Failed { host: place.host, failure: error.into() },
                    Ok(address) => (address, self.ask(&place, address, Method::GET, &[]).await),
                },
            };
            let response = match response {
                Ok(response) => response,
                Err(error) => break End::Failed { host: place.host, failure: error.into() },
            };
            let (hop, markup) = hop(&place, address, &response);
            path.walk.hops.push(hop);
            path.markup = markup;
            path.places.push(place.clone());
            path.last = Some((place.clone(), address));
            let next = match response.header("location") {
                Some(location) if is_redirect(response.status) => place.resolve(location),
                _ => break End::Answered,
            };
            match next {
                Ok(next) => place = next,
                Err(why) => break End::NotFollowed(why),
            }
        };
        path
    }
}

impl Path {
    /// Returns what this walk saw from a place on.
    fn from(&self, place: &Place) -> Option<(&[Hop], &End, &Seen<Markup>)> {
        let at = self.places.iter().position(|have| have == place)?;
        Some((&self.walk.hops[at..], &self.walk.end, &self.markup))
    }
}

/// Sends one request.
pub(super) async fn send(
    net: &Net,
    place: &Place,
    address: IpAddr,
    method: Method,
    headers: &[(&str, &str)],
) -> Result<HttpResponse, NetError> {
    let request = HttpRequest {
        method,
        scheme: place.scheme,
        host: &place.host,
        address,
        port: place.port,
        path: &place.path,
        headers,
    };
    net.http_within(&request, REQUEST_TIMEOUT).await
}

/// Keeps of a response what checks judge.
fn hop(place: &Place, address: IpAddr, response: &HttpResponse) -> (Hop, Seen<Markup>) {
    let mut headers = Vec::new();
    let mut cookies = Vec::new();
    for (name, value) in &response.headers {
        match name.as_str() {
            "set-cookie" if cookies.len() < MOST_COOKIES => {
                cookies.push(ReceivedCookie::receive(value));
            }
            "set-cookie" => {}
            // The query of a redirect may carry a secret.
            "location" => {
                let place = value.split('?').next().unwrap_or("");
                headers.push((name.clone(), cut(place, HEADER_BYTES)));
            }
            "content-security-policy" => headers.push((name.clone(), cut(value, POLICY_BYTES))),
            _ if headers.len() < MOST_HEADERS => {
                headers.push((name.clone(), cut(value, HEADER_BYTES)));
            }
            _ => {}
        }
    }
    let url = format!("{}://{}{}", place.scheme.as_str(), place.host, place.path);
    let (meta, markup) = markup::read(&url, &response.body, response.truncated);
    let hop = Hop {
        scheme: place.scheme,
        host: place.host.clone(),
        path: place.path_only(),
        address,
        status: response.status,
        headers,
        cookies,
        meta,
        blocked: block_sign(response),
    };
    let markup = match response.header("content-encoding") {
        Some(coding) if !coding.eq_ignore_ascii_case("identity") => {
            Err(Missing("the page came compressed though nobody asked for it".to_owned()))
        }
        _ => Ok(markup),
    };
    (hop, markup)
}

fn cut(value: &str, most: usize) -> String {
    let mut end = value.len().min(most);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value[..end].to_owned()
}
