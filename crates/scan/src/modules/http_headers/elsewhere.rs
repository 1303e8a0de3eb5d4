//! The site's first page at its other addresses: one request each, to compare with the address that
//! everything else is asked at (RFC 6540 for the two families).

use std::net::IpAddr;

use futures_util::future::join_all;
use http::Method;
use serde::{Deserialize, Serialize};

use super::evidence::{Failure, is_redirect};
use super::location::Place;
use super::walk::{Client, send};
use crate::check::{Missing, Seen};
use crate::modules::waf::block_sign;
use crate::net::{HttpResponse, Net, NetError};

/// Other addresses that are asked.
const MOST_ADDRESSES: usize = 3;
/// Headers that protect a page, whose absence at one address is a difference.
const POLICIES: &[&str] = &[
    "strict-transport-security",
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
];

/// What another address of the domain answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    pub address: IpAddr,
    pub answer: Seen<Glimpse>,
}

/// What is compared of a first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glimpse {
    pub status: u16,
    /// Where a redirect leads, without the query.
    pub location: Option<String>,
    /// The names of [`POLICIES`] that are sent.
    pub policies: Vec<String>,
}

impl Glimpse {
    /// Returns what is compared, of headers with names in lower case.
    pub(super) fn of<'a>(status: u16, header: impl Fn(&str) -> Option<&'a str>) -> Self {
        let location = header("location").filter(|_| is_redirect(status));
        let location = location.map(|value| value.split('?').next().unwrap_or("").to_owned());
        let sent = POLICIES.iter().filter(|name| header(name).is_some());
        Self { status, location, policies: sent.map(|name| (*name).to_owned()).collect() }
    }

    /// Returns the first thing that two addresses do not have in common, as a clause.
    pub(super) fn difference(&self, here: IpAddr, other: &Self, there: IpAddr) -> Option<String> {
        if self.status != other.status {
            return Some(format!("{here} answers {}, {there} {}", self.status, other.status));
        }
        if self.location != other.location {
            let place = |glimpse: &Self| glimpse.location.clone().unwrap_or_default();
            return Some(format!("{here} leads to {}, {there} to {}", place(self), place(other)));
        }
        let sends = |one: &Self, name: &str| one.policies.iter().any(|have| have == name);
        POLICIES.iter().find_map(|name| match (sends(self, name), sends(other, name)) {
            (true, false) => Some(format!("{here} sends `{name}`, {there} does not")),
            (false, true) => Some(format!("{there} sends `{name}`, {here} does not")),
            _ => None,
        })
    }
}

/// Asks the other addresses for the page at the root, the other family's first.
pub(super) fn look<'a>(
    client: &mut Client<'a>,
    root: Place,
    here: IpAddr,
    addresses: &[IpAddr],
) -> impl Future<Output = Vec<Elsewhere>> + use<'a> {
    let others = addresses.iter().copied().filter(|address| *address != here);
    let (mut chosen, same): (Vec<_>, Vec<_>) =
        others.partition(|address| address.is_ipv4() != here.is_ipv4());
    chosen.extend(same);
    chosen.truncate(MOST_ADDRESSES);
    let asking: Vec<_> = chosen.into_iter().map(|address| (address, client.reserve())).collect();
    async move {
        let asks = asking.into_iter().map(|(address, reserved)| ask(reserved, &root, address));
        join_all(asks).await
    }
}

async fn ask(reserved: Result<&Net, NetError>, root: &Place, address: IpAddr) -> Elsewhere {
    let answer = match reserved {
        Ok(net) => send(net, root, address, Method::GET, &[]).await,
        Err(error) => Err(error),
    };
    let answer = answer.map_err(|error| Missing::from(&Failure::from(error)));
    Elsewhere { address, answer: answer.and_then(|response| glimpse(&response)) }
}

/// A page that a shield put in front is not the site's.
fn glimpse(response: &HttpResponse) -> Seen<Glimpse> {
    match block_sign(response) {
        Some(sign) => Err(Missing(format!("a block page answered ({sign})"))),
        None => Ok(Glimpse::of(response.status, |name| response.header(name))),
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use lab::{Dns, Lab, Page, Site, Web};
    use model::{DomainName, ModuleId, Timestamp};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::evidence::Evidence;
    use crate::{Engine, Order, PortTarget, Settings};

    const HOST: &str = "shop.test";

    /// Answers every request alike, as a server does that was forgotten.
    async fn forgotten(place: SocketAddr) {
        let listener = TcpListener::bind(place).await.unwrap();
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut request = [0; 1_024];
                let _request = connection.read(&mut request).await;
                let _sent = connection
                    .write_all(
                        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi",
                    )
                    .await;
            }
        });
    }

    #[tokio::test]
    async fn each_address_is_asked_for_the_first_page() {
        let dns = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
            .iter()
            .fold(Dns::default(), |dns, address| dns.record(HOST, "A", address));
        let page = Page::new(200).header("x-content-type-options", "nosniff").body("hello");
        let lab = Lab::builder().dns(dns).http(Web::host(HOST, Site::home(page)));
        let lab = lab.start().await.unwrap();
        let port = lab.ports.iter().find(|(port, _)| *port == 80).unwrap().1.port();
        forgotten(SocketAddr::from(([127, 0, 0, 2], port))).await;
        let mut settings = Settings {
            resolver: Some(lab.resolver),
            allow_private_networks: true,
            ..Settings::default()
        };
        settings.port_overrides.extend([(80, PortTarget::Port(port)), (443, PortTarget::Port(1))]);
        let order = Order {
            domain: DomainName::parse(HOST).unwrap(),
            modules: vec![ModuleId::HttpHeaders],
            now: Timestamp::parse("2026-11-24T00:00:00Z").unwrap(),
            intrusive: None,
        };
        let report = Engine::new(settings).unwrap().scan(&order, &|_| {}).await;
        let evidence: Evidence = serde_json::from_value(report.evidence.clone()).unwrap();
        let elsewhere = evidence.http.unwrap().elsewhere.unwrap();
        assert_eq!(elsewhere.len(), 2, "{elsewhere:?}");
        let second = elsewhere[0].answer.clone().unwrap();
        assert_eq!((second.status, second.policies), (200, Vec::new()));
        assert_eq!(elsewhere[1].answer, Err(Missing("the connection was refused".to_owned())));
        let found = report.findings().find(|(_, one)| one.check == "https.addresses-differ");
        let seen = format!("{:?}", found.unwrap().1);
        assert!(
            seen.contains("127.0.0.1 sends `x-content-type-options`, 127.0.0.2 does not"),
            "{seen}"
        );
    }
}
