use askama::Template;

use crate::{Frame, Html};

/// How much of a limit is used.
#[derive(Debug, Clone)]
pub struct Meter {
    pub label: String,
    pub used: i64,
    pub limit: i64,
    /// As in `3 of 10`.
    pub said: String,
    /// What is to be said beside the numbers, for instance when it starts anew.
    pub remark: String,
}

/// The requests with one key.
#[derive(Debug, Clone)]
pub struct KeyUsageRow {
    /// The key's name; `None` for signed-in users.
    pub name: Option<String>,
    pub key_id: Option<String>,
    /// The page of the key.
    pub path: Option<String>,
    pub requests: i64,
    pub refused: i64,
}

/// The requests with the keys of one person.
#[derive(Debug, Clone)]
pub struct PersonRow {
    pub who: String,
    pub requests: i64,
    pub refused: i64,
}

/// The scans of one month.
#[derive(Debug, Clone)]
pub struct MonthRow {
    /// As in `2026-11`.
    pub month: String,
    pub scans: i64,
    /// The scans of the busiest month that is shown.
    pub most: i64,
}

/// What a plan allows.
#[derive(Debug, Clone)]
pub struct PlanLimits {
    pub id: String,
    /// Whether it is the account's.
    pub is_present: bool,
    pub numbers: [i64; 7],
}

/// What an account used, and what its plan allows.
#[derive(Debug, Template)]
#[template(path = "usage.html")]
pub struct Usage {
    pub frame: Frame,
    pub meters: Vec<Meter>,
    /// Days that can be looked at, with their labels.
    pub ranges: Vec<(i64, &'static str)>,
    pub days: i64,
    pub chart: Html,
    pub keys: Vec<KeyUsageRow>,
    pub people: Vec<PersonRow>,
    /// The latest first.
    pub months: Vec<MonthRow>,
    /// What the numbers of plans are.
    pub labels: Vec<&'static str>,
    pub plans: Vec<PlanLimits>,
}

impl Usage {
    /// Returns whether who looks may put accounts on other plans.
    fn is_operator(&self) -> bool {
        self.frame.who.as_ref().is_some_and(|who| who.is_operator)
    }
}
