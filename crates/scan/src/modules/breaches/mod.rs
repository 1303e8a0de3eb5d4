//! Breaches: what others know to have been taken from the domain's owner.
//!
//! The operator names who is asked: a service that speaks as Have I Been Pwned does
//! (`providers.breaches`), a file of the same form (`providers.breaches`), or both. `source` says where,
//! `list` reads the form, `probe` asks about the registrable name.
//!
//! Every breach belongs to one check, by age, by what was taken and by whether it was verified; what
//! the list itself calls invented, withdrawn or a spam list is none. Without a source, or when one
//! fails, nothing is clean.
//!
//! To add a check: a file beside the others, a line in [`TOPICS`], and a [`Kind`].

pub(crate) mod list;
mod probe;
#[cfg(test)]
mod probe_tests;
mod source;

mod old;
mod old_passwords;
mod recent;
mod recent_passwords;
mod unverified;

use model::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub(crate) use probe::probe;
pub use source::{ApiKey, BreachSources};

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[&[
    recent_passwords::CHECK,
    recent::CHECK,
    old_passwords::CHECK,
    old::CHECK,
    unverified::CHECK,
]];

/// Days for which a breach is recent: two years.
const RECENT: i64 = 730;
/// Names of breaches that a finding tells.
const MOST_TOLD: usize = 3;

/// What is known to have been taken.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BreachesEvidence {
    /// One answer of each source; none when the operator named none.
    pub sources: Vec<Seen<Vec<Breach>>>,
}

/// One breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// At most 100 characters.
    pub title: String,
    /// The domain the list gives, the owner's or one below it.
    pub domain: String,
    /// When it happened, or when it came to be known.
    pub date: Option<Timestamp>,
    /// How many accounts it holds.
    pub accounts: Option<u64>,
    /// What was taken, in the list's words, at most 20.
    pub data: Vec<String>,
    pub is_verified: bool,
}

/// How a breach is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    RecentPasswords,
    Recent,
    OldPasswords,
    Old,
    Unverified,
}

impl Breach {
    fn kind(&self, now: Timestamp) -> Kind {
        let is_recent = self.date.is_some_and(|date| now.ms_since(date) < RECENT * DAY_MS);
        match (self.is_verified, is_recent, self.holds_passwords()) {
            (false, _, _) => Kind::Unverified,
            (true, true, true) => Kind::RecentPasswords,
            (true, true, false) => Kind::Recent,
            (true, false, true) => Kind::OldPasswords,
            (true, false, false) => Kind::Old,
        }
    }

    /// Returns whether what was taken lets somebody in, or pay.
    fn holds_passwords(&self) -> bool {
        const MARKS: [&str; 7] = [
            "password",
            "credit card",
            "bank account",
            "payment",
            "auth token",
            "security question",
            "government issued id",
        ];
        self.data.iter().any(|data| {
            let data = data.to_lowercase();
            // A hint or a strength is not the password.
            MARKS.iter().any(|mark| data.contains(mark)) && !data.contains("hint")
        })
    }

    fn told(&self) -> String {
        let day = self.date.map(|date| date.to_string()[..10].to_owned());
        let accounts = self.accounts.map(|accounts| format!("{accounts} accounts"));
        let about: Vec<_> = day.into_iter().chain(accounts).collect();
        match about.is_empty() {
            true => self.title.clone(),
            false => format!("{} ({})", self.title, about.join(", ")),
        }
    }
}

/// Fails when a source knows a breach of one kind.
fn judge(evidence: &Evidence, kind: Kind) -> Result<Verdict, Missing> {
    let sources = &evidence.breaches()?.sources;
    let now = evidence.seen_at()?;
    if sources.is_empty() {
        return Err(Missing::not_configured("providers.breaches"));
    }
    let mut found: Vec<String> = Vec::new();
    for breach in sources.iter().flatten().flatten().filter(|breach| breach.kind(now) == kind) {
        let told = breach.told();
        if !found.contains(&told) {
            found.push(told);
        }
    }
    match (found.len(), sources.iter().find_map(|source| source.as_ref().err())) {
        (0, Some(missing)) => Err(missing.clone()),
        (0, None) => Ok(Verdict::Pass),
        (many, _) => {
            let more = many.saturating_sub(MOST_TOLD);
            found.truncate(MOST_TOLD);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Ok(Verdict::Fail(format!("{}{more}", found.join("; "))))
        }
    }
}

/// A verified breach with passwords of so many days ago, changed, for tests.
#[cfg(test)]
fn with(days_ago: i64, change: impl FnOnce(&mut Breach)) -> Evidence {
    const TODAY: i64 = 20_750;
    let mut breach = Breach {
        title: "Shop".to_owned(),
        domain: "example.com".to_owned(),
        date: Some(Timestamp((TODAY - days_ago) * DAY_MS)),
        accounts: Some(1_000),
        data: vec!["Email addresses".to_owned(), "Passwords".to_owned()],
        is_verified: true,
    };
    change(&mut breach);
    sources(vec![Ok(vec![breach])])
}

#[cfg(test)]
fn sources(sources: Vec<Seen<Vec<Breach>>>) -> Evidence {
    Evidence {
        seen_at: Some(Timestamp(20_750 * DAY_MS)),
        breaches: Some(BreachesEvidence { sources }),
        ..Evidence::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;

    #[test]
    fn every_breach_fails_exactly_one_check() {
        for days in [0, 729, 730, 5_000] {
            for (data, is_verified) in
                [("Passwords", true), ("Names", true), ("Names", false), ("Passwords", false)]
            {
                let evidence = with(days, |breach| {
                    breach.data = vec![data.to_owned()];
                    breach.is_verified = is_verified;
                });
                let failed =
                    TOPICS[0].iter().filter(|check| judged(check, &evidence).starts_with("fail"));
                assert_eq!(failed.count(), 1, "{days} {data} {is_verified}");
            }
        }
    }

    #[test]
    fn a_source_that_fails_is_never_clean_and_hides_nothing() {
        let dead = || Err(Missing("silence".to_owned()));
        let known = with(10, |_| ()).breaches.unwrap().sources.remove(0);
        for check in TOPICS[0] {
            assert_eq!(judged(check, &sources(vec![Ok(Vec::new()), dead()])), "missing: silence");
            assert_eq!(judged(check, &sources(vec![Ok(Vec::new())])), "pass");
            assert_eq!(
                judged(check, &sources(Vec::new())),
                "missing: provider not configured (`providers.breaches`)"
            );
        }
        let both = sources(vec![dead(), known.clone(), known]);
        assert_eq!(
            judged(&recent_passwords::CHECK, &both),
            "fail: Shop (2026-10-14, 1000 accounts)"
        );
    }

    #[test]
    fn many_breaches_are_counted() {
        let mut breaches = with(10, |_| ()).breaches.unwrap().sources.remove(0).unwrap();
        for number in 0..4 {
            let title = format!("Shop {number}");
            breaches.push(Breach { title, date: None, accounts: None, ..breaches[0].clone() });
        }
        let seen = judged(&old_passwords::CHECK, &sources(vec![Ok(breaches)]));
        assert_eq!(seen, "fail: Shop 0; Shop 1; Shop 2 and 1 more");
    }
}
