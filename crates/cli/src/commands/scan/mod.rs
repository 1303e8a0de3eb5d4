//! `compliancelayer scan`: here, without a server, or on one.
//!
//! Several domains are scanned side by side; their reports come in the order that was asked for.
//! `output` prints them, `gate` decides how it ends.

mod gate;
mod output;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use futures_util::StreamExt;
use http::Method;
use model::{DomainName, ModuleId};
use report::ReportView;
use scan::{Order, Progress};
use serde_json::json;
use server::clock::Clock;

use crate::client::{Client, Flow};
use crate::failure::{Failure, NOT_TESTED, REFUSED, Result};
use crate::sources::{SourceArgs, variable};
use gate::{GateArgs, Gates};
use output::OutputArgs;

/// Scan domains and print graded reports
///
/// Runs here, without a server or an account; with --server it runs there, with the key in
/// COMPLIANCELAYER_API_KEY, in .env or in --api-key-file. Exit codes: 0 passed, 1 a gate failed,
/// 2 wrong usage, 3 a target could not be scanned or only in part, 4 key refused, 5 quota or plan,
/// 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct ScanArgs {
    /// Domains to scan
    #[arg(value_name = "DOMAIN", required = true)]
    domains: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    gates: GateArgs,
    /// Domains to scan at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=32))]
    parallel: u8,
    /// Modules to run, comma-separated; all when left out
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = module)]
    modules: Vec<ModuleId>,
    /// Resolver to ask instead of the system's
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// PEM file of certificates to trust besides the public roots
    #[arg(long, value_name = "FILE")]
    trust_root: Option<PathBuf>,
    /// File of DS or DNSKEY lines to trust instead of the root zone's
    #[arg(long, value_name = "FILE")]
    dnssec_anchor: Option<PathBuf>,
    /// Scan private, loopback and other internal addresses too
    #[arg(long)]
    allow_private: bool,
    /// Where a well-known port really is, as in 443=127.0.0.1:8443; may be given again
    #[arg(long, value_name = "PORT=PLACE")]
    port_override: Vec<String>,
    /// Scan on this server instead of here
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// File that holds the API key for --server
    #[arg(long, value_name = "FILE", requires = "server")]
    api_key_file: Option<PathBuf>,
    /// Print no progress
    #[arg(long, short)]
    quiet: bool,
}

fn module(text: &str) -> std::result::Result<ModuleId, String> {
    ModuleId::parse(text).ok_or_else(|| format!("use one of {}", ModuleId::list()))
}

pub(crate) async fn scan(args: ScanArgs) -> Result<()> {
    let mut domains = Vec::new();
    for text in &args.domains {
        domains.push(
            DomainName::parse(text)
                .map_err(|problem| Failure::usage(format!("`{text}` {problem}")))?,
        );
    }
    args.output.check(domains.len())?;
    let mut gates = Gates::new(&args.gates, &domains)?;
    let place = match &args.server {
        Some(url) => Place::There(Client::new(url, Some(api_key(&args)?))?),
        None => Place::Here(Box::new(engine(&args)?)),
    };
    let talk = match (args.quiet, domains.len()) {
        (true, _) => Talk::Silent,
        (false, 1) => Talk::Plain,
        (false, _) => Talk::Named,
    };
    let (place, args) = (&place, &args);
    let scans = domains.into_iter().map(|domain| async move {
        match place {
            Place::Here(engine) => Ok(scan_here(engine, domain, args, talk).await),
            Place::There(client) => scan_there(client, &domain, args, talk).await,
        }
    });
    let mut scans = futures_util::stream::iter(scans).buffered(args.parallel.into());
    let mut views = Vec::new();
    while let Some(view) = scans.next().await {
        let view = view?;
        args.output.print_one(&view)?;
        gates.add(&view);
        views.push(view);
    }
    args.output.finish(&views)?;
    gates.end(args.quiet)
}

/// What is said while a scan runs.
#[derive(Debug, Clone, Copy)]
enum Talk {
    Silent,
    Plain,
    /// With the domain in front, since several scans talk at once.
    Named,
}

impl Talk {
    fn say(self, domain: &DomainName, line: &str) {
        // Progress is talk: when nobody can hear it the scan goes on.
        let _closed = match self {
            Self::Silent => Ok(()),
            Self::Plain => writeln!(anstream::stderr(), "{line}"),
            Self::Named => writeln!(anstream::stderr(), "{domain}: {}", line.trim_start()),
        };
    }
}

enum Place {
    Here(Box<scan::Engine>),
    There(Client),
}

fn engine(args: &ScanArgs) -> Result<scan::Engine> {
    let mut flags: Vec<(String, String)> = Vec::new();
    let mut flag =
        |key: &str, value: Option<String>| flags.extend(value.map(|value| (key.to_owned(), value)));
    flag("scan.resolver", args.resolver.map(|place| place.to_string()));
    flag("scan.trust_roots", args.trust_root.as_ref().map(|path| path.display().to_string()));
    flag("scan.dnssec_anchor", args.dnssec_anchor.as_ref().map(|path| path.display().to_string()));
    flag("scan.allow_private_networks", args.allow_private.then(|| "true".to_owned()));
    flag(
        "scan.port_overrides",
        (!args.port_override.is_empty()).then(|| args.port_override.join(",")),
    );
    let config = SourceArgs::default().load(flags)?.config;
    server::engine(&config.scan).map_err(|problem| Failure::usage(problem.to_string()))
}

fn api_key(args: &ScanArgs) -> Result<String> {
    let key = match &args.api_key_file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!("{} cannot be read: {error}", path.display()))
        })?),
        None => variable("COMPLIANCELAYER_API_KEY"),
    };
    key.map(|key| key.trim().to_owned()).ok_or_else(|| {
        Failure::new(REFUSED, "there is no API key")
            .hint("set COMPLIANCELAYER_API_KEY, or give --api-key-file FILE")
    })
}

async fn scan_here(
    engine: &scan::Engine,
    domain: DomainName,
    args: &ScanArgs,
    talk: Talk,
) -> ReportView {
    let order = Order {
        domain,
        modules: args.modules.clone(),
        now: Clock::system().now(),
        intrusive: None,
    };
    let progress = |event: Progress| match event {
        Progress::Resolved { addresses } => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            let domain = &order.domain;
            talk.say(domain, &format!("  Resolved {domain}  {}", addresses.join(", ")));
        }
        Progress::Finished(module) if module.score.is_none() && module.duration_ms == 0 => {}
        Progress::Finished(module) => {
            talk.say(&order.domain, &report::text::progress_line(&module));
        }
    };
    ReportView::of(&engine.scan(&order, &progress).await)
}

async fn scan_there(
    client: &Client,
    domain: &DomainName,
    args: &ScanArgs,
    talk: Talk,
) -> Result<ReportView> {
    let job = client
        .send(Method::POST, "/v1/scan", Some(json!({ "domain": domain, "modules": args.modules })))
        .await?;
    let id =
        job["job_id"].as_i64().ok_or_else(|| Failure::other("the server's answer is no scan"))?;
    let mut failure = None;
    let path = format!("/v1/scan/jobs/{id}/events");
    let events = client.follow(&path, |event| {
        match event.name.as_str() {
            "module" if event.data["duration_ms"] != 0 => {
                let data = &event.data;
                let seconds = data["duration_ms"].as_f64().unwrap_or(0.0) / 1_000.0;
                let module = data["module"].as_str().unwrap_or_default();
                let found = &data["findings"];
                talk.say(
                    domain,
                    &format!("   Checked {module:<14} {found:>3} findings  {seconds:.1}s"),
                );
            }
            "done" => {
                failure = event.data["failure_reason"].as_str().map(str::to_owned);
                return Flow::Enough;
            }
            _ => {}
        }
        Flow::More
    });
    events.await?;
    if let Some(reason) = failure {
        return Err(Failure::new(NOT_TESTED, format!("{domain}: {reason}")));
    }
    let report = client.send(Method::GET, &format!("/v1/scan/jobs/{id}/report"), None).await?;
    serde_json::from_value(report)
        .map_err(|error| Failure::other(format!("the server's report cannot be read: {error}")))
}
