//! What the scans of this process are doing right now, for those who watch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::{ModuleId, ModuleReport};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// A finished module, as watchers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ModuleDone {
    pub(crate) module: ModuleId,
    /// `ok`, `not_applicable` or `not_tested`.
    pub(crate) status: String,
    pub(crate) score: Option<u8>,
    /// How many checks failed.
    pub(crate) findings: usize,
    pub(crate) duration_ms: u64,
}

impl ModuleDone {
    pub(crate) fn of(report: &ModuleReport) -> Self {
        Self {
            module: report.id,
            status: report.status.as_str().to_owned(),
            score: report.score,
            findings: report.findings.len(),
            duration_ms: report.duration_ms,
        }
    }
}

/// The running scans, by id.
#[derive(Default)]
pub(crate) struct RunningScans(Arc<Mutex<HashMap<i64, Entry>>>);

struct Entry {
    modules: watch::Sender<Vec<ModuleDone>>,
    canceled: CancellationToken,
}

/// A scan that is running here; it is forgotten when this is dropped.
pub(crate) struct RunningScan {
    id: i64,
    canceled: CancellationToken,
    all: Arc<Mutex<HashMap<i64, Entry>>>,
}

impl RunningScans {
    /// Notes that a scan is running here.
    pub(crate) fn begin(&self, id: i64) -> RunningScan {
        let canceled = CancellationToken::new();
        let entry = Entry { modules: watch::Sender::default(), canceled: canceled.clone() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, entry);
        RunningScan { id, canceled, all: Arc::clone(&self.0) }
    }

    /// Stops a scan, if it is running here.
    pub(crate) fn cancel(&self, id: i64) {
        if let Some(entry) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            entry.canceled.cancel();
        }
    }

    /// Watches a scan, if it is running here. The channel closes when it ends.
    pub(crate) fn watch(&self, id: i64) -> Option<watch::Receiver<Vec<ModuleDone>>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&id).map(|entry| entry.modules.subscribe())
    }
}

impl RunningScan {
    /// Adds a finished module.
    pub(crate) fn module(&self, done: ModuleDone) {
        if let Some(entry) = self.all.lock().unwrap_or_else(PoisonError::into_inner).get(&self.id) {
            entry.modules.send_modify(|modules| modules.push(done));
        }
    }

    /// Returns the modules finished so far.
    pub(crate) fn modules(&self) -> Vec<ModuleDone> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&self.id).map(|entry| entry.modules.borrow().clone()).unwrap_or_default()
    }

    /// Waits until somebody cancels the scan.
    pub(crate) async fn canceled(&self) {
        self.canceled.cancelled().await;
    }
}

impl Drop for RunningScan {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(module: ModuleId) -> ModuleDone {
        ModuleDone { module, status: "ok".to_owned(), score: Some(90), findings: 1, duration_ms: 5 }
    }

    #[tokio::test]
    async fn a_watcher_sees_modules_and_the_end() {
        let scans = RunningScans::default();
        assert!(scans.watch(7).is_none());
        let running = scans.begin(7);
        let mut watching = scans.watch(7).unwrap();
        running.module(done(ModuleId::Cookies));
        watching.changed().await.unwrap();
        assert_eq!(watching.borrow().len(), 1);
        scans.cancel(7);
        running.canceled().await;
        drop(running);
        assert!(watching.changed().await.is_err());
        assert!(scans.watch(7).is_none());
    }
}
