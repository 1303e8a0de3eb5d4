//! From requests to rows: counts by the minute, rolled up to hours and days, and as many single requests
//! as an account may have in a minute.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use model::{Granularity, Timestamp};
use store::{
    AttemptCount, LATENCY_BOUNDS_MS, LATENCY_BUCKETS, Latency, NetworkSeen, RequestRecord,
    UsageBatch, UsageCount, UsageKey,
};

use super::{Seen, agent, network_name};
use crate::config::UsageConfig;

/// Requests of an account in a minute that are kept singly; the rest is only counted, or an account
/// whose plan limits nothing could fill the disk.
const ADMITTED_A_MINUTE: u32 = 6_000;
/// The same of refused requests, which no plan bounds.
const REFUSED_A_MINUTE: u32 = 60;
const MAX_ACCOUNTS: usize = 100_000;

/// How many requests of the present minute were kept singly.
#[derive(Default)]
pub(super) struct Quota {
    minute: i64,
    /// By account and whether they were let in.
    kept: HashMap<(i64, bool), u32>,
}

impl Quota {
    /// Returns whether a request of that account is kept singly.
    fn allows(&mut self, account: i64, admitted: bool, at: Timestamp) -> bool {
        let minute = Granularity::Minute.start_of(at).0;
        if self.minute != minute || self.kept.len() > MAX_ACCOUNTS {
            self.minute = minute;
            self.kept.clear();
        }
        let most = if admitted { ADMITTED_A_MINUTE } else { REFUSED_A_MINUTE };
        let kept = self.kept.entry((account, admitted)).or_default();
        *kept += 1;
        *kept <= most
    }
}

/// Turns requests into rows.
pub(super) fn of(
    id: String,
    requests: Vec<Seen>,
    attempts: Vec<AttemptCount>,
    config: &UsageConfig,
    quota: &mut Quota,
) -> UsageBatch {
    let mut minutes: BTreeMap<UsageKey, (i64, Latency)> = BTreeMap::new();
    let mut networks = BTreeMap::new();
    let mut rows = Vec::new();
    for seen in requests {
        let key = UsageKey {
            account_id: seen.account_id,
            granularity: Granularity::Minute,
            starts_at: Granularity::Minute.start_of(seen.at),
            api_key_id: seen.api_key_id,
            route: format!("{} {}", seen.method, seen.path.as_str()),
            outcome: seen.outcome,
        };
        let (requests, latency) = minutes.entry(key).or_default();
        *requests += 1;
        latency[bucket(seen.took)] += 1;
        if let Some(ip) = seen.ip.filter(|_| seen.api_key_id != 0 && seen.admitted) {
            networks.insert((seen.api_key_id, network_name(ip)), (seen.account_id, seen.at));
        }
        if config.request_log && quota.allows(seen.account_id, seen.admitted, seen.at) {
            rows.push(row(seen));
        }
    }
    let count = |(key, (requests, latency))| UsageCount { key, requests, latency };
    let network = |((api_key_id, network), (account_id, at))| NetworkSeen {
        api_key_id,
        network,
        account_id,
        at,
    };
    UsageBatch {
        id,
        requests: rows,
        counts: rolled_up(minutes).into_iter().map(count).collect(),
        attempts,
        networks: networks.into_iter().map(network).collect(),
    }
}

/// Returns what was counted by the minute with the same by the hour and the day.
fn rolled_up(minutes: BTreeMap<UsageKey, (i64, Latency)>) -> BTreeMap<UsageKey, (i64, Latency)> {
    let mut counts = BTreeMap::new();
    for (minute, (requests, latency)) in minutes {
        for granularity in Granularity::ALL {
            let starts_at = granularity.start_of(minute.starts_at);
            let key = UsageKey { granularity: *granularity, starts_at, ..minute.clone() };
            let (sum, buckets): &mut (i64, Latency) = counts.entry(key).or_default();
            *sum += requests;
            buckets.iter_mut().zip(latency).for_each(|(bucket, more)| *bucket += more);
        }
    }
    counts
}

fn row(seen: Seen) -> RequestRecord {
    RequestRecord {
        account_id: seen.account_id,
        at: seen.at,
        api_key_id: seen.api_key_id,
        user_id: seen.user_id,
        method: seen.method.as_str().to_owned(),
        path: seen.path.as_str().to_owned(),
        status: seen.status.into(),
        outcome: seen.outcome,
        ip: seen.ip.map(|ip| ip.to_string()),
        agent: seen.agent.map(|agent| agent::redact(&agent).into_owned()),
        duration_us: i64::try_from(seen.took.as_micros()).unwrap_or(i64::MAX),
        request_id: seen.request_id.map_or_else(String::new, |id| id.0.as_ref().to_owned()),
    }
}

/// Returns which bucket of the histogram a duration falls into.
fn bucket(took: Duration) -> usize {
    let ms = i64::try_from(took.as_micros().div_ceil(1_000)).unwrap_or(i64::MAX);
    LATENCY_BOUNDS_MS.iter().position(|bound| ms <= *bound).unwrap_or(LATENCY_BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use model::{MINUTE_MS, Outcome};

    use super::*;

    #[test]
    fn an_account_fills_the_log_up_to_a_number_a_minute() {
        let mut quota = Quota::default();
        let mut kept = |account, admitted, at| {
            (0..10_000).filter(|_| quota.allows(account, admitted, Timestamp(at))).count()
        };
        assert_eq!((kept(1, true, 5), kept(1, false, 5), kept(2, false, 5)), (6_000, 60, 60));
        assert_eq!(kept(1, true, MINUTE_MS), 6_000, "each minute anew");
    }

    #[test]
    fn minutes_roll_up_into_their_hours_and_days() {
        let minute = |hour: i64, minute: i64, outcome| {
            let key = UsageKey {
                account_id: 1,
                granularity: Granularity::Minute,
                starts_at: Timestamp((hour * 60 + minute) * MINUTE_MS),
                api_key_id: 2,
                route: "GET /v1/x".to_owned(),
                outcome,
            };
            let mut latency = Latency::default();
            latency[3] = 7;
            (key, (7, latency))
        };
        let minutes =
            [minute(1, 5, Outcome::Ok), minute(1, 6, Outcome::Ok), minute(2, 0, Outcome::Ok)];
        let counts = rolled_up(minutes.into_iter().collect());
        let found = |granularity, at: i64| {
            let same = |key: &&UsageKey| key.granularity == granularity && key.starts_at.0 == at;
            let key = counts.keys().find(same).unwrap();
            (counts[key].0, counts[key].1[3])
        };
        assert_eq!(found(Granularity::Minute, 65 * MINUTE_MS), (7, 7));
        assert_eq!(found(Granularity::Hour, 60 * MINUTE_MS), (14, 14));
        assert_eq!(found(Granularity::Hour, 120 * MINUTE_MS), (7, 7));
        assert_eq!(found(Granularity::Day, 0), (21, 21));
        assert_eq!(counts.len(), 6);
    }

    #[test]
    fn a_duration_falls_into_the_bucket_that_holds_it() {
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::from_millis(1)), 0);
        assert_eq!(bucket(Duration::from_micros(1_001)), 1);
        assert_eq!(bucket(Duration::from_secs(10)), 12);
        assert_eq!(bucket(Duration::from_secs(11)), 13);
    }
}
