//! The service: HTTP in, the store and the scan engine behind it.
//!
//! [`Server::start`] takes settings and a listening socket and returns a running server;
//! [`operator`] is what the command line does to one. `api` and `pages` call `ops`, which decides
//! and knows no HTTP; `auth` says who is asking; `serve` owns the socket. Each request passes, from
//! the outside, `request_id` (which also gives errors their body), `visit`, `recording`, `access_log`,
//! `metrics`, `packing`, `headers` and `bounds`.
//!
//! Invariants: nothing here reads the environment or the system's clock (`clock` is the one door);
//! statuses stand in `error` alone; a stranger's thing and an absent one are one answer.

mod access_log;
mod api;
mod app;
mod auth;
mod bounds;
pub mod breached;
mod client_ip;
pub mod clock;
pub mod config;
mod data_folder;
mod engine;
pub mod error;
mod headers;
mod jobs;
mod limits;
mod mail;
mod metrics;
mod network;
pub mod operator;
mod ops;
mod packing;
mod pages;
mod progress;
mod recording;
mod request_id;
mod serve;
mod strict_json;
mod tls;
mod visit;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use store::{Store, StoreError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use api::{check_catalogue, document as openapi, report_schema};
use app::App;
use auth::secrets::Secrets;
pub use auth::secrets::SecretsProblem;
use clock::Clock;
use config::Config;
pub use data_folder::LockProblem;
pub use engine::{EngineProblem, engine};
pub use mail::MailProblem;
pub use network::Network;
pub use tls::TlsProblem;

/// How often the limits' counts are written.
const SAVE_INTERVAL: Duration = Duration::from_secs(60);

/// Why the server cannot start. Each text says what to mend.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Folder(#[from] std::io::Error),
    #[error(transparent)]
    Locked(#[from] LockProblem),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secrets(#[from] SecretsProblem),
    #[error(transparent)]
    Tls(#[from] TlsProblem),
    #[error("`plans.default` names the plan `{0}`, which does not exist")]
    NoSuchPlan(String),
    #[error(transparent)]
    Engine(#[from] EngineProblem),
    #[error(transparent)]
    Mail(#[from] MailProblem),
    #[error("`metrics.listen`: nothing can listen on {0}: {1}")]
    Metrics(SocketAddr, std::io::Error),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    base_url: String,
    setup_link: Option<String>,
    metrics_address: Option<SocketAddr>,
    closing: CancellationToken,
    running: JoinHandle<()>,
    app: App,
}

impl Server {
    /// Starts serving on a listening socket. Once this returns, requests are answered.
    pub async fn start(config: Config, listener: TcpListener) -> Result<Self, StartError> {
        Self::start_at(config, listener, Clock::system()).await
    }

    /// Starts with a clock of one's own; tests move it.
    pub async fn start_at(
        config: Config,
        listener: TcpListener,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let address = listener.local_addr()?;
        let tls = tls::acceptor(&config.tls)?;
        let engine = engine::engine(&config)?;
        let free_scans = ops::free_scan::FreeScans::beside(&engine);
        let mailer = mail::Mailer::new(&config)?;
        let base_url = base_url(&config, address);
        let metrics_listener = match config.metrics.listen {
            Some(at) => {
                Some(TcpListener::bind(at).await.map_err(|error| StartError::Metrics(at, error))?)
            }
            None => None,
        };
        data_folder::create(&config.data_dir)?;
        let database = config.database_url();
        let lock = match database.strip_prefix("sqlite://") {
            Some(path) => Some(data_folder::lock(Path::new(path))?),
            None => None,
        };
        let secrets = Secrets::open(&config.data_dir)?;
        let store = Store::open(&database, secrets.audit_key()).await?;
        if !store.has_plan(&config.plans.default).await? {
            return Err(StartError::NoSuchPlan(config.plans.default));
        }
        let setup_link = setup_link(&config, &store, &base_url).await?;
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        let limiter = limits::Limiter::restore(&config.data_dir);
        if let Some(folder) = mailer.folder() {
            let folder = folder.display();
            tracing::info!(%folder, "no mail server is configured; letters are written to files");
        }
        let app = App::new(app::Parts {
            config,
            store,
            clock,
            secrets,
            passwords: auth::password::Passwords::new()?,
            keys: auth::Fresh::default(),
            sessions: auth::Fresh::default(),
            key_uses: auth::key_uses::KeyUses::default(),
            limiter,
            doors: limits::doors::Doors::default(),
            guesses: limits::guess::Guesses::default(),
            recorder: recording::Recorder::new()?,
            session_uses: auth::session_uses::SessionUses::default(),
            mailer,
            metrics: metrics::Metrics::default(),
            leak_reports: ops::key_leaks::LeakReports::default(),
            scan_counts: ops::usage::ScanCounts::default(),
            told_today: ops::alerts::ToldToday::default(),
            engine,
            free_scans,
            ownership_checks: ops::ownership::OwnershipChecks::default(),
            progress: progress::RunningScans::default(),
            wake: jobs::Wake::default(),
            base_url: base_url.clone(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        app.tasks.spawn(flush_regularly(app.clone()));
        app.tasks.spawn(recording::keep(app.clone()));
        app.tasks.spawn(keep_limits(app.clone()));
        app.tasks.spawn(ops::key_leaks::work(app.clone()));
        jobs::start(&app).await?;
        let metrics_address = match metrics_listener {
            Some(listener) => {
                let address = listener.local_addr()?;
                let (router, closing) = (metrics::router(app.clone()), app.closing.clone());
                app.tasks.spawn(serve::run(listener, router, None, closing));
                Some(address)
            }
            None => None,
        };
        let closing = app.closing.clone();
        let running = tokio::spawn({
            let app = app.clone();
            async move {
                let router = api::router(app.clone());
                serve::run(listener, router, tls, app.closing.clone()).await;
                shut_down(&app).await;
                drop(lock);
            }
        });
        Ok(Self { address, base_url, setup_link, metrics_address, closing, running, app })
    }

    /// Returns where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns where figures for a monitoring system are served, if they are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Returns where people reach the server, as `http://127.0.0.1:43121`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the link to make the first administrator with, as long as there is none. It holds a
    /// secret.
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// Reads the secrets again if their files have changed, without waiting for the next second.
    pub fn reload_secrets(&self) {
        self.app.secrets.look();
    }

    /// Stops accepting, lets running requests finish for up to 30 s, writes what is in memory and
    /// returns when the database is closed.
    pub async fn shut_down(self) {
        self.closing.cancel();
        if let Err(error) = self.running.await {
            tracing::error!(%error, "the server ended badly");
        }
    }
}

async fn shut_down(app: &App) {
    app.tasks.close();
    if tokio::time::timeout(serve::GRACE, app.tasks.wait()).await.is_err() {
        tracing::warn!(tasks = app.tasks.len(), "background work did not end in time");
    }
    flush_uses(app).await;
    recording::flush(app).await;
    save_limits(app);
    app.store.close().await;
}

fn save_limits(app: &App) {
    if let Err(error) = app.limiter.save(&app.config.data_dir) {
        tracing::warn!(%error, "the limits' counts could not be written");
    }
}

/// Writes what is counted every minute, so that a crash forgives at most that.
async fn keep_limits(app: App) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(SAVE_INTERVAL) => {}
            () = app.closing.cancelled() => return,
        }
        let saving = app.clone();
        let _saved = tokio::task::spawn_blocking(move || save_limits(&saving)).await;
    }
}

async fn flush_regularly(app: App) {
    loop {
        tokio::select! {
            () = app.key_uses.due() => {}
            // The last batch is written by `shut_down`, after the last request.
            () = app.closing.cancelled() => return,
        }
        flush_uses(&app).await;
    }
}

async fn flush_uses(app: &App) {
    if let Err(error) = app.key_uses.flush(&app.store).await {
        tracing::warn!(%error, "the last uses of keys could not be written");
    }
    if let Err(error) = app.session_uses.flush(&app.store).await {
        tracing::warn!(%error, "the last uses of sessions could not be written");
    }
}

fn base_url(config: &Config, address: SocketAddr) -> String {
    match &config.server.public_url {
        Some(url) => url.as_str().to_owned(),
        None if config.tls.cert.is_some() => format!("https://{address}"),
        None => format!("http://{address}"),
    }
}

async fn setup_link(
    config: &Config,
    store: &Store,
    base_url: &str,
) -> Result<Option<String>, StartError> {
    if store.has_admin().await? {
        auth::secrets::forget_setup_token(&config.data_dir)?;
        return Ok(None);
    }
    let token = auth::secrets::setup_token(&config.data_dir)?;
    Ok(Some(format!("{base_url}/setup?token={token}")))
}
