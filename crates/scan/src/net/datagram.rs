use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::Instant;

use super::places::Purpose;
use super::{Net, NetError};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Octets of an answer that are read.
const MOST_OCTETS: usize = 2_048;

impl Net {
    /// Sends one datagram to a port of an address the operator allows, and returns the first that
    /// comes back from there. `Refused` is a port that is closed; nothing at all is `TimedOut`, and
    /// may as well have been lost on the way.
    pub async fn datagram(
        &self,
        address: IpAddr,
        port: u16,
        octets: &[u8],
    ) -> Result<Vec<u8>, NetError> {
        self.allows(address).map_err(|reason| NetError::NotAllowed(reason.to_owned()))?;
        let place = self.place(address, port).ok_or(NetError::Refused)?;
        let waiting = self.0.shared.places.socket_to(address, Purpose::Ask);
        let _place = self.in_time(waiting).await?;
        let any = match place.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = UdpSocket::bind((any, 0)).await?;
        // From now on only this server is heard.
        socket.connect(place).await?;
        socket.send(octets).await?;
        let mut answer = vec![0; MOST_OCTETS];
        let length = self.within(Instant::now() + TIMEOUT, socket.recv(&mut answer)).await??;
        answer.truncate(length);
        Ok(answer)
    }
}
