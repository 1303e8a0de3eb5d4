//! What counts as unusual in an account's use: counts and rules in, levels out. Pure.
//!
//! A level is a number that is watched for one subject (a key, the sign-ins) with the line at which its
//! rule fires. Once it has fired the rule holds its tongue until the level has fallen below 80 % of the
//! line, so that a number that sways around it is told of once.

use std::collections::BTreeMap;

use model::{AuthFailure, DAY_MS, Granularity, HOUR_MS, MINUTE_MS, Timestamp};
use store::{AttemptMinute, HourRequests};

/// Whose use is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A key, by row.
    Key(i64),
    /// The users of the account together.
    SignIns,
    /// What was too much to be kept apart.
    Others,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key:{id}"),
            Self::SignIns => f.write_str("sign_ins"),
            Self::Others => f.write_str("others"),
        }
    }
}

/// A watched number and the line at which its rule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    /// The highest since it was last looked at.
    pub(crate) value: i64,
    pub(crate) fires_at: i64,
}

impl Level {
    pub(crate) fn fires(&self) -> bool {
        self.value >= self.fires_at
    }

    /// Returns whether it has fallen far enough for its rule to fire again.
    pub(crate) fn releases(&self) -> bool {
        i128::from(self.value) * 10 < i128::from(self.fires_at) * 8
    }
}

/// Returns the hours that say how many requests are usual now: of each day of the week before those two
/// that an hour which ends now lay in.
pub(crate) fn usual_hours(now: Timestamp) -> [Timestamp; 14] {
    let this_hour = now.0.div_euclid(HOUR_MS) * HOUR_MS;
    let mut hours = [Timestamp(0); 14];
    for (at, hour) in (0..).zip(&mut hours) {
        *hour = Timestamp(this_hour - (at / 2 + 1) * DAY_MS - (at % 2) * HOUR_MS);
    }
    hours
}

/// Returns the median of the requests that an hour like this had on the days before; `None` while
/// there was no such day since `made_at`.
pub(crate) fn usual_requests(
    hours: &[HourRequests],
    made_at: Timestamp,
    now: Timestamp,
) -> Option<i64> {
    let in_hour = |start: Timestamp| {
        hours.iter().find(|hour| hour.starts_at == start).map_or(0, |hour| hour.requests)
    };
    let wanted = usual_hours(now);
    let days = wanted.chunks_exact(2).filter(|pair| pair[0] >= made_at);
    let mut counts: Vec<i64> =
        days.map(|pair| pair.iter().map(|start| in_hour(*start)).max().unwrap_or(0)).collect();
    counts.sort_unstable();
    let middle = counts.len() / 2;
    match counts.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(counts[middle]),
        _ => Some(counts[middle - 1] + (counts[middle] - counts[middle - 1]) / 2),
    }
}

/// Returns the level of requests within an hour. `usual` is the median of the days before.
pub(crate) fn spike(rule: &model::RequestSpikeRule, requests: i64, usual: i64) -> Level {
    let most = usual.saturating_mul(rule.factor).max(rule.min_per_hour);
    Level { value: requests, fires_at: most.saturating_add(1) }
}

/// Refused credentials of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Burst {
    pub(crate) level: Level,
    /// How many there were for each reason since it was last looked at, the most frequent first.
    pub(crate) reasons: Vec<(AuthFailure, i64)>,
}

/// Returns the bursts of refused credentials by subject, in any stretch that ends at `since` or later.
/// Dead keys that are recognised by their whole secret have rules of their own.
pub(crate) fn bursts(
    rule: &model::FailedAuthBurstRule,
    attempts: &[AttemptMinute],
    since: Timestamp,
) -> BTreeMap<Subject, Burst> {
    let is_dead = |reason| matches!(reason, AuthFailure::Revoked | AuthFailure::Expired);
    let mut of_subject: BTreeMap<Subject, Vec<&AttemptMinute>> = BTreeMap::new();
    for attempt in attempts.iter().filter(|attempt| !is_dead(attempt.reason)) {
        let subject = match (attempt.api_key_id, attempt.user_id) {
            (0, 0) => Subject::Others,
            (0, _) => Subject::SignIns,
            (key, _) => Subject::Key(key),
        };
        of_subject.entry(subject).or_default().push(attempt);
    }
    let span = rule.minutes * MINUTE_MS;
    let within = |attempts: &[&AttemptMinute], last_minute: i64| -> i64 {
        let inside = |minute: i64| minute > last_minute - span && minute <= last_minute;
        attempts.iter().filter(|one| inside(one.minute.0)).map(|one| one.attempts).sum()
    };
    let first = Granularity::Minute.start_of(since);
    let burst = |(subject, attempts): (Subject, Vec<&AttemptMinute>)| {
        let ends = attempts.iter().map(|one| one.minute).filter(|end| *end >= first);
        let value = ends.map(|end| within(&attempts, end.0)).max().unwrap_or(0);
        let mut reasons: Vec<(AuthFailure, i64)> = Vec::new();
        for attempt in &attempts {
            match reasons.iter_mut().find(|(reason, _)| *reason == attempt.reason) {
                Some((_, count)) => *count += attempt.attempts,
                None => reasons.push((attempt.reason, attempt.attempts)),
            }
        }
        reasons.sort_by_key(|(_, count)| -count);
        (subject, Burst { level: Level { value, fires_at: rule.attempts }, reasons })
    };
    of_subject.into_iter().map(burst).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_509_096_000);

    fn hours(counts: &[i64]) -> Vec<HourRequests> {
        let starts = usual_hours(NOW).into_iter().step_by(2);
        let hour = |(starts_at, requests): (Timestamp, &i64)| HourRequests {
            starts_at,
            requests: *requests,
        };
        starts.zip(counts).map(hour).collect()
    }

    #[test]
    fn the_usual_is_the_median_of_the_days_that_there_were() {
        let usual = |counts: &[i64], days: i64| {
            usual_requests(&hours(counts), NOW.plus_ms(-days * DAY_MS - HOUR_MS), NOW)
        };
        assert_eq!(usual(&[10, 20, 30, 40, 50, 60, 1_000], 30), Some(40));
        assert_eq!(usual(&[10, 20, 30, 40, 50, 60, 1_000], 4), Some(25));
        assert_eq!(usual(&[], 30), Some(0));
        assert_eq!(usual(&[10], 1), Some(10));
        // On its first day nothing is unusual.
        assert_eq!(usual_requests(&[], NOW.plus_ms(-DAY_MS + HOUR_MS), NOW), None);
    }

    #[test]
    fn the_busier_of_two_hours_counts() {
        let mut counts = hours(&[10; 7]);
        counts.extend(
            usual_hours(NOW)
                .into_iter()
                .skip(1)
                .step_by(2)
                .map(|starts_at| HourRequests { starts_at, requests: 25 }),
        );
        assert_eq!(usual_requests(&counts, Timestamp(0), NOW), Some(25));
    }

    #[test]
    fn a_spike_is_above_both_lines_and_ends_well_below() {
        let rule = model::RequestSpikeRule::default();
        let level = |requests, usual| spike(&rule, requests, usual);
        assert!(!level(100, 0).fires() && level(101, 0).fires());
        assert!(!level(300, 100).fires() && level(301, 100).fires());
        assert!(!level(241, 100).releases() && level(240, 100).releases());
        assert!(!level(i64::MAX - 1, i64::MAX).fires());
    }

    fn attempt(minute: i64, key: i64, user: i64, attempts: i64) -> AttemptMinute {
        let this_minute = NOW.0.div_euclid(MINUTE_MS) * MINUTE_MS;
        AttemptMinute {
            minute: Timestamp(this_minute + minute * MINUTE_MS),
            api_key_id: key,
            user_id: user,
            reason: if key == 0 { AuthFailure::WrongPassword } else { AuthFailure::UnknownSecret },
            attempts,
        }
    }

    #[test]
    fn a_burst_is_found_wherever_its_minutes_lie() {
        let rule = model::FailedAuthBurstRule::default();
        let level = |since: i64, attempts: &[AttemptMinute]| {
            let since = NOW.plus_ms(since * MINUTE_MS);
            bursts(&rule, attempts, since)[&Subject::Key(7)].level.value
        };
        let steady: Vec<_> = (-20..=0).map(|minute| attempt(minute, 7, 0, 3)).collect();
        assert_eq!(level(-2, &steady), 15);
        let past = [attempt(-14, 7, 0, 12), attempt(-10, 7, 0, 8), attempt(-9, 7, 0, 1)];
        assert_eq!([-20, -10, -9, -8].map(|since| level(since, &past)), [20, 20, 9, 0]);
        let apart = [attempt(-15, 7, 0, 12), attempt(-10, 7, 0, 8)];
        assert_eq!(level(-20, &apart), 12);
    }

    #[test]
    fn subjects_do_not_hide_each_other() {
        let rule = model::FailedAuthBurstRule::default();
        let dead = AttemptMinute { reason: AuthFailure::Revoked, ..attempt(0, 7, 0, 1_000) };
        let other = AttemptMinute { reason: AuthFailure::IpNotAllowed, ..attempt(0, 7, 0, 2) };
        let attempts = [
            dead,
            other,
            attempt(0, 7, 0, 1),
            attempt(0, 0, 3, 4),
            attempt(0, 0, 4, 5),
            attempt(0, 0, 0, 9),
        ];
        let found = bursts(&rule, &attempts, NOW);
        let peaks: Vec<_> =
            found.iter().map(|(subject, burst)| (*subject, burst.level.value)).collect();
        assert_eq!(peaks, [(Subject::Key(7), 3), (Subject::SignIns, 9), (Subject::Others, 9)]);
        let reasons = &found[&Subject::Key(7)].reasons;
        assert_eq!(reasons[..], [(AuthFailure::IpNotAllowed, 2), (AuthFailure::UnknownSecret, 1)]);
    }
}
