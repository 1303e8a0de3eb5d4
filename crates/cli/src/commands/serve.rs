use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use server::Server;
use tokio::net::TcpListener;

use crate::failure::{Failure, Result};
use crate::log;
use crate::sources::SourceArgs;

/// Start the service
///
/// Settings come from the defaults, a TOML file, the environment and flags; `docs/config.md` lists
/// them. The first start makes the data folder, its secrets and one link to set the service up with.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    sources: SourceArgs,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// File to write the base URL to, once requests are answered
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
}

pub(crate) async fn serve(args: ServeArgs) -> Result<()> {
    let listen = args.listen.map(|place| ("server.listen".to_owned(), place.to_string()));
    let config = args.sources.load(listen.into_iter().collect())?.config;
    log::start(&config.log);
    let place = config.server.listen;
    let listener = TcpListener::bind(place).await.map_err(|error| {
        Failure::usage(format!("{place} cannot be listened on: {error}"))
            .hint("choose another with --listen 127.0.0.1:PORT")
    })?;
    // Asked for before the first request, so that no signal is lost in between.
    let mut signals = Signals::new()?;
    let server = Server::start(config, listener).await?;
    let base_url = server.base_url().to_owned();
    tracing::info!(address = %server.address(), url = base_url, "ready");
    if let Some(link) = server.setup_link() {
        // Printed and never logged: it holds a secret.
        writeln!(
            anstream::stderr(),
            "\n  Set the service up at  {link}\n  (or: compliancelayer admin create-user --email YOU --role admin)\n"
        )?;
    }
    if let Some(path) = &args.ready_file {
        write_ready(path, &base_url)?;
    }
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    loop {
        tokio::select! {
            () = signals.wait() => break,
            _ = hangup.recv() => server.reload_secrets(),
        }
    }
    tracing::info!("shutting down; running requests may finish");
    tokio::select! {
        () = server.shut_down() => {}
        () = signals.wait() => tracing::warn!("told twice, so it ends at once"),
    }
    if let Some(path) = &args.ready_file {
        let _gone_before = std::fs::remove_file(path);
    }
    Ok(())
}

/// Writes the file in one step, so that nobody reads half an address.
fn write_ready(path: &Path, base_url: &str) -> Result<()> {
    let draft = path.with_extension("draft");
    let written = std::fs::write(&draft, base_url).and_then(|()| std::fs::rename(&draft, path));
    written.map_err(|error| {
        Failure::usage(format!("the ready file {} cannot be written: {error}", path.display()))
    })
}

/// SIGINT and SIGTERM.
pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    pub(super) fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    pub(super) async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
