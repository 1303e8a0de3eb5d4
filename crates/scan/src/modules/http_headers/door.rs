use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::{Net, NetError};

/// Addresses that are knocked at.
const MOST_ADDRESSES: usize = 8;
/// How long the door may take to open; a packet that was lost is sent again within it.
const PATIENCE: Duration = Duration::from_secs(4);

/// Says whether port 443 lets nobody connect at any address, be it closed or swallowed by a
/// firewall. To be asked where plain HTTP answers, so that the way there is known to be open.
pub(super) async fn is_shut(net: &Net, target: &Target) -> Seen<bool> {
    if target.addresses.len() > MOST_ADDRESSES {
        return Err(Missing("the domain has too many addresses to knock at each".to_owned()));
    }
    let knocks = target.addresses.iter().map(|address| net.knock(*address, 443, PATIENCE));
    let knocks = join_all(knocks).await;
    if knocks.iter().any(Result::is_ok) {
        return Ok(false);
    }
    if Instant::now() >= net.deadline() {
        return Err(Missing("the scan's deadline passed".to_owned()));
    }
    for error in knocks.into_iter().filter_map(Result::err) {
        match error {
            // An address that cannot be reached from here tells nothing; others do.
            NetError::Refused | NetError::TimedOut | NetError::Failed(_) => {}
            other => return Err(other.into()),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};
    use std::sync::Arc;

    use model::{DomainName, Timestamp};

    use super::*;
    use crate::net::Shared;
    use crate::{PortTarget, Settings};

    async fn shut(place: SocketAddr) -> Seen<bool> {
        let mut settings = Settings {
            resolver: Some(([127, 0, 0, 1], 9).into()),
            allow_private_networks: true,
            ..Settings::default()
        };
        settings.port_overrides.insert(443, PortTarget::Address(place));
        let now = Timestamp::parse("2026-11-24T00:00:00Z").unwrap();
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now);
        let target = Target {
            domain: DomainName::parse("shop.test").unwrap(),
            addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        };
        is_shut(&net, &target).await
    }

    #[tokio::test]
    async fn a_door_that_opens_may_have_https_behind_it() {
        let door = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let place = door.local_addr().unwrap();
        assert_eq!(shut(place).await, Ok(false));
        drop(door);
        assert_eq!(shut(place).await, Ok(true));
    }
}
