//! Server-sent events of one scan: `status` whenever it changes, `module` for each finished one,
//! `done` at the end.
//!
//! A scan that runs in this process is watched in memory; one that runs on another node, or waits,
//! is looked up in the store.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use model::ScanStatus;
use serde::Serialize;

use super::extract::Path;
use super::scans::JobView;
use crate::app::App;
use crate::auth::{Caller, ScansRead};
use crate::error::{Error, Result};
use crate::ops;
use crate::progress::ModuleDone;

/// How often the store is asked about a scan that does not run here.
const POLL: Duration = Duration::from_millis(500);
/// Lines that keep proxies from closing a silent stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Watch a scan
#[utoipa::path(
    get, path = "/v1/scan/jobs/{job_id}/events", tag = "scans",
    params(("job_id" = i64, Path,)),
    responses((
        status = 200, body = String, content_type = "text/event-stream",
        description = "`status` and `done` carry the scan, `module` a finished module",
    )),
    security(("bearer" = ["scans:read"])),
)]
pub(super) async fn watch_scan(
    State(app): State<App>,
    caller: Caller<ScansRead>,
    Path(id): Path<i64>,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>>>> {
    let scan = ops::scans::find(&app, &caller, id).await?;
    watch(app, scan.account_id, id, Box::new(|module| event("module", module))).await
}

/// Makes the event of a finished module.
pub(crate) type Tell = Box<dyn Fn(&ModuleDone) -> Option<Event> + Send + Sync>;

/// Returns the events of a scan of that account.
pub(crate) async fn watch(
    app: App,
    account: i64,
    id: i64,
    tell: Tell,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>>>> {
    app.store.find_scan(account, id).await?.ok_or(Error::NotFound)?;
    let watcher = Watcher {
        app,
        account,
        id,
        tell,
        status: None,
        sent: 0,
        pending: Vec::new(),
        ended: false,
    };
    let events = unfold(watcher, |mut watcher| async {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Watcher {
    app: App,
    account: i64,
    id: i64,
    tell: Tell,
    /// The status that was sent last.
    status: Option<ScanStatus>,
    /// How many modules were sent.
    sent: usize,
    /// Events that wait to be sent, last first.
    pending: Vec<Event>,
    ended: bool,
}

impl Watcher {
    /// Returns the next event; `None` after `done`, or when the server shuts down.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.pending.pop() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            self.look().await?;
            if self.pending.is_empty() {
                self.wait().await?;
            }
        }
    }

    /// Collects what is new.
    async fn look(&mut self) -> Option<()> {
        let scan = self.app.store.find_scan(self.account, self.id).await.ok()??;
        // After the scan, or it could end in between and the last modules would not be told.
        let watched = self.app.progress.watch(self.id).map(|modules| modules.borrow().clone());
        let modules: Vec<ModuleDone> = match watched {
            Some(modules) => modules,
            None => serde_json::from_value(scan.progress.clone()).unwrap_or_default(),
        };
        let mut events = Vec::new();
        let status = scan.status;
        let view = JobView::of(&self.app, scan);
        if self.status != Some(status) && !status.ended() {
            events.extend(event("status", &view));
        }
        for module in modules.iter().skip(self.sent) {
            events.extend((self.tell)(module));
        }
        if status.ended() {
            events.extend(event("done", &view));
        }
        self.status = Some(status);
        self.sent = self.sent.max(modules.len());
        self.ended = status.ended();
        events.reverse();
        self.pending = events;
        Some(())
    }

    /// Waits until there may be something new.
    async fn wait(&self) -> Option<()> {
        let changed = async {
            match self.app.progress.watch(self.id) {
                Some(mut modules) => {
                    if modules.borrow_and_update().len() <= self.sent {
                        let _ended = modules.changed().await;
                    }
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = changed => Some(()),
            () = tokio::time::sleep(POLL) => Some(()),
            () = self.app.closing.cancelled() => None,
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}
