use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::Timestamp;

/// The one door to the time, so that tests can move it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// Returns the machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Returns a clock that stands still until it is moved.
    pub fn standing_at(now: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(now.0))))
    }

    /// Returns the present time.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp(system_now()),
            Source::Set(now) => Timestamp(now.load(Ordering::SeqCst)),
        }
    }

    /// Moves a standing clock, and its clones, forward. The system's clock stays as it is.
    pub fn advance(&self, ms: i64) {
        if let Source::Set(now) = &self.0 {
            now.fetch_add(ms, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one door to the clock")]
fn system_now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
