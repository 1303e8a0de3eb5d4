//! The list of Certificate Transparency logs that browsers go by, in the form that Google and Apple
//! publish (`log_list.json`, version 3). Logs come and go every few months, so there is none in this
//! program: the operator keeps the file fresh, and an old one says nothing, as in browsers.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use model::{DAY_MS, Timestamp};
use serde::Deserialize;

use crate::check::{Missing, Seen};

/// Bytes of a list; the real one has less than a hundred thousand.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// Days after which a list says nothing any more, as in Chrome.
const MOST_DAYS: i64 = 70;

/// A log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) operator: String,
    pub(super) description: String,
    /// SubjectPublicKeyInfo in DER form.
    pub(super) key: Vec<u8>,
    pub(super) state: State,
}

/// What browsers think of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Qualified, usable or read-only.
    Current,
    /// What it signed before counts still.
    Retired(Timestamp),
    /// Pending, rejected, or something new.
    Other,
}

/// Logs by the SHA-256 of their keys.
pub(super) type Logs = HashMap<Vec<u8>, Log>;

#[derive(Deserialize)]
struct List {
    log_list_timestamp: String,
    operators: Vec<Operator>,
}

#[derive(Deserialize)]
struct Operator {
    name: String,
    #[serde(default)]
    logs: Vec<Entry>,
    #[serde(default)]
    tiled_logs: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    description: String,
    log_id: String,
    key: String,
    #[serde(default)]
    state: HashMap<String, Since>,
}

#[derive(Deserialize)]
struct Since {
    timestamp: String,
}

/// Reads the operator's list, on a thread that may wait for the disk.
///
/// # Errors
///
/// [`Missing`] when there is none, or it cannot be read, or is older than 70 days.
pub(super) async fn load(path: Option<&Path>, now: Timestamp) -> Seen<Logs> {
    let not_configured = || Missing::not_configured("providers.ct_log_list");
    let path: PathBuf = path.ok_or_else(not_configured)?.to_owned();
    let loaded = tokio::task::spawn_blocking(move || {
        let failed = |reason: &dyn std::fmt::Display| {
            Missing(format!("`providers.ct_log_list` cannot be read: {reason}"))
        };
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
        file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| failed(&error))?;
        let (made, logs) = read(&text).map_err(|error| failed(&error))?;
        match now.ms_since(made) > MOST_DAYS * DAY_MS {
            true => Err(Missing(format!("`providers.ct_log_list` is of {made}, too old to tell"))),
            false => Ok(logs),
        }
    });
    loaded.await.unwrap_or_else(|_| Err(Missing("the list of logs was not read".to_owned())))
}

fn read(text: &str) -> Result<(Timestamp, Logs), String> {
    let list: List = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let made = Timestamp::parse(&list.log_list_timestamp).ok_or("it has no date")?;
    let mut logs = Logs::new();
    for operator in list.operators {
        for entry in operator.logs.into_iter().chain(operator.tiled_logs) {
            let octets = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
            let (Some(id), Some(key)) = (octets(&entry.log_id), octets(&entry.key)) else {
                return Err(format!("the key of `{}` is not base64", entry.description));
            };
            let log = Log {
                operator: operator.name.clone(),
                state: state(&entry.state),
                description: entry.description,
                key,
            };
            logs.insert(id, log);
        }
    }
    match logs.is_empty() {
        true => Err("it holds no logs".to_owned()),
        false => Ok((made, logs)),
    }
}

fn state(states: &HashMap<String, Since>) -> State {
    if let Some(retired) = states.get("retired") {
        return Timestamp::parse(&retired.timestamp).map_or(State::Other, State::Retired);
    }
    match ["qualified", "usable", "readonly"].iter().any(|name| states.contains_key(*name)) {
        true => State::Current,
        false => State::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{"version": "89.1", "log_list_timestamp": "2026-11-20T13:00:00Z", "operators": [
        {"name": "One", "email": [], "logs": [
            {"description": "One 'A'", "log_id": "AAAA", "key": "AQID", "mmd": 86400,
             "state": {"usable": {"timestamp": "2024-09-30T22:19:27Z"}}},
            {"description": "One 'B'", "log_id": "AAAB", "key": "AQID",
             "state": {"retired": {"timestamp": "2025-01-01T00:00:00Z"}}}]},
        {"name": "Two", "logs": [], "tiled_logs": [
            {"description": "Two 'C'", "log_id": "AAAC", "key": "AQID",
             "state": {"readonly": {"timestamp": "2024-09-30T22:19:27Z", "final_tree_head": {}}}},
            {"description": "Two 'D'", "log_id": "AAAD", "key": "AQID",
             "state": {"pending": {"timestamp": "2024-09-30T22:19:27Z"}}}]}]}"#;

    #[test]
    fn logs_have_operators_and_states() {
        let (made, logs) = read(LIST).unwrap();
        assert_eq!(made, Timestamp::parse("2026-11-20T13:00:00Z").unwrap());
        let log = |last: u8| &logs[&vec![0, 0, last]];
        let retired = Timestamp::parse("2025-01-01T00:00:00Z").unwrap();
        assert_eq!((log(0).operator.as_str(), log(0).state), ("One", State::Current));
        assert_eq!(log(1).state, State::Retired(retired));
        assert_eq!((log(2).operator.as_str(), log(2).state), ("Two", State::Current));
        assert_eq!((log(3).state, log(3).key.as_slice()), (State::Other, &[1, 2, 3][..]));
    }

    #[tokio::test]
    async fn an_old_list_and_none_say_nothing() {
        let now = Timestamp::parse("2026-11-25T00:00:00Z").unwrap();
        let missing = load(None, now).await.unwrap_err();
        assert!(Missing::is_not_configured(&missing.0), "{missing}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log_list.json");
        let unread = load(Some(&path), now).await.unwrap_err();
        assert!(unread.0.starts_with("`providers.ct_log_list` cannot be read: "), "{unread}");
        std::fs::write(&path, LIST).unwrap();
        assert_eq!(load(Some(&path), now).await.unwrap().len(), 4);
        let later = load(Some(&path), now.plus_ms(70 * DAY_MS)).await.unwrap_err();
        assert_eq!(
            later.0,
            "`providers.ct_log_list` is of 2026-11-20T13:00:00.000Z, too old to tell"
        );
        for broken in
            ["<html>", r#"{"log_list_timestamp": "2026-11-20T13:00:00Z", "operators": []}"#]
        {
            std::fs::write(&path, broken).unwrap();
            assert!(load(Some(&path), now).await.is_err(), "{broken}");
        }
    }
}
