use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use http::Method;
use http::header::USER_AGENT;
use model::Timestamp;
use store::{ApiKey, KeyUse, Store, StoreError};

const MAX_AGENT: usize = 200;

/// When and how keys were last used, kept in memory and written in batches: a write per request
/// would make every read a write.
#[derive(Default)]
pub(crate) struct KeyUses {
    uses: Mutex<HashMap<i64, LastUse>>,
}

struct LastUse {
    at: Timestamp,
    ip: Option<IpAddr>,
    agent: Option<String>,
    method: Method,
    path: Option<MatchedPath>,
}

impl KeyUses {
    /// Remembers a use.
    pub(crate) fn record(&self, key: &ApiKey, at: Timestamp, ip: Option<IpAddr>, parts: &Parts) {
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let agent = agent.map(|agent| &agent[..agent.len().min(MAX_AGENT)]);
        let path = parts.extensions.get::<MatchedPath>();
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(&key.id) {
            Some(last) => {
                last.at = at;
                last.ip = ip;
                if last.agent.as_deref() != agent {
                    last.agent = agent.map(str::to_owned);
                }
                if last.method != parts.method {
                    last.method = parts.method.clone();
                }
                if last.path.as_ref().map(MatchedPath::as_str) != path.map(MatchedPath::as_str) {
                    last.path = path.cloned();
                }
            }
            None => {
                let last = LastUse {
                    at,
                    ip,
                    agent: agent.map(str::to_owned),
                    method: parts.method.clone(),
                    path: path.cloned(),
                };
                uses.insert(key.id, last);
            }
        }
    }

    /// Writes what was remembered. What cannot be written is forgotten: it will be used again.
    pub(crate) async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let uses: Vec<KeyUse> = {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            uses.drain().map(|(id, last)| last.into_row(id)).collect()
        };
        match uses.is_empty() {
            true => Ok(()),
            false => store.record_key_uses(&uses).await,
        }
    }
}

impl LastUse {
    fn into_row(self, id: i64) -> KeyUse {
        let path = self.path.as_ref().map_or("-", MatchedPath::as_str);
        KeyUse {
            id,
            at: self.at,
            ip: self.ip.map(|ip| ip.to_string()),
            agent: self.agent,
            endpoint: format!("{} {path}", self.method),
        }
    }
}
