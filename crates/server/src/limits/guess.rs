//! Failed guesses at passwords and codes.
//!
//! Three rules at once. Each e-mail address, whether anybody has it or not: a pause after every
//! failure that grows from 1 s to 10 s, and after a hundred the rest of a day (NIST SP 800-63B-4,
//! 3.2.2). Each network: from the seventh failure on a pause that grows from a minute to a day. And
//! a network that tries fifteen different pairs of address and password within three hours is shut
//! out for a day: that is a list being tried.
//!
//! A guess counts as soon as it begins, so a hundred at once are not a hundred free ones. A pause
//! delays, it never shuts an owner out for good: reset by mail stays open. Addresses and passwords
//! are kept as keyed hashes, in memory alone.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use model::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

use super::doors::network;
use super::seconds;
use crate::error::{Error, Result};

/// Guesses at one address that may run at the same time.
const MOST_AT_ONCE: u32 = 5;
/// Different pairs within [`STUFFING_MS`] that shut a network out.
const STUFFING_PAIRS: usize = 15;
const STUFFING_MS: i64 = 3 * HOUR_MS;
/// Entries of a kind; beyond, those that pause nobody go.
const MOST: usize = 50_000;
/// Failures at one address after which the pause is the rest of a day.
const MOST_FAILURES: u32 = 100;

/// The pause after that many failures at one address.
fn address_pause(failures: u32) -> i64 {
    match failures {
        0 => 0,
        1..=2 => SECOND_MS,
        3..=8 => 3 * SECOND_MS,
        9..=24 => 5 * SECOND_MS,
        25..MOST_FAILURES => 10 * SECOND_MS,
        MOST_FAILURES.. => DAY_MS,
    }
}

/// The pause after that many failures from one network.
fn network_pause(failures: u32) -> i64 {
    match failures {
        ..7 => 0,
        7..10 => MINUTE_MS,
        10..15 => 10 * MINUTE_MS,
        15..20 => 15 * MINUTE_MS,
        20..25 => HOUR_MS,
        25.. => DAY_MS,
    }
}

/// Failures at an address or from a network. A day without one forgets them.
#[derive(Debug, Clone, Default)]
struct Tally {
    failures: u32,
    last: i64,
    pause_until: i64,
    running: u32,
    /// Different pairs tried within the last [`STUFFING_MS`], with the time of each; the oldest first.
    pairs: Vec<(u64, i64)>,
}

impl Tally {
    fn fail(&mut self, now: i64, pause: fn(u32) -> i64) {
        if now - self.last >= DAY_MS {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        self.last = now;
        self.pause_until = self.pause_until.max(now + pause(self.failures));
    }

    fn matters(&self, now: i64) -> bool {
        self.running > 0 || self.pause_until > now || now - self.last < HOUR_MS
    }
}

#[derive(Default)]
struct Ledger {
    addresses: HashMap<u64, Tally>,
    networks: HashMap<u64, Tally>,
}

/// Remembers failed guesses. One for the whole process.
#[derive(Default)]
pub(crate) struct Guesses {
    hasher: RandomState,
    ledger: Mutex<Ledger>,
}

/// A guess that is being checked. Dropped without a word, it counts as neither right nor wrong.
pub(crate) struct Guess<'a> {
    guesses: &'a Guesses,
    address: u64,
    network: u64,
    pair: u64,
    now: i64,
}

impl Guesses {
    /// Begins a guess at the secret of an e-mail address, or says how long to wait.
    pub(crate) fn begin(
        &self,
        email: &str,
        secret: &str,
        ip: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Guess<'_>> {
        let email = email.to_lowercase();
        let address = self.hasher.hash_one(&email);
        let network = self.hasher.hash_one(network(ip));
        let pair = self.hasher.hash_one((&email, secret));
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.make_room(now.0);
        let waits = [
            (ledger.addresses.get(&address), "address-failures", i64::from(MOST_FAILURES)),
            (ledger.networks.get(&network), "network-failures", 25),
        ];
        for (tally, window, limit) in waits {
            let wait = tally.map_or(0, |tally| tally.pause_until - now.0);
            if wait > 0 {
                return Err(Error::RateLimited { limit, window, retry_after: seconds(wait) });
            }
        }
        let tally = ledger.addresses.entry(address).or_default();
        if tally.running >= MOST_AT_ONCE {
            let limit = i64::from(MOST_AT_ONCE);
            return Err(Error::RateLimited { limit, window: "sign-ins-at-once", retry_after: 1 });
        }
        tally.running += 1;
        Ok(Guess { guesses: self, address, network, pair, now: now.0 })
    }
}

impl Guesses {
    /// Forgets the failures at an address whose owner has proven to read its mail.
    pub(crate) fn forgive(&self, email: &str) {
        let address = self.hasher.hash_one(email.to_lowercase());
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).addresses.remove(&address);
    }
}

impl Guess<'_> {
    /// Says that it was wrong.
    pub(crate) fn wrong(self) {
        let mut ledger = self.guesses.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.addresses.entry(self.address).or_default().fail(self.now, address_pause);
        let network = ledger.networks.entry(self.network).or_default();
        network.fail(self.now, network_pause);
        network.pairs.retain(|(pair, at)| *pair != self.pair && self.now - at < STUFFING_MS);
        network.pairs.push((self.pair, self.now));
        if network.pairs.len() >= STUFFING_PAIRS {
            network.pause_until = network.pause_until.max(self.now + DAY_MS);
            network.pairs.clear();
        }
    }

    /// Says that it was right: the address begins anew. The network does not, or an attacker's own
    /// account would wash it clean.
    pub(crate) fn right(self) {
        let mut ledger = self.guesses.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = ledger.addresses.get_mut(&self.address) {
            tally.failures = 0;
        }
    }
}

impl Drop for Guess<'_> {
    fn drop(&mut self) {
        let mut ledger = self.guesses.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = ledger.addresses.get_mut(&self.address) {
            tally.running = tally.running.saturating_sub(1);
        }
    }
}

impl Ledger {
    fn make_room(&mut self, now: i64) {
        for tallies in [&mut self.addresses, &mut self.networks] {
            if tallies.len() >= MOST {
                tallies.retain(|_, tally| tally.matters(now));
                if tallies.len() >= MOST {
                    // Under such a flood the ones that failed most are the ones to remember.
                    tallies.retain(|_, tally| tally.running > 0 || tally.failures > 2);
                }
                if tallies.len() >= MOST {
                    // Memory goes before pauses of seconds; those that fail for long stay.
                    tallies.retain(|_, tally| tally.failures >= 25);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_509_096_000;

    fn wait(refused: &Error) -> u32 {
        match refused {
            Error::RateLimited { retry_after, .. } => *retry_after,
            other => panic!("{other}"),
        }
    }

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn pauses_at_one_address_grow_and_end_with_a_right_guess() {
        let guesses = Guesses::default();
        let mut now = NOW;
        let mut pauses = Vec::new();
        for attempt in 0..102_u32 {
            // From everywhere, so that no network is the reason.
            let from = Some(IpAddr::from(attempt.to_be_bytes()));
            guesses.begin("ann@example.com", "x", from, Timestamp(now)).unwrap().wrong();
            let refused =
                guesses.begin("Ann@Example.com", "x", None, Timestamp(now)).err().unwrap();
            pauses.push(wait(&refused));
            now += i64::from(wait(&refused)) * 1_000;
        }
        assert_eq!((pauses[0], pauses[2], pauses[8], pauses[24]), (1, 3, 5, 10));
        assert_eq!(pauses[99], 86_400);
        guesses.begin("ann@example.com", "x", None, Timestamp(now)).unwrap().right();
        guesses.begin("ann@example.com", "x", None, Timestamp(now)).unwrap().wrong();
        let refused = guesses.begin("ann@example.com", "x", None, Timestamp(now)).err().unwrap();
        assert_eq!(wait(&refused), 1);
    }

    #[test]
    fn one_network_is_slowed_down_whatever_addresses_it_tries() {
        let guesses = Guesses::default();
        let mut now = NOW;
        let mut longest = 0;
        for attempt in 0..14 {
            // One password, so that this is no list of pairs yet.
            let email = format!("user{}@example.com", attempt % 14);
            match guesses.begin(&email, "x", ip("2001:db8::1"), Timestamp(now)) {
                Ok(guess) => guess.wrong(),
                Err(refused) => {
                    longest = longest.max(wait(&refused));
                    now += i64::from(wait(&refused)) * 1_000;
                }
            }
        }
        assert_eq!(longest, 600);
        let neighbour =
            guesses.begin("user0@example.com", "x", ip("2001:db8:0:1::1"), Timestamp(now));
        assert!(neighbour.is_ok(), "another network is let in");
    }

    #[test]
    fn a_list_of_pairs_shuts_a_network_out_for_a_day() {
        let guesses = Guesses::default();
        let mut now = NOW;
        let mut tried = 0;
        let refused = loop {
            let email = format!("user{tried}@example.com");
            match guesses.begin(
                &email,
                &format!("password {tried}"),
                ip("192.0.2.1"),
                Timestamp(now),
            ) {
                Ok(guess) => {
                    guess.wrong();
                    tried += 1;
                }
                Err(refused) if wait(&refused) > 3_600 => break refused,
                Err(refused) => now += i64::from(wait(&refused)) * 1_000,
            }
        };
        assert_eq!((tried, wait(&refused)), (15, 86_400));
    }

    #[test]
    fn fifteen_pairs_count_in_any_three_hours() {
        let shut_out = |gaps_ms: i64| {
            let guesses = Guesses::default();
            let mut now = NOW;
            for tried in 0..15 {
                let secret = format!("password {tried}");
                match guesses.begin(&tried.to_string(), &secret, ip("192.0.2.1"), Timestamp(now)) {
                    Ok(guess) => guess.wrong(),
                    Err(refused) => panic!("at {tried}: {refused}"),
                }
                now += gaps_ms;
            }
            let refused = guesses.begin("x", "x", ip("192.0.2.1"), Timestamp(now)).err();
            refused.is_some_and(|refused| wait(&refused) > 3_600)
        };
        // Fourteen gaps lie between fifteen guesses; the ladder's own pauses are shorter than they.
        assert!(shut_out(STUFFING_MS / 14 - 1), "fifteen within three hours");
        assert!(!shut_out(STUFFING_MS / 14 + 60_000), "the first has left the window");
    }

    #[test]
    fn a_hundred_guesses_at_once_are_five() {
        let guesses = Guesses::default();
        let running: Vec<_> = (0..100)
            .filter_map(|_| guesses.begin("ann@example.com", "x", None, Timestamp(NOW)).ok())
            .collect();
        assert_eq!(running.len(), 5);
        drop(running);
        assert!(guesses.begin("ann@example.com", "x", None, Timestamp(NOW)).is_ok());
    }

    #[test]
    fn a_flood_of_addresses_stays_bounded_and_forgets_no_pause() {
        let guesses = Guesses::default();
        for attempt in 0..3 {
            let now = Timestamp(NOW + 5_000 * attempt);
            guesses.begin("ann@example.com", "x", None, now).unwrap().wrong();
        }
        for attempt in 0..120_000_u32 {
            let from = Some(IpAddr::from(attempt.to_be_bytes()));
            if let Ok(guess) =
                guesses.begin(&attempt.to_string(), "x", from, Timestamp(NOW + 20_000))
            {
                guess.wrong();
            }
        }
        let ledger = guesses.ledger.lock().unwrap();
        assert!(ledger.addresses.len() <= MOST && ledger.networks.len() <= MOST);
        let ann = guesses.hasher.hash_one("ann@example.com");
        assert_eq!(ledger.addresses[&ann].failures, 3);
    }
}
