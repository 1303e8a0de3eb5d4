//! Results that scans of one engine take over from one another: what one is just looking at others
//! wait for, and what was seen lately is not looked at again.
//!
//! The looking is done by a scan, with its own time and budget. When that was too little, or the scan
//! ended in between, the next one that waits looks itself: nobody gets less than it would have
//! seen alone.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long what was seen of a server is taken over: many domains in a row share it, and who has
/// mended the server and asks again sees that.
pub(crate) const LATELY: Duration = Duration::from_secs(30);

/// What somebody saw.
pub(crate) enum Looked<V> {
    /// Everybody would have seen this, and may take it over for so long.
    Whole(V, Duration),
    /// A failure, or less than another might see.
    Partly(V),
}

/// Results by what was looked at; a bounded number of them.
pub(crate) struct Takeover<K, V> {
    most: usize,
    results: Mutex<HashMap<K, Arc<OnceCell<Kept<V>>>>>,
}

struct Kept<V> {
    value: V,
    until: Instant,
}

impl<K: Eq + Hash, V: Clone> Takeover<K, V> {
    /// Makes an empty one that holds so many results.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, results: Mutex::default() }
    }

    /// Returns what somebody saw lately or is just seeing, or else looks.
    pub(crate) async fn get<F>(&self, key: K, look: impl FnOnce() -> F) -> V
    where
        F: Future<Output = Looked<V>>,
    {
        let Some(cell) = self.cell(key) else {
            return match look().await {
                Looked::Whole(value, _) | Looked::Partly(value) => value,
            };
        };
        let looking = async || match look().await {
            Looked::Whole(value, time) => Ok(Kept { value, until: Instant::now() + time }),
            Looked::Partly(value) => Err(value),
        };
        match cell.get_or_try_init(looking).await {
            Ok(kept) => kept.value.clone(),
            Err(value) => value,
        }
    }

    /// Returns where a result is or will be; nowhere when there is no room for more.
    fn cell(&self, key: K) -> Option<Arc<OnceCell<Kept<V>>>> {
        let now = Instant::now();
        let is_wanted = |cell: &Arc<OnceCell<Kept<V>>>| match cell.get() {
            Some(kept) => kept.until > now,
            None => Arc::strong_count(cell) > 1,
        };
        let mut results = self.results.lock().unwrap_or_else(|poison| poison.into_inner());
        if let Some(cell) = results.get(&key)
            && cell.get().is_none_or(|kept| kept.until > now)
        {
            return Some(Arc::clone(cell));
        }
        if results.len() >= self.most {
            results.retain(|_, cell| is_wanted(cell));
        }
        if results.len() >= self.most && !results.contains_key(&key) {
            return None;
        }
        let cell = Arc::new(OnceCell::new());
        results.insert(key, Arc::clone(&cell));
        Some(cell)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::FutureExt;
    use futures_util::future::join_all;

    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    #[tokio::test]
    async fn many_who_want_the_same_look_once() {
        let results = Takeover::new(8);
        let looks = AtomicU32::new(0);
        let wanting = (0..100).map(|_| {
            results.get("server", async || {
                tokio::task::yield_now().await;
                Looked::Whole(looks.fetch_add(1, Ordering::Relaxed), HOUR)
            })
        });
        assert_eq!(join_all(wanting).await, vec![0; 100]);
        assert_eq!(results.get("server", async || Looked::Whole(9, HOUR)).await, 0);
    }

    #[tokio::test]
    async fn what_is_too_old_is_looked_at_again() {
        let results = Takeover::new(8);
        let seen = results.get("server", async || Looked::Whole(1, Duration::ZERO)).await;
        let again = results.get("server", async || Looked::Whole(2, Duration::ZERO)).await;
        assert_eq!((seen, again), (1, 2));
    }

    #[tokio::test]
    async fn half_a_look_is_only_for_who_took_it() {
        let results = Takeover::new(8);
        assert_eq!(results.get("server", async || Looked::Partly(1)).await, 1);
        assert_eq!(results.get("server", async || Looked::Whole(2, HOUR)).await, 2);
    }

    #[tokio::test]
    async fn who_waits_looks_when_the_first_gives_up() {
        let results = Takeover::new(8);
        let mut first = Box::pin(results.get("server", std::future::pending::<Looked<i32>>));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(results.get("server", async || Looked::Whole(2, HOUR)));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(second.await, 2);
    }

    #[tokio::test]
    async fn it_stays_small() {
        let results = Takeover::new(8);
        for number in 0..100 {
            assert_eq!(results.get(number, async || Looked::Whole(number, HOUR)).await, number);
        }
        assert_eq!(results.results.lock().unwrap().len(), 8);
        let results = Takeover::new(8);
        for number in 0..100 {
            results.get(number, async || Looked::Whole(number, Duration::ZERO)).await;
        }
        assert!(results.results.lock().unwrap().len() <= 8);
    }
}
