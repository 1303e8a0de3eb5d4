use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::{DAY_MS, Month, Timestamp};

use crate::app::App;
use crate::error::Result;

/// How late the number may be.
const MAX_AGE: Duration = Duration::from_secs(1);
const MAX_ENTRIES: usize = 10_000;

/// Scans of the month by account, remembered for a second: `/v1/auth/me` is asked all the time and
/// decides nothing. The quota itself is taken by the database.
#[derive(Default)]
pub(crate) struct ScanCounts {
    counts: Mutex<HashMap<i64, Count>>,
}

struct Count {
    month: Month,
    read: Instant,
    scans: i64,
}

impl ScanCounts {
    /// Forgets an account's number, after a scan was queued or refunded.
    pub(crate) fn forget(&self, account: i64) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }

    fn known(&self, account: i64, month: &Month) -> Option<i64> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&account)?;
        (count.month == *month && count.read.elapsed() < MAX_AGE).then_some(count.scans)
    }

    fn remember(&self, account: i64, count: Count) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_ENTRIES {
            counts.clear();
        }
        counts.insert(account, count);
    }
}

/// Returns how many scans an account has used this month, at most a second late.
pub(crate) async fn scans_this_month(app: &App, account: i64) -> Result<i64> {
    let now = app.clock.now();
    let month = now.month();
    if let Some(scans) = app.scan_counts.known(account, &month) {
        return Ok(scans);
    }
    let read = Instant::now();
    let scans = app.store.scans_this_month(account, now).await?;
    app.scan_counts.remember(account, Count { month, read, scans });
    Ok(scans)
}

/// Returns when the month's scans are used up if they go on as they did since it began; `None` when
/// they last, are used up already, or the month is too young to tell.
pub(crate) fn used_up_at(used: i64, limit: i64, now: Timestamp) -> Option<Timestamp> {
    let began = Timestamp::parse(&format!("{}-01T00:00:00Z", now.month().as_str()))?;
    let elapsed = now.ms_since(began);
    if used <= 0 || used >= limit || elapsed < DAY_MS {
        return None;
    }
    let left = i128::from(limit - used) * i128::from(elapsed) / i128::from(used);
    let end = now.plus_ms(i64::try_from(left).ok()?);
    (end < next_month(now)).then_some(end)
}

/// Returns when the next calendar month begins, in UTC.
pub(crate) fn next_month(now: Timestamp) -> Timestamp {
    let first = jiff::Timestamp::from_millisecond(now.0).ok().and_then(|now| {
        let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
        let day = today.last_of_month().tomorrow().ok()?;
        Timestamp::parse(&format!("{day}T00:00:00Z"))
    });
    first.unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let begins = |now: &str| next_month(Timestamp::parse(now).unwrap()).to_string();
        assert_eq!(begins("2026-12-31T23:59:59Z"), "2027-01-01T00:00:00.000Z");
        assert_eq!(begins("2028-02-01T00:00:00Z"), "2028-03-01T00:00:00.000Z");
    }

    #[test]
    fn a_pace_is_carried_on_to_the_end_of_the_month() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let ends = |used, now: &str| used_up_at(used, 100, at(now));
        assert_eq!(ends(50, "2026-11-11T00:00:00Z"), Some(at("2026-11-21T00:00:00Z")));
        assert_eq!(ends(33, "2026-11-11T00:00:00Z"), None, "they last");
        assert_eq!(ends(100, "2026-11-11T00:00:00Z"), None, "there is nothing left");
        assert_eq!(ends(0, "2026-11-11T00:00:00Z"), None);
        assert_eq!(ends(50, "2026-11-01T09:00:00Z"), None, "the month is too young");
        assert_eq!(used_up_at(1, i64::MAX, at("2026-11-11T00:00:00Z")), None);
    }

    #[test]
    fn a_number_is_good_for_its_month_and_until_forgotten() {
        let counts = ScanCounts::default();
        let month = Timestamp(0).month();
        counts.remember(1, Count { month: month.clone(), read: Instant::now(), scans: 3 });
        assert_eq!(counts.known(1, &month), Some(3));
        assert_eq!(counts.known(1, &Timestamp(40 * model::DAY_MS).month()), None);
        assert_eq!(counts.known(2, &month), None);
        counts.forget(1);
        assert_eq!(counts.known(1, &month), None);
    }
}
