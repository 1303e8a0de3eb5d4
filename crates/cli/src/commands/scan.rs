//! `compliancelayer scan`: here, without a server, or on one.
//!
//! The gates (`--fail-on`, `--min-score`) decide the exit code and never what is reported. A target
//! that could not be scanned is its own exit code, so that a gate cannot pass by seeing nothing.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use http::Method;
use model::{DomainName, ModuleId, Severity};
use report::text::Colour;
use report::{ModuleView, ReportView};
use scan::{Order, Progress};
use serde_json::json;
use server::clock::Clock;

use crate::client::{Client, Flow};
use crate::failure::{Failure, GATE, NOT_TESTED, REFUSED, Result};
use crate::sources::{SourceArgs, is_set, variable};

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
    /// Print the API's report object
    #[arg(long)]
    json: bool,
    /// Fail when there is a finding of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,
    /// Fail when a score is below this
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_score: Option<u8>,
    /// Exit with 0 although a report is partial
    #[arg(long)]
    allow_partial: bool,
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
    /// Colour the report: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ColorChoice {
    Auto,
    Always,
    Never,
}

fn severity(text: &str) -> std::result::Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| format!("use one of {}", Severity::list()))
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
    let place = match &args.server {
        Some(url) => Place::There(Client::new(url, Some(api_key(&args)?))?),
        None => Place::Here(Box::new(engine(&args)?)),
    };
    let mut out = anstream::stdout();
    let mut verdict = Verdict::default();
    for domain in domains {
        let view = match &place {
            Place::Here(engine) => scan_here(engine, domain, &args).await,
            Place::There(client) => scan_there(client, &domain, &args).await?,
        };
        print(&mut out, &view, &args)?;
        verdict.add(&view, &args);
    }
    verdict.end(&args)
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

async fn scan_here(engine: &scan::Engine, domain: DomainName, args: &ScanArgs) -> ReportView {
    let order = Order { domain, modules: args.modules.clone(), now: Clock::system().now() };
    let quiet = args.quiet;
    let progress = |event: Progress| {
        let line = match event {
            _ if quiet => return,
            Progress::Resolved { addresses } => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                format!("  Resolved {}  {}", order.domain, addresses.join(", "))
            }
            Progress::Finished(module) if module.score.is_none() && module.duration_ms == 0 => {
                return;
            }
            Progress::Finished(module) => report::text::progress_line(&module),
        };
        // Progress is talk: when nobody can hear it the scan goes on.
        let _closed = writeln!(anstream::stderr(), "{line}");
    };
    ReportView::of(&engine.scan(&order, &progress).await)
}

async fn scan_there(client: &Client, domain: &DomainName, args: &ScanArgs) -> Result<ReportView> {
    let job = client
        .send(Method::POST, "/v1/scan", Some(json!({ "domain": domain, "modules": args.modules })))
        .await?;
    let id =
        job["job_id"].as_i64().ok_or_else(|| Failure::other("the server's answer is no scan"))?;
    let mut failure = None;
    let path = format!("/v1/scan/jobs/{id}/events");
    let events = client.follow(&path, |event| {
        match event.name.as_str() {
            "module" if !args.quiet && event.data["duration_ms"] != 0 => {
                let data = &event.data;
                let seconds = data["duration_ms"].as_f64().unwrap_or(0.0) / 1_000.0;
                let module = data["module"].as_str().unwrap_or_default();
                let _closed = writeln!(
                    anstream::stderr(),
                    "   Checked {module:<14} {:>3} findings  {seconds:.1}s",
                    data["findings"]
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

fn print(out: &mut dyn Write, view: &ReportView, args: &ScanArgs) -> Result<()> {
    let stdout = std::io::stdout();
    let colour = match args.color {
        ColorChoice::Always => Colour::Ansi,
        ColorChoice::Never => Colour::Plain,
        ColorChoice::Auto if stdout.is_terminal() && !is_set("NO_COLOR") => Colour::Ansi,
        ColorChoice::Auto => Colour::Plain,
    };
    match args.json {
        true => writeln!(out, "{}", view.to_json())?,
        false => match colour {
            // Kept as it is even where `anstream` would strip it: it was asked for.
            Colour::Ansi => writeln!(stdout.lock(), "{}", report::text::report(view, colour, 100))?,
            Colour::Plain => writeln!(out, "{}", report::text::report(view, colour, 100))?,
        },
    }
    Ok(())
}

/// Returns whether a module should have been tested and was not. One that is not built yet, or for
/// which the operator chose no provider, is never tested, and says so in every report.
fn is_partial(id: ModuleId, module: &ModuleView) -> bool {
    let reason = module.reason.as_deref().unwrap_or_default();
    module.status == "not_tested"
        && scan::catalogue::find_module(id).probe.is_some()
        && !scan::check::Missing::is_not_configured(reason)
}

/// What all reports together came to.
#[derive(Default)]
struct Verdict {
    failures: Vec<String>,
    untested: Vec<String>,
}

impl Verdict {
    fn add(&mut self, view: &ReportView, args: &ScanArgs) {
        let Some(score) = view.score else {
            let reason = view.unscored.as_deref().unwrap_or("no score");
            self.untested.push(format!("{} could not be scanned: {reason}", view.domain));
            return;
        };
        for (id, module) in view.modules.iter().filter(|(id, module)| is_partial(**id, module)) {
            let reason = module.reason.as_deref().unwrap_or("no reason was given");
            self.untested.push(format!("{}: {id} was not tested: {reason}", view.domain));
        }
        if let Some(least) = args.min_score.filter(|least| score < *least) {
            self.failures
                .push(format!("{}: {score} is below {least} (--min-score {least})", view.domain));
        }
        if let Some(worst) = args.fail_on {
            let found = view.issues.iter().filter(|issue| issue.severity >= worst).count();
            if found > 0 {
                let noun = if found == 1 { "finding" } else { "findings" };
                self.failures.push(format!(
                    "{}: {found} {noun} at or above {worst} (--fail-on {worst})",
                    view.domain
                ));
            }
        }
    }

    fn end(self, args: &ScanArgs) -> Result<()> {
        let has_gate = args.fail_on.is_some() || args.min_score.is_some();
        match (self.failures.is_empty(), self.untested.is_empty() || args.allow_partial) {
            (false, _) => Err(Failure::new(GATE, format!("FAIL: {}", self.failures.join("; ")))),
            (true, false) => Err(Failure::new(NOT_TESTED, self.untested.join("; "))
                .hint("--allow-partial accepts reports that are partial")),
            (true, true) => {
                if has_gate && !args.quiet {
                    writeln!(anstream::stderr(), "PASS: every gate was passed")?;
                }
                Ok(())
            }
        }
    }
}
