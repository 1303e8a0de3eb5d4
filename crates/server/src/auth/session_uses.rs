use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use model::Timestamp;
use store::{SessionUse, Store, StoreError};

/// When and from where sessions were last used, kept in memory and written in batches. Only good
/// sessions get here, so there are never more entries than sessions in use.
#[derive(Default)]
pub(crate) struct SessionUses {
    uses: Mutex<HashMap<String, LastSeen>>,
}

/// One session's last use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastSeen {
    pub(crate) at: Timestamp,
    pub(crate) ip: Option<IpAddr>,
}

impl SessionUses {
    /// Remembers a use.
    pub(crate) fn record(&self, sid: &str, at: Timestamp, ip: Option<IpAddr>) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(sid) {
            Some(last) => *last = LastSeen { at, ip },
            None => {
                uses.insert(sid.to_owned(), LastSeen { at, ip });
            }
        }
    }

    /// Returns a session's last use, if it is not written yet.
    pub(crate) fn unwritten(&self, sid: &str) -> Option<LastSeen> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).get(sid).copied()
    }

    /// Writes what was remembered. What cannot be written is forgotten: it will be used again.
    pub(crate) async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let uses: Vec<SessionUse> = {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            let into_row = |(sid, last): (String, LastSeen)| SessionUse {
                sid,
                at: last.at,
                ip: last.ip.map(|ip| ip.to_string()),
            };
            uses.drain().map(into_row).collect()
        };
        match uses.is_empty() {
            true => Ok(()),
            false => store.record_session_uses(&uses).await,
        }
    }
}
