//! `compliancelayer scan`: here, without a server, or on one.
//!
//! Several domains are scanned side by side; their reports come in the order that was asked for.
//! `accept` marks what the project accepts, `output` prints them, `gate` decides how it ends.
//! A scan that could not be made does not keep the others from being reported.

mod accept;
mod gate;
mod gate_settings;
mod output;
mod progress;
mod there;

use std::time::Duration;

use futures_util::StreamExt;
use model::{DomainName, ModuleId};
use report::ReportView;
use scan::ownership::Challenge;
use scan::{Engine, Order};
use server::clock::Clock;

use super::ownership;
use super::place::{Place, PlaceArgs};
use crate::failure::{Failure, Result};
use crate::sources::settings_files;
use accept::Accepted;
use gate::{GateArgs, Gates, Judged};
use output::OutputArgs;
use progress::{Mode, Progress};

/// How often the time beside the bar is told anew.
const TICK: Duration = Duration::from_millis(200);

/// Scan domains and print graded reports
///
/// Runs here, without a server or an account; with --server or COMPLIANCELAYER_URL it runs there, with
/// the key in COMPLIANCELAYER_API_KEY, in .env or in --api-key-file. Settings and gates may stand in
/// compliancelayer.toml; docs/command-line.md has all of it. Exit codes: 0 passed, 1 a gate failed,
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
    place: PlaceArgs,
    /// Print no progress
    #[arg(long, short)]
    quiet: bool,
}

fn module(text: &str) -> std::result::Result<ModuleId, String> {
    ModuleId::parse(text).ok_or_else(|| format!("use one of {}", ModuleId::list()))
}

pub(crate) async fn scan(mut args: ScanArgs) -> Result<()> {
    let mut domains = Vec::new();
    for text in &args.domains {
        domains.push(
            DomainName::parse(text)
                .map_err(|problem| Failure::usage(format!("`{text}` {problem}")))?,
        );
    }
    for file in settings_files(args.place.network.config.as_deref())?.into_iter().rev() {
        args.gates.fill(&file)?;
    }
    args.output.check(domains.len())?;
    let place = args.place.place()?;
    let mut gates = Gates::new(&args.gates, &domains, matches!(place, Place::There(_)))?;
    let accepted = Accepted::read(args.place.network.config.as_deref(), Clock::system().now())?;
    match &place {
        Place::Here(_) => accepted.say_expired()?,
        Place::There(_) => accepted.say_unused()?,
    }
    let mut challenges: Vec<Option<Challenge>> = vec![None; domains.len()];
    if let (true, Place::Here(engine)) = (args.intrusive, &place) {
        // All before the first scan: who lacks a proof is to know it at once.
        for (domain, challenge) in domains.iter().zip(&mut challenges) {
            *challenge = Some(ownership::proven(engine, domain).await?);
        }
    }
    let modules = if args.modules.is_empty() { ModuleId::ALL.len() } else { args.modules.len() };
    let mode = Mode::choose(args.quiet, args.place.server.verbose);
    let progress = Progress::new(mode, domains.len(), modules);
    let (place, args, progress) = (&place, &args, &progress);
    let orders = domains.into_iter().zip(challenges);
    let scans = orders.map(|(domain, challenge)| async move {
        let judged = match place {
            Place::Here(engine) => Ok(here(engine, &domain, challenge, args, progress).await),
            Place::There(client) => there::scan(client, &domain, args, progress).await,
        };
        (domain, judged)
    });
    let mut scans = futures_util::stream::iter(scans).buffered(args.parallel.into());
    let mut tick = tokio::time::interval(TICK);
    let mut views = Vec::new();
    loop {
        let next = tokio::select! {
            next = scans.next() => next,
            _ = tick.tick() => {
                progress.tick();
                continue;
            }
        };
        let Some((domain, judged)) = next else { break };
        progress.clear();
        match judged {
            Ok(mut judged) => {
                if let Place::Here(_) = place {
                    accepted.mark(&mut judged.view);
                }
                args.output.print_one(&judged.view)?;
                gates.add(&judged);
                views.push(judged.view);
            }
            Err(failure) => gates.miss(&domain, &failure),
        }
    }
    progress.clear();
    args.output.finish(&views)?;
    gates.end(args.quiet)
}

/// Scans with the engine here.
async fn here(
    engine: &Engine,
    domain: &DomainName,
    intrusive: Option<Challenge>,
    args: &ScanArgs,
    progress: &Progress,
) -> Judged {
    let order = Order {
        domain: domain.clone(),
        modules: args.modules.clone(),
        now: Clock::system().now(),
        intrusive,
    };
    let counted = std::sync::atomic::AtomicUsize::new(0);
    let tell = |event: scan::Progress| match event {
        scan::Progress::Resolved { addresses } => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            progress.say(domain, &format!("  Resolved {domain}  {}", addresses.join(", ")));
        }
        scan::Progress::Finished(module) => {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            progress.count();
            let is_idle = module.score.is_none() && module.duration_ms == 0;
            if !is_idle || args.place.server.verbose {
                progress.say(domain, &report::text::progress_line(&module));
            }
        }
    };
    let view = ReportView::of(&engine.scan(&order, &tell).await);
    progress.count_rest(counted.into_inner());
    Judged { view, diff: None }
}
