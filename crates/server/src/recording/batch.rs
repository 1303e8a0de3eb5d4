use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use model::Granularity;
use store::{
    AttemptCount, LATENCY_BOUNDS_MS, LATENCY_BUCKETS, Latency, NetworkSeen, RequestRecord,
    UsageBatch, UsageCount, UsageKey,
};

use super::{Seen, agent, network_name};
use crate::config::UsageConfig;

/// Refused requests of an account in a minute that are kept singly. Those that were let in are bounded
/// by the plan; these by nothing, so the rest is only counted.
const REFUSED_A_MINUTE: u32 = 60;
const MAX_ACCOUNTS: usize = 100_000;

/// How many refused requests each account had in the present minute.
#[derive(Default)]
pub(super) struct Quota {
    minute: i64,
    refused: HashMap<i64, u32>,
}

impl Quota {
    /// Returns whether a request is kept singly.
    fn allows(&mut self, seen: &Seen) -> bool {
        if seen.admitted {
            return true;
        }
        let minute = Granularity::Minute.start_of(seen.at).0;
        if self.minute != minute || self.refused.len() > MAX_ACCOUNTS {
            self.minute = minute;
            self.refused.clear();
        }
        let refused = self.refused.entry(seen.account_id).or_default();
        *refused += 1;
        *refused <= REFUSED_A_MINUTE
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
    let mut counts: BTreeMap<UsageKey, (i64, Latency)> = BTreeMap::new();
    let mut networks = BTreeMap::new();
    let mut rows = Vec::new();
    for seen in requests {
        let bucket = bucket(seen.took);
        for granularity in Granularity::ALL {
            let key = UsageKey {
                account_id: seen.account_id,
                granularity: *granularity,
                starts_at: granularity.start_of(seen.at),
                api_key_id: seen.api_key_id,
                route: format!("{} {}", seen.method, seen.path.as_str()),
                outcome: seen.outcome,
            };
            let (requests, latency) = counts.entry(key).or_default();
            *requests += 1;
            latency[bucket] += 1;
        }
        if let Some(ip) = seen.ip.filter(|_| seen.api_key_id != 0 && seen.admitted) {
            networks.insert((seen.api_key_id, network_name(ip)), (seen.account_id, seen.at));
        }
        if config.request_log && quota.allows(&seen) {
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
        counts: counts.into_iter().map(count).collect(),
        attempts,
        networks: networks.into_iter().map(network).collect(),
    }
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
    use super::*;

    #[test]
    fn a_duration_falls_into_the_bucket_that_holds_it() {
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::from_millis(1)), 0);
        assert_eq!(bucket(Duration::from_micros(1_001)), 1);
        assert_eq!(bucket(Duration::from_secs(10)), 12);
        assert_eq!(bucket(Duration::from_secs(11)), 13);
    }
}
