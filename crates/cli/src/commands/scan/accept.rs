//! Risks that the project accepts: the `[[accept]]` entries of its `compliancelayer.toml`.
//!
//! They say of a scan made here what an account says on a server: who carries which finding, why and
//! until when. Everything else in the file is somebody else's to read. An entry without a reason or an
//! end is refused, so that no list grows that nobody remembers; one whose day has passed says so and
//! does nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use model::{DAY_MS, DomainName, MAX_ACCEPTED_REASON, MOST_ACCEPTED_DAYS, Timestamp};
use report::{AcceptedView, ReportView};
use toml::{Table, Value};

use crate::failure::{Failure, Result};

/// The file that is read when no other is named.
const PROJECT_FILE: &str = "compliancelayer.toml";
/// What an entry can say.
const MEMBERS: [&str; 5] = ["check", "domain", "reason", "until", "by"];

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    check: String,
    /// `None` for every domain.
    domain: Option<DomainName>,
    accepted: AcceptedView,
}

/// The entries that are good now, and what is to be said about the others.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    entries: Vec<Entry>,
    expired: Vec<String>,
}

impl Accepted {
    /// Reads the file that is named, or the project's if there is one.
    pub(super) fn read(named: Option<&Path>, now: Timestamp) -> Result<Self> {
        let path = named.unwrap_or(Path::new(PROJECT_FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&path.display().to_string(), &text, now),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self::default())
            }
            Err(error) => {
                Err(Failure::usage(format!("{} cannot be read: {error}", path.display())))
            }
        }
    }

    fn parse(file: &str, text: &str, now: Timestamp) -> Result<Self> {
        let table: Table =
            text.parse().map_err(|error| Failure::usage(format!("{file} is no TOML: {error}")))?;
        let list = match table.get("accept") {
            None => return Ok(Self::default()),
            Some(Value::Array(list)) => list.as_slice(),
            Some(_) => return Err(refused(file, &["must be written as `[[accept]]`".to_owned()])),
        };
        let mut accepted = Self::default();
        let mut problems = Vec::new();
        for (at, value) in list.iter().enumerate() {
            let number = at + 1;
            match Entry::read(value, now) {
                Err(problem) => problems.push(format!("entry {number} {problem}")),
                Ok(entry) if entry.accepted.until <= now => {
                    let (check, day) = (&entry.check, entry.accepted.day());
                    accepted.expired.push(format!(
                        "{file}: accepting {check} ended on {day}; the finding counts again"
                    ));
                }
                Ok(entry) if accepted.entries.iter().any(|other| other.is_about(&entry)) => {
                    problems.push(format!("entry {number} accepts `{}` again", entry.check));
                }
                Ok(entry) => accepted.entries.push(entry),
            }
        }
        match problems.is_empty() {
            true => Ok(accepted),
            false => Err(refused(file, &problems)),
        }
    }

    /// Names entries that do nothing any more.
    pub(super) fn say_expired(&self) -> Result<()> {
        for line in &self.expired {
            writeln!(anstream::stderr(), "{line}")?;
        }
        Ok(())
    }

    /// Says that the entries are not for scans on a server.
    pub(super) fn say_unused(&self) -> Result<()> {
        if !self.entries.is_empty() {
            let line =
                "[[accept]] is for scans made here; on a server, what is accepted there holds";
            writeln!(anstream::stderr(), "{line}")?;
        }
        Ok(())
    }

    /// Marks the findings of a report that are accepted. What names the domain goes before what names
    /// none.
    pub(super) fn mark(&self, view: &mut ReportView) {
        let of = |wanted: Option<&str>| {
            let fits = |entry: &&Entry| entry.domain.as_ref().map(DomainName::as_str) == wanted;
            let fitting = self.entries.iter().filter(fits);
            let pairs = fitting.map(|entry| (entry.check.clone(), entry.accepted.clone()));
            pairs.collect::<BTreeMap<_, _>>()
        };
        let mut accepted = of(None);
        accepted.extend(of(Some(&view.domain)));
        view.accept(&accepted);
    }
}

fn refused(file: &str, problems: &[String]) -> Failure {
    let lines: Vec<_> =
        problems.iter().map(|problem| format!("\n  [[accept]] {problem}")).collect();
    Failure::usage(format!("{file}:{}", lines.concat())).hint(
        "an entry has `check`, `reason` and `until = 2027-01-31`, and may have `domain` and `by`",
    )
}

impl Entry {
    fn is_about(&self, other: &Self) -> bool {
        (&self.check, &self.domain) == (&other.check, &other.domain)
    }

    fn read(value: &Value, now: Timestamp) -> std::result::Result<Self, String> {
        let table = value.as_table().ok_or("must be a table")?;
        if let Some(odd) = table.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
            return Err(format!("has `{odd}`; there are {}", MEMBERS.join(", ")));
        }
        let check = text(table, "check")?.ok_or("names no `check`")?;
        if scan::catalogue::find_check(check).is_none() {
            return Err(match scan::nearest_check(check) {
                Some(nearest) => format!("names no check: `{check}`; did you mean `{nearest}`?"),
                None => format!("names no check: `{check}`; see `compliancelayer checks list`"),
            });
        }
        let about = |problem: String| format!("({check}) {problem}");
        let domain = text(table, "domain").map_err(about)?.map(DomainName::parse).transpose();
        let domain = domain.map_err(|problem| about(format!("has a `domain` that {problem}")))?;
        let reason = text(table, "reason").map_err(about)?.unwrap_or_default().trim();
        match reason.chars().count() {
            0 => return Err(about("has no `reason`".to_owned())),
            1..=MAX_ACCEPTED_REASON if !reason.chars().any(char::is_control) => {}
            _ => {
                let problem = format!(
                    "has a `reason` that is not one line of {MAX_ACCEPTED_REASON} characters"
                );
                return Err(about(problem));
            }
        }
        let by = text(table, "by").map_err(about)?.map(str::to_owned);
        let until = until(table.get("until"), now).map_err(about)?;
        let accepted = AcceptedView { id: None, reason: reason.to_owned(), until, by };
        Ok(Self { check: check.to_owned(), domain, accepted })
    }
}

fn text<'a>(table: &'a Table, key: &str) -> std::result::Result<Option<&'a str>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(value) => {
            value.as_str().map(Some).ok_or_else(|| format!("has a `{key}` that is no text"))
        }
    }
}

/// Reads when an entry ends: a day counts to its end in UTC.
fn until(value: Option<&Value>, now: Timestamp) -> std::result::Result<Timestamp, String> {
    let written = match value {
        None => return Err("has no `until`: nothing is accepted for ever".to_owned()),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    // The last day of all has no end that a time can be.
    let last = |day: &str| {
        let start = Timestamp::parse(&format!("{day}T00:00:00Z"))?;
        Some(start.plus_ms(DAY_MS - 1))
    };
    let is_day = written.len() == "2027-01-31".len();
    let until = if is_day { last(&written) } else { Timestamp::parse(&written) };
    let until = until.ok_or_else(|| format!("has an `until` that is no day: {written}"))?;
    // A day more, so that the day itself can be a year ahead.
    match until.ms_since(now) < (MOST_ACCEPTED_DAYS + 1) * DAY_MS {
        true => Ok(until),
        false => {
            Err(format!("has an `until` more than {MOST_ACCEPTED_DAYS} days ahead: {written}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T08:31:36Z.
    const NOW: Timestamp = Timestamp(1_795_509_096_000);

    fn parsed(text: &str) -> Accepted {
        Accepted::parse("compliancelayer.toml", text, NOW).unwrap()
    }

    fn problem(text: &str) -> String {
        let failure = Accepted::parse("compliancelayer.toml", text, NOW).unwrap_err();
        assert_eq!(failure.code, 2);
        failure.to_string()
    }

    fn entry(rest: &str) -> String {
        format!("[[accept]]\ncheck = 'hsts.missing'\n{rest}\n")
    }

    #[test]
    fn entries_stand_beside_other_settings() {
        let text = format!(
            "[scan]\nconcurrency = 8\n{}{}",
            entry("reason = 'VPN'\nuntil = 2027-01-31\nby = 'ann'"),
            entry(
                "domain = 'Shop.Example.'\nreason = 'old box'\nuntil = 2027-01-31T12:00:00+01:00"
            ),
        );
        let accepted = parsed(&text);
        let (every, one) = (&accepted.entries[0], &accepted.entries[1]);
        assert_eq!(every.accepted.until.to_string(), "2027-01-31T23:59:59.999Z");
        assert_eq!((&every.domain, every.accepted.by.as_deref()), (&None, Some("ann")));
        assert_eq!(one.domain.as_ref().unwrap().as_str(), "shop.example");
        assert_eq!(one.accepted.until.to_string(), "2027-01-31T11:00:00.000Z");
        assert!(accepted.expired.is_empty());
        assert!(parsed("").entries.is_empty() && parsed("[scan]\nx = 1").entries.is_empty());
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_its_entry() {
        for (rest, expected) in [
            ("until = 2027-01-31", "has no `reason`"),
            ("reason = ' '\nuntil = 2027-01-31", "has no `reason`"),
            ("reason = 'x'", "has no `until`"),
            ("reason = 'x'\nuntil = 'soon'", "no day: soon"),
            ("reason = 'x'\nuntil = 2027-11-25", "more than 365 days ahead"),
            ("reason = 'x'\nuntil = 9998-12-31", "more than 365 days ahead"),
            ("reason = 3\nuntil = 2027-01-31", "`reason` that is no text"),
            ("reason = \"a\\nb\"\nuntil = 2027-01-31", "not one line"),
            ("reason = 'x'\nuntil = 2027-01-31\ndomain = '*.example.com'", "`domain` that"),
            ("reason = 'x'\nuntil = 2027-01-31\nuntill = 1", "has `untill`"),
        ] {
            let problem = problem(&entry(rest));
            assert!(
                problem.contains("[[accept]] entry 1 ") && problem.contains(expected),
                "{problem}"
            );
            assert!(problem.contains("hint: an entry has"), "{problem}");
        }
        assert!(parsed(&entry("reason = 'x'\nuntil = 2027-11-24")).expired.is_empty());
        let unknown =
            problem("[[accept]]\ncheck = 'hsts.mising'\nreason = 'x'\nuntil = 2027-01-31");
        assert!(unknown.contains("did you mean `hsts.missing`?"), "{unknown}");
        let good = entry("reason = 'x'\nuntil = 2027-01-31");
        assert!(problem(&format!("{good}{good}")).contains("entry 2 accepts `hsts.missing` again"));
        assert!(problem("accept = 1").contains("`[[accept]]`"));
        assert!(problem("[").contains("is no TOML"));
    }

    #[test]
    fn an_entry_whose_day_has_passed_does_nothing_and_says_so() {
        let accepted = parsed(&entry("reason = 'x'\nuntil = 2026-11-23"));
        assert!(accepted.entries.is_empty());
        assert!(accepted.expired[0].contains("hsts.missing ended on 2026-11-23"));
        assert_eq!(parsed(&entry("reason = 'x'\nuntil = 2026-11-24")).entries.len(), 1);
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.toml");
        assert_eq!(Accepted::read(Some(&path), NOW).unwrap_err().code, 2);
        std::fs::write(&path, entry("reason = 'x'\nuntil = 2027-01-31")).unwrap();
        assert_eq!(Accepted::read(Some(&path), NOW).unwrap().entries.len(), 1);
    }
}
