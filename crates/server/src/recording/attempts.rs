//! Counting refused credentials, so that a flood makes few rows: within a minute those that are alike
//! are one, an account has a share of rows and the server a whole. What exceeds them is still counted.

use std::collections::HashMap;
use std::net::IpAddr;

use model::{AuthFailure, Granularity, Timestamp};
use store::AttemptCount;

use super::{agent, network};

/// Rows of an account in a minute; what comes on top is counted without key and address.
const ROWS_OF_ACCOUNT: usize = 50;
/// Rows of all accounts in a minute; what comes on top is counted in the log alone.
const ROWS: usize = 5_000;
/// Networks of strangers that are told apart in a minute.
const NETWORKS: usize = 1_000;
/// Requests of strangers in a minute from which on the log says so.
const WORTH_SAYING: u64 = 20;

/// A refused credential that names a key or a user.
pub(super) struct Refused<'a> {
    pub(super) account_id: i64,
    /// 0 for none.
    pub(super) api_key_id: i64,
    /// 0 for none.
    pub(super) user_id: i64,
    pub(super) reason: AuthFailure,
    pub(super) ip: Option<IpAddr>,
    pub(super) agent: Option<&'a str>,
    pub(super) at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    account_id: i64,
    api_key_id: i64,
    user_id: i64,
    reason: AuthFailure,
    ip: Option<IpAddr>,
}

struct Count {
    agent: Option<String>,
    first_at: Timestamp,
    last_at: Timestamp,
    /// Not yet written; the row stays here until its minute is over, so that the bounds hold.
    attempts: i64,
}

/// Refused credentials of the present minute, counted: a flood makes few rows.
#[derive(Default)]
pub(super) struct Attempts {
    /// Milliseconds of its start.
    minute: i64,
    counts: HashMap<Kind, Count>,
    rows_of: HashMap<i64, usize>,
    /// Rows of minutes that are over.
    due: Vec<AttemptCount>,
    uncounted: u64,
    strangers: u64,
    networks: HashMap<IpAddr, u64>,
}

impl Attempts {
    /// Counts a refused credential.
    pub(super) fn add(&mut self, refused: Refused<'_>) {
        self.turn(refused.at);
        let mut kind = Kind {
            account_id: refused.account_id,
            api_key_id: refused.api_key_id,
            user_id: refused.user_id,
            reason: refused.reason,
            ip: refused.ip,
        };
        if !self.counts.contains_key(&kind) {
            let rows = self.rows_of.get(&kind.account_id).copied().unwrap_or(0);
            if rows >= ROWS_OF_ACCOUNT {
                kind = Kind { api_key_id: 0, user_id: 0, ip: None, ..kind };
            }
            if !self.counts.contains_key(&kind) {
                if self.counts.len() >= ROWS {
                    self.uncounted += 1;
                    return;
                }
                *self.rows_of.entry(kind.account_id).or_default() += 1;
            }
        }
        let count = self.counts.entry(kind).or_insert_with(|| Count {
            agent: refused.agent.map(|agent| agent::redact(agent).into_owned()),
            first_at: refused.at,
            last_at: refused.at,
            attempts: 0,
        });
        count.last_at = refused.at;
        count.attempts += 1;
    }

    /// Counts a request that nobody known can be made answerable for.
    pub(super) fn stranger(&mut self, ip: Option<IpAddr>, now: Timestamp) {
        self.turn(now);
        self.strangers += 1;
        let Some(network) = ip.map(network) else { return };
        if self.networks.len() < NETWORKS || self.networks.contains_key(&network) {
            *self.networks.entry(network).or_default() += 1;
        }
    }

    /// Takes what is to be written.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<AttemptCount> {
        self.turn(now);
        let mut rows = std::mem::take(&mut self.due);
        self.collect(&mut rows);
        rows.sort_by(|one, other| order(one).cmp(&order(other)));
        rows
    }

    fn collect(&mut self, rows: &mut Vec<AttemptCount>) {
        for (kind, count) in &mut self.counts {
            if count.attempts > 0 {
                rows.push(AttemptCount {
                    account_id: kind.account_id,
                    minute: Timestamp(self.minute),
                    api_key_id: kind.api_key_id,
                    user_id: kind.user_id,
                    reason: kind.reason,
                    ip: kind.ip.map(|ip| ip.to_string()).unwrap_or_default(),
                    agent: count.agent.clone(),
                    first_at: count.first_at,
                    last_at: count.last_at,
                    attempts: std::mem::take(&mut count.attempts),
                });
            }
        }
    }

    /// Closes the minute before, once another has begun.
    fn turn(&mut self, now: Timestamp) {
        let minute = Granularity::Minute.start_of(now).0;
        if minute == self.minute {
            return;
        }
        let mut due = std::mem::take(&mut self.due);
        // A database that is away for long must not fill the memory.
        if due.len() < 2 * ROWS {
            self.collect(&mut due);
        }
        self.due = due;
        if self.uncounted > 0 {
            tracing::warn!(
                attempts = self.uncounted,
                "refused credentials were not recorded singly"
            );
        }
        if self.strangers >= WORTH_SAYING {
            let busiest = self.networks.iter().max_by_key(|(_, requests)| **requests);
            tracing::warn!(
                requests = self.strangers,
                networks = self.networks.len(),
                // A network, not a person's address.
                busiest = busiest.map(|(network, _)| tracing::field::display(network)),
                busiest_requests = busiest.map(|(_, requests)| *requests),
                "many requests without a known credential in one minute",
            );
        }
        self.minute = minute;
        self.counts.clear();
        self.rows_of.clear();
        self.networks.clear();
        (self.uncounted, self.strangers) = (0, 0);
    }
}

fn order(row: &AttemptCount) -> (i64, Timestamp, i64, i64, &'static str, &str) {
    (row.account_id, row.minute, row.api_key_id, row.user_id, row.reason.as_str(), &row.ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(ip: u32, key: i64, at: i64) -> Refused<'static> {
        Refused {
            account_id: 7,
            api_key_id: key,
            user_id: 0,
            reason: AuthFailure::UnknownSecret,
            ip: Some(IpAddr::V4(ip.into())),
            agent: None,
            at: Timestamp(at),
        }
    }

    #[test]
    fn a_flood_of_a_hundred_thousand_stays_few_rows_and_none_is_lost() {
        let mut attempts = Attempts::default();
        let mut rows = Vec::new();
        for attempt in 0..100_000 {
            attempts.add(refused(attempt, 3, 60_000 + i64::from(attempt) / 2_000));
            if attempt % 10_000 == 0 {
                rows.extend(attempts.take(Timestamp(60_000)));
            }
        }
        assert!(attempts.counts.len() <= ROWS_OF_ACCOUNT + 1);
        rows.extend(attempts.take(Timestamp(120_000)));
        assert!(rows.len() <= ROWS_OF_ACCOUNT + 11, "{} rows", rows.len());
        assert_eq!(rows.iter().map(|row| row.attempts).sum::<i64>(), 100_000);
    }

    #[test]
    fn each_minute_has_rows_of_its_own() {
        let mut attempts = Attempts::default();
        attempts.add(refused(1, 3, 59_999));
        attempts.add(refused(1, 3, 60_000));
        let rows = attempts.take(Timestamp(60_001));
        let minutes: Vec<_> = rows.iter().map(|row| (row.minute.0, row.attempts)).collect();
        assert_eq!(minutes, [(0, 1), (60_000, 1)]);
        assert!(attempts.take(Timestamp(60_002)).is_empty());
    }

    #[test]
    fn strangers_are_counted_within_bounds() {
        let mut attempts = Attempts::default();
        for stranger in 0..1_000_000 {
            attempts.stranger(Some(IpAddr::V4((stranger << 8).into())), Timestamp(5));
        }
        assert_eq!((attempts.strangers, attempts.networks.len()), (1_000_000, NETWORKS));
    }
}
