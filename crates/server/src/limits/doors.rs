//! Limits for what needs no credential, by the network a request comes from: an IPv4 address, or a
//! /64 of IPv6, since one subscriber has all of it.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::http::request::Parts;
use model::{HOUR_MS, MINUTE_MS, Timestamp};

use super::seconds;
use super::window::Window;
use crate::app::App;
use crate::client_ip::client_ip;
use crate::error::{Error, Result};

/// A route that anyone may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Door {
    SignIn,
    SignUp,
    /// Asking for a letter.
    Letter,
    /// Using the link of a letter.
    Link,
    LeakReport,
    FreeScan,
    /// Having a letter sent to somebody else.
    Invitation,
    /// Looking at a shared report, or asking whether a report was issued here.
    PublicReport,
    Badge,
}

impl Door {
    /// Returns the name in the refusal, how many are let in, and in how many milliseconds.
    fn limit(self) -> (&'static str, i64, i64) {
        match self {
            Self::SignIn => ("sign-in", 60, MINUTE_MS),
            Self::SignUp => ("sign-up", 30, HOUR_MS),
            Self::Letter => ("letter", 30, HOUR_MS),
            Self::Link => ("link", 30, MINUTE_MS),
            Self::LeakReport => ("leak-report", 60, HOUR_MS),
            Self::FreeScan => ("free-scan", 5, HOUR_MS),
            Self::Invitation => ("invitation", 30, HOUR_MS),
            Self::PublicReport => ("public-report", 60, MINUTE_MS),
            Self::Badge => ("badge", 600, MINUTE_MS),
        }
    }
}

/// Networks that each door remembers at a time. Beyond, newcomers are counted by larger networks:
/// so many at once are one caller with many faces, and nobody who is known is hurt by it.
const MOST: usize = 50_000;
/// How long a full door waits between looks for networks to forget.
const SWEEP_MS: i64 = 1_000;

/// Counts requests at the doors. Networks are kept as keyed hashes.
#[derive(Default)]
pub(crate) struct Doors {
    hasher: RandomState,
    counted: Mutex<HashMap<Door, Counted>>,
}

/// What came through one door.
#[derive(Default)]
struct Counted {
    windows: HashMap<u64, Window>,
    swept_at: i64,
}

impl Counted {
    /// Tells whether another network can be remembered. Looks for those to forget once a second, or
    /// a flood of newcomers would have every one of them pay for it.
    fn has_room(&mut self, length: i64, now: i64) -> bool {
        if self.windows.len() >= MOST && now - self.swept_at >= SWEEP_MS {
            self.windows.retain(|_, window| !window.is_empty(length, now));
            self.swept_at = now;
        }
        self.windows.len() < MOST
    }
}

/// Returns what stands for a network: the address, or the first half of it for IPv6.
pub(super) fn network(ip: Option<IpAddr>) -> u64 {
    match ip.map(|ip| ip.to_canonical()) {
        None => 0,
        Some(IpAddr::V4(ip)) => u64::from(ip.to_bits()),
        Some(IpAddr::V6(ip)) => (ip.to_bits() >> 64) as u64,
    }
}

/// Returns what stands for the larger network around an address: a /16 of IPv4, a /32 of IPv6.
fn larger_network(ip: Option<IpAddr>) -> u64 {
    match ip.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V6(_)) => network(ip) >> 32,
        _ => network(ip) >> 16,
    }
}

impl Doors {
    fn admit(&self, door: Door, ip: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let (name, limit, length) = door.limit();
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = counted.entry(door).or_default();
        let mut key = self.hasher.hash_one(("network", network(ip)));
        if !counted.windows.contains_key(&key) && !counted.has_room(length, now.0) {
            key = self.hasher.hash_one(("larger network", larger_network(ip)));
        }
        let window = counted.windows.entry(key).or_default();
        match window.room(limit, length, now.0).wait_ms {
            0 => {
                window.take();
                Ok(())
            }
            wait => Err(Error::RateLimited { limit, window: name, retry_after: seconds(wait) }),
        }
    }
}

/// Lets a request in by a door, or refuses it with 429.
pub(crate) fn enter(app: &App, parts: &Parts, door: Door) -> Result<()> {
    app.doors.admit(door, client_ip(app, parts), app.clock.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_counts_by_network() {
        let doors = Doors::default();
        let ask = |ip: &str| doors.admit(Door::LeakReport, Some(ip.parse().unwrap()), Timestamp(9));
        for host in 0..60 {
            ask(&format!("2001:db8:0:7::{host:x}")).unwrap();
        }
        assert!(ask("2001:db8:0:7:ffff::1").is_err(), "one /64 is one caller");
        assert!(ask("2001:db8:0:8::1").is_ok());
        assert!(ask("192.0.2.1").is_ok());
        let other = doors.admit(Door::SignIn, "2001:db8:0:7::1".parse().ok(), Timestamp(9));
        assert!(other.is_ok(), "each door counts for itself");
    }
    #[test]
    fn a_caller_with_many_faces_shuts_nobody_out() {
        let doors = Doors::default();
        let ask = |door, ip: IpAddr| doors.admit(door, Some(ip), Timestamp(9 * HOUR_MS));
        let known: IpAddr = "2001:db8:ffff::1".parse().unwrap();
        ask(Door::LeakReport, known).unwrap();
        let mut refused = 0;
        for face in 0..60_000_u128 {
            let ip = IpAddr::V6(((0x2001_0db8_u128 << 96) | (face << 64)).into());
            refused += usize::from(ask(Door::LeakReport, ip).is_err());
        }
        assert!(refused > 9_000, "the faces beyond are one network: {refused}");
        assert!(ask(Door::LeakReport, known).is_ok());
        assert!(ask(Door::LeakReport, "203.0.113.9".parse().unwrap()).is_ok());
        assert!(ask(Door::SignIn, "203.0.113.9".parse().unwrap()).is_ok());
    }
}
