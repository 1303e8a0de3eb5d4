//! How much a caller may ask: windows of a minute, an hour and a day for each account, and a minute
//! of its own for a key that has a lower limit than its plan.
//!
//! [`Limiter::admit`] decides over all windows first and counts in all or in none, so a refused
//! request costs nothing. [`admit`] is what extractors call: it puts the standing into the answer's
//! headers and refuses with an exact `Retry-After`. `window` has the arithmetic, `headers` the
//! fields, `snapshot` what outlives a restart. What needs no credential is limited by network in
//! `doors`, failed guesses in `guess`. `remedy` is the way in for people whose keys use up the limits.
//!
//! Invariants: never more than the limit in any stretch as long as the window; memory is bounded;
//! an entry is dropped only when nothing is counted in it. Each process counts for itself: with
//! several, the arithmetic moves to a shared store, where [`Limiter`] gets a second form.

pub(crate) mod doors;
pub(crate) mod guess;
mod headers;
mod remedy;
mod snapshot;
mod window;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::request::Parts;
use model::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use store::Principal;
use window::{Room, Window};

use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};
use crate::visit::Visit;

const SHARDS: usize = 16;
/// Entries of a shard from which on it is looked for empty ones.
const CROWDED: usize = 4_096;
/// The windows of an account, with the names that stand in headers.
const WINDOWS: [(&str, i64); 3] = [("minute", MINUTE_MS), ("hour", HOUR_MS), ("day", DAY_MS)];
/// The window of a key.
const KEY_WINDOW: (&str, i64) = ("key-minute", MINUTE_MS);
/// The name of the limit on scans that are queued or running, which the database counts.
pub(crate) const CONCURRENT_SCANS: &str = "concurrent-scans";

/// Counts requests. One for the whole process.
#[derive(Default)]
pub(crate) struct Limiter {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    accounts: HashMap<i64, Counted>,
    /// Size at which empty entries are looked for next.
    sweep_at: usize,
}

/// What is counted for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Counted {
    windows: [Window; WINDOWS.len()],
    /// Keys with a limit of their own.
    keys: HashMap<i64, Window>,
    /// What was let in beyond the limits, see [`remedy`].
    #[serde(default)]
    remedies: Window,
}

/// The limits that hold for a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    account: i64,
    /// For a minute, an hour and a day.
    requests: [i64; WINDOWS.len()],
    /// A key's id and its own limit for a minute.
    key: Option<(i64, i64)>,
}

impl Limits {
    /// Returns what holds for a caller.
    pub(crate) fn of(caller: &Identity) -> Self {
        let plan: &Principal = caller.principal();
        Self {
            account: plan.user_account_id,
            requests: [plan.plan_per_minute, plan.plan_per_hour, plan.plan_per_day],
            key: caller.key().and_then(|key| Some((key.id, key.per_minute?))),
        }
    }
}

/// One window as it stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) window: &'static str,
    pub(crate) window_ms: i64,
    pub(crate) limit: i64,
    pub(crate) room: Room,
}

/// What became of a request: every window, and the one that refused it.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) standings: Vec<Standing>,
    pub(crate) refused_by: Option<Standing>,
}

impl Limiter {
    /// Decides over every window and counts the request in all of them or in none.
    pub(crate) fn admit(&self, limits: &Limits, now: Timestamp) -> Decision {
        let mut shard = self.shard(limits.account);
        shard.sweep(now);
        let counted = shard.accounts.entry(limits.account).or_default();
        let mut standings = counted.standings(limits, now);
        let full = standings.iter().copied().filter(|standing| standing.room.wait_ms > 0);
        // Whoever waits for the slowest of them is let in.
        let refused_by = full.max_by_key(|standing| standing.room.wait_ms);
        if refused_by.is_none() {
            counted.windows.iter_mut().for_each(Window::take);
            if let Some(window) = limits.key.and_then(|(key, _)| counted.keys.get_mut(&key)) {
                window.take();
            }
            for standing in &mut standings {
                standing.room.remaining -= 1;
                if standing.room.reset_ms == 0 {
                    standing.room.reset_ms = standing.window_ms;
                }
            }
        }
        Decision { standings, refused_by }
    }

    /// Returns every window as it stands, without counting anything.
    pub(crate) fn standings(&self, limits: &Limits, now: Timestamp) -> Vec<Standing> {
        let mut shard = self.shard(limits.account);
        shard.accounts.entry(limits.account).or_default().standings(limits, now)
    }

    fn shard(&self, account: i64) -> std::sync::MutexGuard<'_, Shard> {
        let at = usize::try_from(account.rem_euclid(SHARDS as i64)).unwrap_or(0);
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    /// Drops entries in which nothing is counted, once there are many.
    fn sweep(&mut self, now: Timestamp) {
        if self.accounts.len() < self.sweep_at.max(CROWDED) {
            return;
        }
        self.accounts.retain(|_, counted| !counted.is_empty(now));
        self.sweep_at = self.accounts.len() * 2;
    }
}

impl Counted {
    fn standings(&mut self, limits: &Limits, now: Timestamp) -> Vec<Standing> {
        let mut standings = Vec::with_capacity(WINDOWS.len() + 1);
        for ((window, (name, window_ms)), limit) in
            self.windows.iter_mut().zip(WINDOWS).zip(limits.requests)
        {
            let room = window.room(limit, window_ms, now.0);
            standings.push(Standing { window: name, window_ms, limit, room });
        }
        if let Some((key, limit)) = limits.key {
            let (name, window_ms) = KEY_WINDOW;
            let room = self.keys.entry(key).or_default().room(limit, window_ms, now.0);
            standings.push(Standing { window: name, window_ms, limit, room });
        }
        standings
    }

    fn is_empty(&mut self, now: Timestamp) -> bool {
        self.keys.retain(|_, window| !window.is_empty(KEY_WINDOW.1, now.0));
        let mut windows = self.windows.iter_mut().zip(WINDOWS);
        self.keys.is_empty()
            && self.remedies.is_empty(MINUTE_MS, now.0)
            && windows.all(|(window, (_, length))| window.is_empty(length, now.0))
    }
}

/// Admits a request of a known caller, or refuses it with 429. Both answers say how things stand.
pub(crate) fn admit(app: &App, parts: &Parts, caller: &Identity) -> Result<()> {
    let now = app.clock.now();
    let decision = app.limiter.admit(&Limits::of(caller), now);
    headers::put(&Visit::of(parts), &decision, caller.principal(), now);
    match decision.refused_by {
        None => Ok(()),
        Some(_) if remedy::admits(&app.limiter, parts, caller, now) => Ok(()),
        Some(standing) => Err(Error::RateLimited {
            limit: standing.limit,
            window: standing.window,
            retry_after: seconds(standing.room.wait_ms),
        }),
    }
}

/// Returns whole seconds, rounded up: who waits them out has waited long enough.
fn seconds(ms: i64) -> u32 {
    u32::try_from(ms.max(0).div_euclid(1_000) + i64::from(ms.max(0) % 1_000 > 0))
        .unwrap_or(u32::MAX)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(requests: [i64; 3], key: Option<(i64, i64)>) -> Limits {
        Limits { account: 7, requests, key }
    }

    #[test]
    fn what_one_window_refuses_is_counted_in_none() {
        let limiter = Limiter::default();
        let at = |second: i64| Timestamp(1_000_000_000 + second * 1_000);
        let few = limits([2, 100, 100], Some((1, 1)));
        assert!(limiter.admit(&few, at(0)).refused_by.is_none());
        for _ in 0..50 {
            let decision = limiter.admit(&few, at(1));
            assert_eq!(decision.refused_by.unwrap().window, "key-minute");
        }
        // The key's refusals took nothing from the account.
        let other = limiter.admit(&limits([2, 100, 100], None), at(1));
        assert!(other.refused_by.is_none());
        let remaining: Vec<_> = other.standings.iter().map(|one| one.room.remaining).collect();
        assert_eq!(remaining, [0, 98, 98]);
    }

    #[test]
    fn two_full_windows_name_the_slower_one() {
        let limiter = Limiter::default();
        let full = limits([1, 1, 100], None);
        limiter.admit(&full, Timestamp(5_000_000));
        let refused = limiter.admit(&full, Timestamp(5_000_001)).refused_by.unwrap();
        assert_eq!(refused.window, "hour");
        let later = Timestamp(5_000_001 + refused.room.wait_ms);
        assert!(limiter.admit(&full, later).refused_by.is_none());
    }

    #[test]
    fn of_fifty_callers_at_the_last_place_one_gets_it() {
        let limiter = Limiter::default();
        let admitted = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|| {
                    let decision = limiter.admit(&limits([1, 10, 10], None), Timestamp(9));
                    if decision.refused_by.is_none() {
                        admitted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(admitted.into_inner(), 1);
    }

    #[test]
    fn memory_is_given_back_and_nobody_active_is_forgiven() {
        let limiter = Limiter::default();
        let ask = |account: i64, now: i64| {
            limiter.admit(&Limits { account, requests: [1, 9, 9], key: None }, Timestamp(now))
        };
        for account in 0..200_000 {
            ask(account, 1);
        }
        let active = 200_000;
        ask(active, 3 * DAY_MS);
        for account in 300_000..500_000 {
            ask(account, 3 * DAY_MS);
        }
        let kept: usize =
            limiter.shards.iter().map(|shard| shard.lock().unwrap().accounts.len()).sum();
        assert!(kept <= 200_001 + SHARDS * CROWDED, "{kept} entries");
        assert!(ask(active, 3 * DAY_MS + 1).refused_by.is_some());
    }
}
