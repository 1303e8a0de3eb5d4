use std::ops::Deref;
use std::sync::Arc;

use scan::Engine;
use store::{KeyPrincipal, SessionPrincipal, Store};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::Fresh;
use crate::auth::key_uses::KeyUses;
use crate::auth::password::Passwords;
use crate::auth::secrets::Secrets;
use crate::auth::session_uses::SessionUses;
use crate::clock::Clock;
use crate::config::Config;
use crate::jobs::Wake;
use crate::limits::Limiter;
use crate::limits::doors::Doors;
use crate::limits::guess::Guesses;
use crate::mail::Mailer;
use crate::metrics::Metrics;
use crate::ops::alerts::ToldToday;
use crate::ops::free_scan::FreeScans;
use crate::ops::key_leaks::LeakReports;
use crate::ops::ownership::OwnershipChecks;
use crate::ops::usage::ScanCounts;
use crate::progress::RunningScans;
use crate::recording::Recorder;

/// Everything a request or a job works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// What an [`App`] gives access to.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) passwords: Passwords,
    /// Keys by their public half.
    pub(crate) keys: Fresh<KeyPrincipal>,
    pub(crate) sessions: Fresh<SessionPrincipal>,
    pub(crate) key_uses: KeyUses,
    pub(crate) limiter: Limiter,
    pub(crate) doors: Doors,
    pub(crate) guesses: Guesses,
    pub(crate) recorder: Recorder,
    pub(crate) session_uses: SessionUses,
    pub(crate) mailer: Mailer,
    pub(crate) metrics: Metrics,
    pub(crate) leak_reports: LeakReports,
    pub(crate) scan_counts: ScanCounts,
    pub(crate) told_today: ToldToday,
    pub(crate) engine: Engine,
    pub(crate) free_scans: FreeScans,
    pub(crate) ownership_checks: OwnershipChecks,
    pub(crate) progress: RunningScans,
    /// Wakes workers when something was queued.
    pub(crate) wake: Wake,
    /// Where people reach this service, without a slash at the end.
    pub(crate) base_url: String,
    /// Cancelled when the server shuts down; whatever runs for long watches it.
    pub(crate) closing: CancellationToken,
    /// Work beside the requests. Shutdown waits for it, once `closing` is cancelled.
    pub(crate) tasks: TaskTracker,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
