//! Scans for anybody, without an account: bounded by network, by how many run at once and in time, and
//! nothing of them is kept.

use std::time::Duration;

use report::ReportView;
use scan::{Engine, Order};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::error::{Error, Result};
use crate::ops::scans;

/// How many run at once; they must not keep the scans of accounts waiting.
const AT_ONCE: usize = 2;
/// How long one may take: its answer is waited for.
const DEADLINE: Duration = Duration::from_secs(25);
/// How long one may wait until the engine has sockets for it. Together they stay below what a request
/// may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// What somebody is told to wait, in seconds, when all places are taken.
const WAIT: u32 = 10;

/// What runs scans for anybody.
pub(crate) struct FreeScans {
    engine: Engine,
    places: Semaphore,
}

impl FreeScans {
    /// Makes one that scans as `engine` does, only sooner.
    pub(crate) fn beside(engine: &Engine) -> Self {
        Self { engine: engine.within(DEADLINE), places: Semaphore::new(AT_ONCE) }
    }
}

/// Scans a domain and returns its report.
pub(crate) async fn scan(app: &App, domain: &str) -> Result<ReportView> {
    let domain = scans::scannable(app, domain)?;
    let free = &app.free_scans;
    let busy = Error::Unavailable { retry_after: WAIT };
    let Ok(_place) = free.places.try_acquire() else { return Err(busy) };
    let order = Order { domain, modules: Vec::new(), now: app.clock.now(), intrusive: None };
    let Some(report) = free.engine.scan_soon(PATIENCE, &order, &|_| {}).await else {
        return Err(busy);
    };
    match &report.score {
        Ok(_) => Ok(ReportView::of(&report)),
        Err(unscored) if unscored.is_our_fault() => Err(busy),
        Err(unscored) => Err(Error::invalid("domain", format!("cannot be scanned: {unscored}"))),
    }
}
