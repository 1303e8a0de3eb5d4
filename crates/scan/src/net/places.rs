//! Places for sockets, shared by all scans of an engine: so many scans at work, so many sockets
//! open, so many of them at one address.
//!
//! Whoever finds no place waits in line, first come first served, and the time for an answer begins
//! when there is one: that we are busy must never look as if the server were slow. So a scan's own
//! time begins when it gets to work, and only as many work as there are sockets for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::gate::{Admitted, Gate};
use crate::modules::open_ports::shared_edge;

/// Connections that may be open to one address at the same time, and as many datagrams under way.
const PER_ADDRESS: usize = 8;
/// The same for an address where a delivery network answers for thousands of sites.
const PER_EDGE: usize = 64;
/// Sockets that a scan at work has open when it has many; most of the time it has fewer.
const PER_SCAN: usize = 16;
/// Addresses after which those that nobody uses are forgotten.
const MANY_ADDRESSES: usize = 1_024;

/// Why a socket is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// To hold a conversation.
    Talk,
    /// To see whether a port is open.
    Knock,
    /// To ask by datagram, which waits for no connection.
    Ask,
}

/// All places of one engine.
pub(crate) struct Places {
    work: Arc<Semaphore>,
    sockets: Arc<Semaphore>,
    /// To the ports for connections, and for datagrams.
    gates: Mutex<HashMap<(IpAddr, bool), Arc<Gate>>>,
}

/// The right to have one socket open, until it is dropped.
pub(super) struct Place {
    admitted: Option<Admitted>,
    _socket: OwnedSemaphorePermit,
}

impl Place {
    /// Returns whether a port of its address has said something lately.
    pub(super) fn is_talkative(&self, port: u16) -> bool {
        self.admitted.as_ref().is_some_and(|admitted| admitted.gate().is_talkative(port))
    }

    /// Notes that a port of its address has said something.
    pub(super) fn heard_from(&self, port: u16) {
        if let Some(admitted) = &self.admitted {
            admitted.gate().heard_from(port);
        }
    }
}

impl Places {
    /// Makes places for so many sockets.
    pub(super) fn new(sockets: usize) -> Self {
        let sockets = sockets.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            work: Arc::new(Semaphore::new((sockets / PER_SCAN).max(1))),
            sockets: Arc::new(Semaphore::new(sockets)),
            gates: Mutex::default(),
        }
    }

    /// Waits until a scan may begin; it is at work until what is returned is dropped.
    pub(crate) async fn begin(&self) -> OwnedSemaphorePermit {
        taken(&self.work).await
    }

    /// Waits for a socket to somebody who is not a target: the operator's resolver.
    pub(super) async fn socket(&self) -> Place {
        Place { admitted: None, _socket: taken(&self.sockets).await }
    }

    /// Waits for a socket to an address. Nobody holds one while waiting for the address.
    pub(super) async fn socket_to(&self, address: IpAddr, purpose: Purpose) -> Place {
        let admitted = self.gate(address, purpose).enter(purpose).await;
        Place { admitted: Some(admitted), _socket: taken(&self.sockets).await }
    }

    /// Returns the gate to an address.
    pub(super) fn gate(&self, address: IpAddr, purpose: Purpose) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(|poison| poison.into_inner());
        if gates.len() >= MANY_ADDRESSES {
            // Whoever holds a place there or waits for one holds the gate too.
            gates.retain(|_, gate| Arc::strong_count(gate) > 1 || gate.is_crowded());
        }
        let places = match shared_edge::owner(address) {
            Some(_) => PER_EDGE,
            None => PER_ADDRESS,
        };
        let new = || Arc::new(Gate::new(places));
        Arc::clone(gates.entry((address, purpose == Purpose::Ask)).or_insert_with(new))
    }
}

async fn taken(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(places).acquire_owned().await.expect("nobody closes the places")
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[tokio::test]
    async fn no_more_sockets_than_there_are_places_are_open_at_once() {
        let places = Places::new(16);
        let mut open = Vec::new();
        for _ in 0..16 {
            open.push(places.socket().await);
        }
        assert!(places.socket().now_or_never().is_none());
        assert!(places.socket_to(SERVER, Purpose::Talk).now_or_never().is_none());
        open.pop();
        assert!(places.socket().now_or_never().is_some());
    }

    #[tokio::test]
    async fn one_address_gets_eight_connections_whoever_asks() {
        let places = Places::new(512);
        let mut open = Vec::new();
        for _ in 0..PER_ADDRESS {
            open.push(places.socket_to(SERVER, Purpose::Talk).await);
        }
        assert!(places.socket_to(SERVER, Purpose::Talk).now_or_never().is_none());
        assert!(places.socket_to(SERVER, Purpose::Knock).now_or_never().is_none());
        assert!(places.socket_to(SERVER, Purpose::Ask).now_or_never().is_some());
        assert!(places.socket_to(OTHER, Purpose::Talk).now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_waits_for_an_address_holds_no_socket() {
        let places = Places::new(PER_ADDRESS + 1);
        let mut open = Vec::new();
        for _ in 0..PER_ADDRESS {
            open.push(places.socket_to(SERVER, Purpose::Talk).await);
        }
        let mut waiting = Box::pin(places.socket_to(SERVER, Purpose::Talk));
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(places.socket_to(OTHER, Purpose::Talk).now_or_never().is_some());
    }

    #[tokio::test]
    async fn as_many_scans_work_as_there_are_sockets_for() {
        let places = Places::new(2 * PER_SCAN);
        let one = places.begin().await;
        let _other = places.begin().await;
        assert!(places.begin().now_or_never().is_none());
        drop(one);
        assert!(places.begin().now_or_never().is_some());
        assert!(Places::new(1).begin().now_or_never().is_some(), "one works with few sockets too");
    }

    #[tokio::test]
    async fn addresses_that_nobody_uses_are_forgotten() {
        let places = Places::new(512);
        let held = places.socket_to(SERVER, Purpose::Ask).await;
        for number in 0..2 * MANY_ADDRESSES {
            let number = u32::try_from(number).unwrap();
            let _gone = places.socket_to(IpAddr::V4(number.into()), Purpose::Ask).await;
        }
        assert!(places.gates.lock().unwrap().len() <= MANY_ADDRESSES);
        let more: Vec<_> = (0..PER_ADDRESS)
            .map_while(|_| places.socket_to(SERVER, Purpose::Ask).now_or_never())
            .collect();
        assert_eq!(more.len(), PER_ADDRESS - 1, "a place that is held still counts");
        drop(held);
    }
}
