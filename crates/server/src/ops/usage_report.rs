//! What an account is told about its use of the service: totals, the time before, keys, a series.
//!
//! Periods are in UTC and half-open: a request belongs to the one that it ended in. A report covers
//! whole periods; its `from` is moved back to the start of one, its `to` forward.

use model::{DAY_MS, Granularity, HOUR_MS, Outcome, Timestamp};
use store::{KeyUsage, LATENCY_BOUNDS_MS, LATENCY_BUCKETS, Latency, UsageFilter, UsagePoint};

use crate::app::App;
use crate::error::{Error, Result};

/// Most periods of one report.
const MAX_POINTS: i64 = 2_000;

/// What is asked about.
pub(crate) struct UsageWish {
    pub(crate) granularity: Granularity,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) key_id: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) outcome: Option<Outcome>,
}

/// How many requests ended in each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcomes([i64; Outcome::ALL.len()]);

impl Outcomes {
    pub(crate) fn add(&mut self, outcome: Outcome, requests: i64) {
        self.0[outcome as usize] += requests;
    }

    pub(crate) fn of(&self, outcome: Outcome) -> i64 {
        self.0[outcome as usize]
    }

    /// Adds those of another time.
    pub(crate) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, requests)| *sum += requests);
    }

    pub(crate) fn sum(&self) -> i64 {
        self.0.iter().sum()
    }
}

/// The requests of a time as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) outcomes: Outcomes,
    pub(crate) latency: Latency,
}

/// The requests with one key; `api_key_id` is 0 for signed-in users.
pub(crate) struct OfKey {
    pub(crate) api_key_id: i64,
    pub(crate) key_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) outcomes: Outcomes,
}

/// What is answered.
pub(crate) struct UsageReport {
    pub(crate) granularity: Granularity,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) totals: Totals,
    /// The time just as long before `from`.
    pub(crate) previous: Totals,
    pub(crate) keys: Vec<OfKey>,
    /// Every period, also those without a request.
    pub(crate) series: Vec<(Timestamp, Outcomes)>,
}

/// Sums an account's use up.
pub(crate) async fn report(app: &App, account: i64, wish: UsageWish) -> Result<UsageReport> {
    let granularity = wish.granularity;
    let (from, to) = periods(granularity, wish.from, wish.to, app.clock.now())?;
    let filter = UsageFilter {
        granularity,
        from,
        to,
        key_id: wish.key_id,
        endpoint: wish.endpoint,
        outcome: wish.outcome,
    };
    let totals = totals(app, account, &filter).await?;
    let before = from.plus_ms(-to.ms_since(from));
    let earlier = UsageFilter { from: before, to: from, ..filter.clone() };
    let previous = self::totals(app, account, &earlier).await?;
    let keys = by_key(app.store.usage_by_key(account, &filter).await?);
    let points = app.store.usage_series(account, &filter).await?;
    let series = series(granularity, (from, to), &points);
    Ok(UsageReport { granularity, from, to, totals, previous, keys, series })
}

/// Returns the filter of everything that an account did in a time.
fn everything(granularity: Granularity, (from, to): (Timestamp, Timestamp)) -> UsageFilter {
    UsageFilter { granularity, from, to, key_id: None, endpoint: None, outcome: None }
}

/// Returns how the requests of an account ended, period by period, and nothing besides.
pub(crate) async fn by_period(
    app: &App,
    account: i64,
    granularity: Granularity,
    time: (Timestamp, Timestamp),
) -> Result<Vec<(Timestamp, Outcomes)>> {
    let points = app.store.usage_series(account, &everything(granularity, time)).await?;
    Ok(series(granularity, time, &points))
}

/// Returns how the requests with each key of an account ended.
pub(crate) async fn of_keys(
    app: &App,
    account: i64,
    granularity: Granularity,
    time: (Timestamp, Timestamp),
) -> Result<Vec<OfKey>> {
    Ok(by_key(app.store.usage_by_key(account, &everything(granularity, time)).await?))
}

/// Returns every period of a time with how its requests ended, also those without any.
pub(crate) fn series(
    granularity: Granularity,
    (from, to): (Timestamp, Timestamp),
    points: &[UsagePoint],
) -> Vec<(Timestamp, Outcomes)> {
    let count = usize::try_from(to.ms_since(from) / granularity.ms()).unwrap_or(0);
    let starts = std::iter::successors(Some(from), |start| Some(start.plus_ms(granularity.ms())));
    let mut series: Vec<_> = starts.take(count).map(|at| (at, Outcomes::default())).collect();
    for point in points {
        let at = usize::try_from(point.starts_at.ms_since(from) / granularity.ms());
        if let Some((_, outcomes)) = at.ok().and_then(|at| series.get_mut(at)) {
            outcomes.add(point.outcome, point.requests);
        }
    }
    series
}

async fn totals(app: &App, account: i64, filter: &UsageFilter) -> Result<Totals> {
    let mut totals = Totals::default();
    for row in app.store.usage_totals(account, filter).await? {
        totals.outcomes.add(row.outcome, row.requests);
        for (sum, requests) in totals.latency.iter_mut().zip(row.latency()) {
            *sum += requests;
        }
    }
    Ok(totals)
}

fn by_key(rows: Vec<KeyUsage>) -> Vec<OfKey> {
    let mut keys: Vec<OfKey> = Vec::new();
    for row in rows {
        if keys.last().is_none_or(|last| last.api_key_id != row.api_key_id) {
            keys.push(OfKey {
                api_key_id: row.api_key_id,
                key_id: row.key_id,
                name: row.name,
                outcomes: Outcomes::default(),
            });
        }
        if let Some(last) = keys.last_mut() {
            last.outcomes.add(row.outcome, row.requests);
        }
    }
    keys
}

/// Returns the whole periods that hold what is asked for. The present one is the last by default.
fn periods(
    granularity: Granularity,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp)> {
    let usual = match granularity {
        Granularity::Minute => HOUR_MS,
        Granularity::Hour => DAY_MS,
        Granularity::Day => 30 * DAY_MS,
    };
    let to = granularity.start_of(to.unwrap_or(now.plus_ms(1)).plus_ms(granularity.ms() - 1));
    let from = granularity.start_of(from.unwrap_or(to.plus_ms(-usual)));
    if to <= from {
        return Err(Error::invalid("to", "must be later than `from`"));
    }
    if to.ms_since(from) / granularity.ms() > MAX_POINTS {
        let message = format!(
            "must lie at most {MAX_POINTS} periods before `to`; take a coarser `granularity`"
        );
        return Err(Error::invalid("from", message));
    }
    Ok((from, to))
}

impl Totals {
    /// Returns the duration in milliseconds that a share of the requests, 0 to 1, did not exceed,
    /// estimated from the histogram. `None` without requests.
    pub(crate) fn percentile(&self, share: f64) -> Option<f64> {
        let all: i64 = self.latency.iter().sum();
        if all == 0 {
            return None;
        }
        let rank = share * all as f64;
        let mut below = 0.0;
        for (bucket, requests) in self.latency.iter().enumerate() {
            let requests = *requests as f64;
            if below + requests >= rank && requests > 0.0 {
                let lower = bucket.checked_sub(1).map_or(0, |before| LATENCY_BOUNDS_MS[before]);
                let upper = LATENCY_BOUNDS_MS[bucket.min(LATENCY_BUCKETS - 2)];
                let within = (rank - below) / requests;
                let ms = lower as f64 + (upper - lower) as f64 * within;
                return Some((ms * 10.0).round() / 10.0);
            }
            below += requests;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_whole_and_bounded() {
        let minute = |from, to| periods(Granularity::Minute, from, to, Timestamp(90_000));
        assert_eq!(
            minute(Some(Timestamp(1)), Some(Timestamp(60_000))).unwrap(),
            (Timestamp(0), Timestamp(60_000))
        );
        let (from, to) = minute(None, None).unwrap();
        assert_eq!((from, to), (Timestamp(120_000 - HOUR_MS), Timestamp(120_000)));
        assert!(minute(Some(Timestamp(60_000)), Some(Timestamp(60_000))).is_err());
        assert!(minute(Some(Timestamp(0)), Some(Timestamp(60_000 * 2_001))).is_err());
        assert!(minute(Some(Timestamp(i64::MIN)), Some(Timestamp(i64::MAX))).is_err());
    }

    #[test]
    fn percentiles_come_from_the_histogram() {
        let mut totals = Totals::default();
        assert_eq!(totals.percentile(0.5), None);
        totals.latency[3] = 100;
        assert_eq!(totals.percentile(0.5), Some(7.5));
        totals.latency[LATENCY_BUCKETS - 1] = 100;
        assert_eq!(totals.percentile(0.95), Some(10_000.0));
    }
}
