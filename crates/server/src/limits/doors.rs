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
        }
    }
}

/// Networks that are remembered at a time. Beyond, those in whose windows nothing is left go.
const MOST: usize = 50_000;

/// Counts requests at the doors. Networks are kept as keyed hashes.
#[derive(Default)]
pub(crate) struct Doors {
    hasher: RandomState,
    windows: Mutex<HashMap<(Door, u64), Window>>,
}

/// Returns what stands for a network: the address, or the first half of it for IPv6.
pub(super) fn network(ip: Option<IpAddr>) -> u64 {
    match ip.map(|ip| ip.to_canonical()) {
        None => 0,
        Some(IpAddr::V4(ip)) => u64::from(ip.to_bits()),
        Some(IpAddr::V6(ip)) => (ip.to_bits() >> 64) as u64,
    }
}

impl Doors {
    fn admit(&self, door: Door, ip: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let (window, limit, length) = door.limit();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST {
            windows.retain(|(door, _), window| !window.is_empty(door.limit().2, now.0));
            if windows.len() >= MOST {
                // So many networks at once are one caller with many faces.
                return Err(Error::Unavailable { retry_after: 60 });
            }
        }
        let counted = windows.entry((door, self.hasher.hash_one(network(ip)))).or_default();
        match counted.room(limit, length, now.0).wait_ms {
            0 => {
                counted.take();
                Ok(())
            }
            wait => Err(Error::RateLimited { limit, window, retry_after: seconds(wait) }),
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
}
