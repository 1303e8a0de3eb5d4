//! One window of a limit: how many were admitted in any stretch of its length, decided first and
//! counted afterwards, so that a refused request leaves no trace.

/// Parts of a window that are counted apart. More parts refuse less near the limit and cost more.
const PARTS: usize = 24;
/// The parts that a window can touch: all of its own, and the one that has only begun.
const BUCKETS: usize = PARTS + 1;

/// How many were admitted lately, in stretches of a twenty-fourth of the window's length.
///
/// The oldest stretch that the window still touches counts in full. So in no stretch of time as
/// long as the window are more admitted than its limit, whatever the pattern; a steady caller gets
/// 96 % of the limit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Window {
    /// The stretch that `newest` stands for, counted from 1970.
    newest: i64,
    /// A ring: stretch `n` is at `n` modulo its length.
    buckets: [u32; BUCKETS],
}

impl Default for Window {
    fn default() -> Self {
        Self { newest: 0, buckets: [0; BUCKETS] }
    }
}

/// A window as it stands for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// How many more would be admitted now.
    pub(crate) remaining: i64,
    /// Milliseconds until one more is admitted; 0 when one is now.
    pub(crate) wait_ms: i64,
    /// Milliseconds until everything counted has left the window.
    pub(crate) reset_ms: i64,
}

fn place(stretch: i64) -> usize {
    usize::try_from(stretch.rem_euclid(BUCKETS as i64)).unwrap_or(0)
}

/// Returns the length of a stretch in milliseconds.
fn length(window_ms: i64) -> i64 {
    window_ms.div_euclid(PARTS as i64).max(1)
}

impl Window {
    /// Forgets what has left the window. A clock that goes back stands still instead.
    fn roll(&mut self, window_ms: i64, now_ms: i64) -> i64 {
        let now = now_ms.max(self.newest.saturating_mul(length(window_ms)));
        let stretch = now.div_euclid(length(window_ms));
        let passed = stretch - self.newest;
        if passed >= BUCKETS as i64 {
            self.buckets = [0; BUCKETS];
        } else {
            for gone in 1..=passed {
                self.buckets[place(self.newest + gone)] = 0;
            }
        }
        self.newest = stretch;
        now
    }

    /// Returns how much room there is under a limit.
    pub(crate) fn room(&mut self, limit: i64, window_ms: i64, now_ms: i64) -> Room {
        let now = self.roll(window_ms, now_ms);
        let counted: i64 = self.buckets.iter().map(|count| i64::from(*count)).sum();
        let leaves_at =
            |stretch: i64| stretch.saturating_add(BUCKETS as i64).saturating_mul(length(window_ms));
        let mut left = counted;
        let mut wait_ms = 0;
        let mut reset_ms = 0;
        for stretch in (self.newest - PARTS as i64)..=self.newest {
            let count = i64::from(self.buckets[place(stretch)]);
            if count == 0 {
                continue;
            }
            reset_ms = leaves_at(stretch) - now;
            if left >= limit {
                left -= count;
                wait_ms = reset_ms;
            }
        }
        if limit < 1 {
            wait_ms = window_ms;
        }
        Room { remaining: (limit - counted).max(0), wait_ms, reset_ms }
    }

    /// Counts one. Call [`Window::room`] first, at the same time.
    pub(crate) fn take(&mut self) {
        let count = &mut self.buckets[place(self.newest)];
        *count = count.saturating_add(1);
    }

    /// Returns whether nothing is counted any more.
    pub(crate) fn is_empty(&mut self, window_ms: i64, now_ms: i64) -> bool {
        self.roll(window_ms, now_ms);
        self.buckets == [0; BUCKETS]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    const WINDOW: i64 = 60_000;

    /// Every admission of the last window, exactly.
    #[derive(Default)]
    struct ExactLog(VecDeque<i64>);

    impl ExactLog {
        fn admitted_within(&mut self, now: i64) -> i64 {
            while self.0.front().is_some_and(|at| *at <= now - WINDOW) {
                self.0.pop_front();
            }
            i64::try_from(self.0.len()).unwrap()
        }
    }

    /// Feeds arrivals and holds each decision against the exact log.
    fn judge(limit: i64, arrivals: impl Iterator<Item = i64>) {
        let mut window = Window::default();
        let mut log = ExactLog::default();
        for now in arrivals {
            let exact = log.admitted_within(now);
            let room = window.room(limit, WINDOW, now);
            if room.wait_ms == 0 {
                assert!(exact < limit, "more than {limit} within a window at {now}");
                window.take();
                log.0.push_back(now);
                assert_eq!(window.room(limit, WINDOW, now).remaining, room.remaining - 1);
            } else {
                // What it counts beyond the exact log lies in the stretch that is about to leave.
                let stretch = WINDOW / 24;
                let older = log.0.iter().filter(|at| **at > now - WINDOW - stretch).count();
                let older = i64::try_from(older).unwrap();
                assert!(older >= exact && room.remaining == 0);
                // Whoever waits that long is admitted, and not a millisecond earlier.
                let mut later = window.clone();
                assert_eq!(later.room(limit, WINDOW, now + room.wait_ms).wait_ms, 0);
                let mut early = window.clone();
                assert_ne!(early.room(limit, WINDOW, now + room.wait_ms - 1).wait_ms, 0);
            }
        }
    }

    proptest! {
        #[test]
        fn never_more_than_the_limit_in_any_window(
            limit in 1_i64..60,
            gaps in prop::collection::vec(prop_oneof![Just(0_i64), 1..50_i64, 1..9_000_i64, 50_000..130_000_i64], 1..400),
        ) {
            let mut now = 1_795_509_096_123;
            judge(limit, gaps.into_iter().map(|gap| { now += gap; now }));
        }
    }

    #[test]
    fn bursts_around_the_edges_of_stretches_get_no_more() {
        for limit in [1, 7, 24, 120] {
            for offset in [-1_i64, 0, 1, 2_499, 2_500, 2_501] {
                let bursts = (0..200_i64).flat_map(move |burst| {
                    let at = burst * (WINDOW / 7) + offset;
                    std::iter::repeat_n(at + 10 * WINDOW, usize::try_from(limit).unwrap())
                });
                judge(limit, bursts);
            }
        }
    }

    #[test]
    fn a_steady_caller_gets_ninety_five_percent() {
        let limit = 120;
        let mut window = Window::default();
        let mut admitted = 0;
        // 114 a minute, evenly, for an hour.
        for request in 0..114 * 60_i64 {
            let now = request * WINDOW / 114;
            let room = window.room(limit, WINDOW, now);
            if room.wait_ms == 0 {
                window.take();
                admitted += 1;
            }
        }
        assert_eq!(admitted, 114 * 60, "nobody who keeps to 95 % is refused");
    }

    #[test]
    fn a_clock_that_goes_back_forgives_nothing() {
        let mut window = Window::default();
        assert_eq!(window.room(1, WINDOW, 1_000_000).wait_ms, 0);
        window.take();
        assert_eq!(window.room(1, WINDOW, 10).remaining, 0);
        assert!(!window.is_empty(WINDOW, 10));
        assert!(window.is_empty(WINDOW, 1_000_000 + 2 * WINDOW));
    }

    #[test]
    fn a_limit_of_none_admits_none() {
        let room = Window::default().room(0, WINDOW, 5);
        assert_eq!((room.remaining, room.wait_ms), (0, WINDOW));
    }
}
