use std::time::Duration;

use http::HeaderName;

use crate::failure::{Failure, Result};

/// The header that makes one deed of a request sent twice.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// How long is waited before the second attempt, unless the server says it.
pub(super) const PAUSE: Duration = Duration::from_millis(500);
/// How often a request is sent at most.
pub(super) const ATTEMPTS: u32 = 4;
/// Who is told to wait longer gives up: a pipeline tries again itself.
const LONGEST: Duration = Duration::from_secs(60);

/// Why a request was not answered as hoped.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The next attempt would end the same.
    Lasting(Failure),
    Passing {
        failure: Failure,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
}

impl Trouble {
    pub(super) fn passing(failure: Failure) -> Self {
        Self::Passing { failure, wait: None }
    }

    pub(super) fn failure(&self) -> &Failure {
        match self {
            Self::Lasting(failure) | Self::Passing { failure, .. } => failure,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Lasting(failure)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Lasting(failure) | Trouble::Passing { failure, .. } => failure,
        }
    }
}

/// The attempts of one request.
pub(super) struct Retries {
    left: u32,
    pause: Duration,
}

impl Retries {
    pub(super) fn new(attempts: u32, pause: Duration) -> Self {
        Self { left: attempts.saturating_sub(1), pause }
    }

    /// Returns how long to wait before the next attempt; `None` when there is none.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let pause = asked.unwrap_or(self.pause);
        if self.left == 0 || pause > LONGEST {
            return None;
        }
        self.left -= 1;
        self.pause *= 2;
        Some(pause)
    }
}

/// Returns a fresh key for a request that changes something.
pub(super) fn idempotency_key() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::other(format!("the system gives no random bytes: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_bounded_in_number_and_time() {
        let mut retries = Retries::new(ATTEMPTS, PAUSE);
        let pauses: Vec<_> = std::iter::from_fn(|| retries.next(None)).collect();
        assert_eq!(pauses, [500, 1_000, 2_000].map(Duration::from_millis));
        assert_eq!(Retries::new(1, PAUSE).next(None), None);
        let mut retries = Retries::new(ATTEMPTS, PAUSE);
        assert_eq!(retries.next(Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(retries.next(Some(Duration::from_secs(61))), None);
    }

    #[test]
    fn every_deed_has_a_key_of_its_own() {
        assert_ne!(idempotency_key().unwrap(), idempotency_key().unwrap());
    }
}
