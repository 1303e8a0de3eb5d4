//! Hours in which a key had far more requests than usual, looked for afterwards. Pure.
//!
//! The rule that raises alerts is the account's own (`unusual_use`) and looks at a sliding hour; what
//! is marked on a chart is always the same, so that two charts can be compared.

use std::collections::BTreeMap;

use model::{DAY_MS, Timestamp};

/// How many times the usual an hour has to have.
const FACTOR: i64 = 3;
/// An hour with as many or fewer is none.
const FEW: i64 = 50;
/// Days before that say what is usual.
pub(crate) const DAYS: i64 = 7;
/// Of them, how many there have to be.
const LEAST_DAYS: usize = 3;

/// An hour that stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spike {
    /// When it began.
    pub(crate) at: Timestamp,
    pub(crate) requests: i64,
    /// The median of the same hour of the seven days before.
    pub(crate) usual: i64,
}

/// Returns the hours from `from` on that stand out, oldest first. `hours` holds the requests by the
/// start of their hour, from seven days earlier on; `made_at` is when there could be a first one.
pub(crate) fn spikes(
    hours: &BTreeMap<Timestamp, i64>,
    from: Timestamp,
    made_at: Timestamp,
) -> Vec<Spike> {
    let spike = |(at, requests): (&Timestamp, &i64)| {
        let before =
            (1..=DAYS).map(|day| at.plus_ms(-day * DAY_MS)).filter(|hour| *hour >= made_at);
        let mut counts: Vec<i64> =
            before.map(|hour| hours.get(&hour).copied().unwrap_or(0)).collect();
        counts.sort_unstable();
        let usual = *counts.get(counts.len() / 2)?;
        let stands_out = counts.len() >= LEAST_DAYS && *requests > usual.saturating_mul(FACTOR);
        stands_out.then_some(Spike { at: *at, requests: *requests, usual })
    };
    let busy = hours.range(from..).filter(|(_, requests)| **requests > FEW);
    busy.filter_map(spike).collect()
}

#[cfg(test)]
mod tests {
    use model::HOUR_MS;

    use super::*;

    fn at(day: i64, hour: i64) -> Timestamp {
        Timestamp(day * DAY_MS + hour * HOUR_MS)
    }

    #[test]
    fn an_hour_stands_out_against_the_same_hour_of_the_days_before() {
        let mut hours: BTreeMap<Timestamp, i64> = (0..7).map(|day| (at(day, 9), 100)).collect();
        hours.extend([(at(7, 9), 301), (at(7, 10), 51), (at(7, 11), 50)]);
        let found = spikes(&hours, at(7, 0), Timestamp(0));
        let told: Vec<_> = found.iter().map(|one| (one.at, one.requests, one.usual)).collect();
        assert_eq!(told, [(at(7, 9), 301, 100), (at(7, 10), 51, 0)]);
        hours.insert(at(7, 9), 300);
        assert_eq!(spikes(&hours, at(7, 0), Timestamp(0)).len(), 1, "three times is not over it");
    }

    #[test]
    fn nothing_is_unusual_in_the_first_days_of_a_key() {
        let hours = BTreeMap::from([(at(7, 9), 500)]);
        assert!(spikes(&hours, at(7, 0), at(5, 0)).is_empty());
        assert_eq!(spikes(&hours, at(7, 0), at(4, 0)).len(), 1);
        assert!(spikes(&hours, at(8, 0), at(0, 0)).is_empty(), "it lies before the time");
    }
}
