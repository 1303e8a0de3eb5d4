//! An MTA-STS policy file (RFC 8461, section 3.2). Reading never fails: what is wrong is kept in
//! `problems`.

use serde::{Deserialize, Serialize};

/// Patterns that are kept.
const MOST_PATTERNS: usize = 50;
/// Characters of one that are kept.
const LONGEST_PATTERN: usize = 255;
/// Lines that are read.
const MOST_LINES: usize = 500;
/// The longest time a policy may be kept, in seconds: about a year.
const LONGEST_AGE: u64 = 31_557_600;

/// A policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub mode: Option<Mode>,
    /// In seconds.
    pub max_age: Option<u64>,
    /// In lower case, at most 50.
    pub patterns: Vec<String>,
    /// What does not follow the grammar, as clauses.
    pub problems: Vec<String>,
}

/// What senders are to do when TLS fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Not deliver.
    Enforce,
    /// Deliver and report.
    Testing,
    None,
}

impl Policy {
    /// Reads the body of a response.
    pub(crate) fn parse(body: &str) -> Self {
        let mut policy = Self::default();
        let mut version = None;
        for line in body.lines().take(MOST_LINES).map(str::trim).filter(|line| !line.is_empty()) {
            let Some((key, value)) = line.split_once(':') else {
                policy.problem("a line has no colon");
                continue;
            };
            let value = value.trim();
            match key.trim_end() {
                // Of keys that repeat, the first counts.
                "version" => _ = version.get_or_insert(value),
                "mode" if policy.mode.is_none() => policy.set_mode(value),
                "max_age" if policy.max_age.is_none() => policy.set_age(value),
                "mx" if policy.patterns.len() < MOST_PATTERNS => {
                    let value = value.chars().take(LONGEST_PATTERN).collect::<String>();
                    policy.patterns.push(value.to_ascii_lowercase());
                }
                // Unknown keys are for later versions.
                _ => {}
            }
        }
        if version != Some("STSv1") {
            policy.problem("there is no `version: STSv1`");
        }
        if policy.mode.is_none() {
            policy.problem("there is no `mode` that is known");
        }
        if policy.max_age.is_none() {
            policy.problem("there is no `max_age` from 0 to 31557600");
        }
        if policy.patterns.is_empty() && policy.mode != Some(Mode::None) {
            policy.problem("there is no `mx`");
        }
        policy
    }

    fn set_mode(&mut self, value: &str) {
        self.mode = match value {
            "enforce" => Some(Mode::Enforce),
            "testing" => Some(Mode::Testing),
            "none" => Some(Mode::None),
            _ => None,
        };
    }

    fn set_age(&mut self, value: &str) {
        let digits = !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit());
        let age = value.parse().ok().filter(|_| digits);
        self.max_age = age.filter(|age| *age <= LONGEST_AGE);
    }

    /// Keeps what is wrong.
    pub(super) fn problem(&mut self, problem: &str) {
        let problem = problem.to_owned();
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Returns whether a mail server's name is one of the policy's: a wildcard stands for exactly
    /// the first label (section 4.1).
    pub(crate) fn lists(&self, host: &str) -> bool {
        self.patterns.iter().map(|pattern| pattern.trim_end_matches('.')).any(|pattern| {
            match pattern.strip_prefix("*.") {
                Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
                None => pattern == host,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";

    #[test]
    fn the_example_of_the_standard_is_read() {
        let policy = Policy::parse(GOOD);
        assert_eq!((policy.mode, policy.max_age), (Some(Mode::Enforce), Some(604_800)));
        assert_eq!(policy.problems, [""; 0]);
        assert!(policy.lists("mail.example.com") && policy.lists("mx1.example.net"));
        for other in ["mx2.example.com", "example.net", "a.b.example.net"] {
            assert!(!policy.lists(other), "{other}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problems = |body: &str| Policy::parse(body).problems.join("; ");
        assert_eq!(problems(&GOOD.replace("STSv1", "STSv2")), "there is no `version: STSv1`");
        assert_eq!(
            problems(&GOOD.replace("enforce", "Enforce")),
            "there is no `mode` that is known"
        );
        for age in ["31557601", "-1", "+5", "", "week"] {
            assert_eq!(
                problems(&GOOD.replace("604800", age)),
                "there is no `max_age` from 0 to 31557600"
            );
        }
        assert_eq!(problems(&GOOD.replace("mx: ", "xm: ")), "there is no `mx`");
        assert_eq!(problems("version: STSv1\nmode: none\nmax_age: 86400"), "");
        assert!(problems("<html>").contains("a line has no colon"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_stays_small(body in "(mx: [a-z]{0,400}\n|\\PC{0,40}\n){0,80}") {
            let policy = Policy::parse(&body);
            prop_assert!(policy.patterns.len() <= MOST_PATTERNS && policy.problems.len() < 8);
            prop_assert!(policy.patterns.iter().all(|pattern| pattern.len() <= LONGEST_PATTERN * 4));
        }
    }
}
