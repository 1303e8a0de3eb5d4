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
    pub requests: i64,
    pub refused: i64,
}

/// Refused credentials that are alike.
#[derive(Debug, Clone)]
pub struct RefusedRow {
    /// An address or the public half of a key.
    pub what: Option<String>,
    pub attempts: i64,
    pub last: Html,
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
    pub refused_by_ip: Vec<RefusedRow>,
    pub refused_by_key: Vec<RefusedRow>,
}
