//! `compliancelayer scan`: here, without a server, or on one.
//!
//! Several domains are scanned side by side; their reports come in the order that was asked for.
//! `output` prints them, `gate` decides how it ends.

mod gate;
mod output;

use std::io::Write;

use futures_util::StreamExt;
use http::Method;
use model::{DomainName, ModuleId, ScanProfile};
use report::ReportView;
use scan::ownership::Challenge;
use scan::{Order, Progress};
use serde_json::json;
use server::clock::Clock;

use super::ownership;
use super::place::{NetworkArgs, ServerArgs};
use crate::client::{Client, Flow};
use crate::failure::{Failure, NOT_TESTED, Result};
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
    /// Also try known attacks on TLS and mail servers, where the domain is proven to be yours: see
    /// `ownership`
    #[arg(long)]
    intrusive: bool,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    server: ServerArgs,
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
    let place = match args.server.client()? {
        Some(client) => Place::There(client),
        None => Place::Here(Box::new(args.network.engine()?)),
    };
    let mut challenges: Vec<Option<Challenge>> = vec![None; domains.len()];
    if let (true, Place::Here(engine)) = (args.intrusive, &place) {
        // All before the first scan: who lacks a proof is to know it at once.
        for (domain, challenge) in domains.iter().zip(&mut challenges) {
            *challenge = Some(ownership::proven(engine, domain).await?);
        }
    }
    let talk = match (args.quiet, domains.len()) {
        (true, _) => Talk::Silent,
        (false, 1) => Talk::Plain,
        (false, _) => Talk::Named,
    };
    let (place, args) = (&place, &args);
    let orders = domains.into_iter().zip(challenges);
    let scans = orders.map(|(domain, challenge)| async move {
        match place {
            Place::Here(engine) => Ok(scan_here(engine, domain, challenge, args, talk).await),
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

async fn scan_here(
    engine: &scan::Engine,
    domain: DomainName,
    intrusive: Option<Challenge>,
    args: &ScanArgs,
    talk: Talk,
) -> ReportView {
    let order =
        Order { domain, modules: args.modules.clone(), now: Clock::system().now(), intrusive };
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
    let profile = match args.intrusive {
        true => ScanProfile::Intrusive,
        false => ScanProfile::Safe,
    };
    let wish = json!({ "domain": domain, "modules": args.modules, "profile": profile });
    let job = client.send(Method::POST, "/v1/scan", Some(wish)).await?;
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
