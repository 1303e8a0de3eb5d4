//! What the use of keys leaves behind, kept in memory and written in batches: a write per request
//! would make every read a write.
//!
//! That is when and how each key was last used, and its hash under the newest pepper when the stored
//! one is older. The first use of a key is written at once, so that whoever made it sees it arrive.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use http::Method;
use http::header::USER_AGENT;
use model::{ApiToken, Timestamp};
use store::{ApiKey, KeyPrincipal, KeyUse, Rehash, Store, StoreError};
use tokio::sync::Notify;

use super::secrets::Secrets;

const MAX_AGENT: usize = 200;

/// How often what is in memory is written.
const INTERVAL: Duration = Duration::from_secs(10);
/// Shortest time between two writes, however many keys are used for the first time.
const PAUSE: Duration = Duration::from_secs(1);

/// What waits to be written about keys.
#[derive(Default)]
pub(crate) struct KeyUses {
    uses: Mutex<HashMap<i64, LastUse>>,
    rehashes: Mutex<HashMap<i64, Rehash>>,
    first_use: Notify,
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
                if key.last_used_at.is_none() {
                    self.first_use.notify_one();
                }
            }
        }
    }

    /// Remembers to store the hash of a key under the newest pepper. Only now is the key at hand.
    pub(crate) fn rehash(&self, secrets: &Secrets, token: &ApiToken, found: &KeyPrincipal) {
        let (pepper_version, new) = secrets.hash_key(token);
        let rehash = Rehash { id: found.key.id, old: found.hash.clone(), new, pepper_version };
        let mut rehashes = self.rehashes.lock().unwrap_or_else(PoisonError::into_inner);
        rehashes.insert(found.key.id, rehash);
    }

    /// Waits until there is something to write, or it is time to look.
    pub(crate) async fn due(&self) {
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            () = tokio::time::sleep(INTERVAL - PAUSE) => {}
            () = self.first_use.notified() => {}
        }
    }

    /// Writes what was remembered. What cannot be written is forgotten: it will be used again.
    pub(crate) async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let uses: Vec<KeyUse> = {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            uses.drain().map(|(id, last)| last.into_row(id)).collect()
        };
        let rehashes: Vec<Rehash> = {
            let mut rehashes = self.rehashes.lock().unwrap_or_else(PoisonError::into_inner);
            rehashes.drain().map(|(_, rehash)| rehash).collect()
        };
        if !uses.is_empty() {
            store.record_key_uses(&uses).await?;
        }
        if !rehashes.is_empty() {
            store.rehash_keys(&rehashes).await?;
        }
        Ok(())
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
