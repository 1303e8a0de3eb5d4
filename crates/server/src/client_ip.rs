use std::net::{IpAddr, SocketAddr};

use axum::http::request::Parts;

use crate::app::App;
use crate::network::Network;

/// The other end of the connection, put on each request by `serve`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Returns the address of whoever asks: the peer's, or what trusted proxies say about it.
pub(crate) fn client_ip(app: &App, parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<Peer>()?.0.ip();
    let trusted = &app.config.server.trusted_proxies;
    if trusted.is_empty() {
        return Some(peer.to_canonical());
    }
    let forwarded = parts.headers.get_all("x-forwarded-for");
    Some(behind_proxies(peer, forwarded.iter().filter_map(|value| value.to_str().ok()), trusted))
}

/// Walks the forwarding chain from our end as long as whoever wrote an entry is trusted. What
/// stands further left was written by strangers.
fn behind_proxies<'a>(
    peer: IpAddr,
    headers: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[Network],
) -> IpAddr {
    let mut address = peer.to_canonical();
    for entry in headers.rev().flat_map(|header| header.rsplit(',')) {
        if !trusted.iter().any(|network| network.contains(address)) {
            return address;
        }
        let Ok(next) = entry.trim().parse::<IpAddr>() else { return address };
        address = next.to_canonical();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, headers: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "127.0.0.1".parse().unwrap()];
        behind_proxies(peer.parse().unwrap(), headers.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(seen("203.0.113.9", &["192.0.2.1"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["192.0.2.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["192.0.2.1, 203.0.113.9, 10.1.1.1"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["192.0.2.1", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["192.0.2.1, nonsense"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(seen("::ffff:127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }
}
