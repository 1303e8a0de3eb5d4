//! A target that turns us away is asked again once, after a pause and with fewer connections at a time
//! ([`Gate`](super::gate::Gate)), so that what it would have said is not taken for a refusal.
//!
//! It turns us away when a port that has answered before refuses a connection or resets it before it
//! has said a word, with 429 or a 503 that says when to come back (RFC 6585, RFC 9110), and with 421
//! of SMTP (RFC 5321). What came of it is in the report's scope.

use std::net::IpAddr;
use std::time::Duration;

use model::Throttled;
use tokio::time::Instant;

use super::places::Purpose;
use super::{HttpResponse, Net, NetError};

/// How a target turns us away, with the pause it asks for if it says.
pub(crate) struct TurnedAway(Option<Duration>);

impl TurnedAway {
    /// Reads it from what came of a connection.
    pub(super) fn read<T>(answer: &Result<T, NetError>) -> Option<Self> {
        matches!(answer, Err(NetError::TurnedAway)).then_some(Self(None))
    }

    /// Reads it from what came of a request.
    pub(super) fn read_http(answer: &Result<HttpResponse, NetError>) -> Option<Self> {
        let Ok(response) = answer else { return Self::read(answer) };
        let wish = response.header("retry-after");
        let turned_away = match response.status {
            429 => true,
            503 => wish.is_some(),
            _ => false,
        };
        // A date instead of seconds is too rare to be read.
        let seconds = wish.and_then(|wish| wish.trim().parse().ok());
        turned_away.then(|| Self(seconds.map(Duration::from_secs)))
    }
}

impl Net {
    /// Asks an address, and once more when `read` finds that it turned us away.
    pub(super) async fn patiently<T, F>(
        &self,
        address: IpAddr,
        ask: impl Fn() -> F,
        read: impl Fn(&Result<T, NetError>) -> Option<TurnedAway>,
    ) -> Result<T, NetError>
    where
        F: Future<Output = Result<T, NetError>>,
    {
        let began = Instant::now();
        // On the heap, since there are two and this stands in every question's way.
        let answer = Box::pin(ask()).await;
        match read(&answer) {
            Some(away) if self.is_worth_asking_again(address, began, &away) => {
                Box::pin(ask()).await
            }
            _ => answer,
        }
    }

    /// Notes that an address turned us away who had asked at `began`, and says whether to ask once
    /// more; the pause is made by who opens a connection.
    pub(crate) fn turned_away(&self, address: IpAddr, began: Instant) -> bool {
        self.is_worth_asking_again(address, began, &TurnedAway(None))
    }

    fn is_worth_asking_again(&self, address: IpAddr, began: Instant, away: &TurnedAway) -> bool {
        let gate = self.0.shared.places.gate(address, Purpose::Talk);
        let in_time = |until| until < self.deadline();
        let again = gate.turned_away(began, away.0) && gate.pause().is_none_or(in_time);
        let mut throttled = self.0.throttled.lock().unwrap_or_else(|poison| poison.into_inner());
        *throttled.entry(address).or_default() += u32::from(again);
        again
    }

    /// Returns the addresses that turned us away.
    pub(crate) fn throttled(&self) -> Vec<Throttled> {
        let throttled = self.0.throttled.lock().unwrap_or_else(|poison| poison.into_inner());
        let each = throttled.iter().map(|(address, asked_again)| Throttled {
            address: *address,
            asked_again: *asked_again,
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, retry_after: Option<&str>) -> Option<Option<u64>> {
        let header = |value: &str| ("retry-after".to_owned(), value.to_owned());
        let response = HttpResponse {
            status,
            headers: retry_after.map(header).into_iter().collect(),
            body: Vec::new(),
            truncated: false,
        };
        let away = TurnedAway::read_http(&Ok(response))?;
        Some(away.0.map(|wish| wish.as_secs()))
    }

    #[test]
    fn only_what_asks_for_patience_turns_away() {
        assert_eq!(read(429, None), Some(None));
        assert_eq!(read(429, Some("2")), Some(Some(2)));
        assert_eq!(read(503, Some("7")), Some(Some(7)));
        assert_eq!(read(503, Some("Fri, 31 Dec 1999 23:59:59 GMT")), Some(None));
        assert_eq!(read(503, None), None, "a server that is down does not ask to come back");
        assert_eq!(read(200, Some("2")), None);
    }
}
