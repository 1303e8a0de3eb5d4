//! `compliancelayer doctor`: whether what scans and servers need is there, and what to do if not.
//!
//! Looks through the engine's own doors, so what it says of DNS and of the way out holds for scans.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use http::{HeaderMap, Method, header};
use model::{DomainName, ModuleId, Report, Unscored};
use report::escape::terminal;
use scan::Order;
use serde::Serialize;
use serde_json::json;
use server::clock::Clock;

use super::answer::print_json;
use super::place::RemoteArgs;
use crate::failure::{Failure, NOT_TESTED, Result, UNREACHABLE, USAGE};
use crate::sources::SourceArgs;

/// How long the look outside may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Tokens and signed links are good for minutes; so far apart clocks may be.
const MOST_SECONDS_APART: i64 = 60;

/// Say what keeps scans or a server from working, and what to do about it
///
/// Looks at the settings, the data folder, the name servers, the way out to a web server, and, where a
/// server is named, at that, the key for it and the two clocks. Exit codes: 0 all is well, 2 the
/// settings or the folder, 3 the way out, 4 key refused, 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Web server to look for the way out with
    #[arg(long, value_name = "DOMAIN", default_value = "example.com")]
    domain: String,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    server: RemoteArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    about: &'static str,
    ok: bool,
    told: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip)]
    code: u8,
}

fn well(about: &'static str, told: impl Into<String>) -> Finding {
    Finding { about, ok: true, told: told.into(), help: None, code: 0 }
}

fn ill(about: &'static str, code: u8, told: impl Into<String>, help: &str) -> Finding {
    let help = (!help.is_empty()).then(|| help.to_owned());
    Finding { about, ok: false, told: told.into(), help, code }
}

fn failed(about: &'static str, failure: &Failure) -> Finding {
    ill(about, failure.code, failure.message(), failure.next().unwrap_or_default())
}

pub(crate) async fn doctor(out: &mut dyn Write, args: &DoctorArgs) -> Result<()> {
    let domain = DomainName::parse(&args.domain)
        .map_err(|problem| Failure::usage(format!("`{}` {problem}", args.domain)))?;
    let mut findings = vec![data_folder(&args.sources.data_dir)];
    match args.sources.load_found(Vec::new()) {
        Err(failure) => findings.push(failed("settings", &failure)),
        Ok(loaded) => match server::engine(&loaded.config) {
            Err(problem) => findings.push(ill("settings", USAGE, problem.to_string(), "")),
            Ok(engine) => {
                findings.push(well("settings", "valid, and every file in them can be read"));
                let order = Order {
                    domain,
                    modules: vec![ModuleId::HttpHeaders],
                    now: Clock::system().now(),
                    intrusive: None,
                };
                let report = engine.within(PATIENCE).scan(&order, &|_| {}).await;
                findings.extend(way_out(&report));
            }
        },
    }
    if args.server.is_named() {
        findings.extend(server(&args.server).await);
    }
    match args.json {
        true => print_json(out, &json!({ "findings": findings }))?,
        false => print(out, &findings)?,
    }
    match findings.iter().find(|finding| !finding.ok) {
        None => Ok(()),
        Some(first) => Err(Failure::new(first.code, "not all is well")),
    }
}

fn print(out: &mut dyn Write, findings: &[Finding]) -> Result<()> {
    for finding in findings {
        let mark = if finding.ok { "ok  " } else { "BAD " };
        writeln!(out, "{mark} {:<12} {}", finding.about, terminal(&finding.told))?;
        if let Some(help) = &finding.help {
            writeln!(out, "     {:<12} {}", "", terminal(help))?;
        }
    }
    Ok(())
}

/// A server keeps its secrets there.
fn data_folder(path: &Path) -> Finding {
    let (about, shown) = ("data folder", path.display());
    let found = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return well(about, format!("{shown} is made when a server starts"));
        }
        found => found,
    };
    match found {
        Err(error) => ill(about, USAGE, format!("{shown}: {error}"), ""),
        Ok(found) if !found.is_dir() => {
            ill(about, USAGE, format!("{shown} is no folder"), "name another with --data-dir")
        }
        Ok(found) if found.permissions().mode() & 0o077 != 0 => ill(
            about,
            USAGE,
            format!("others may look into {shown}, which holds secrets"),
            &format!("chmod 700 {shown}"),
        ),
        Ok(_) => match tempfile::tempfile_in(path) {
            Ok(_) => well(about, format!("{shown} is yours alone and can be written")),
            Err(error) => ill(about, USAGE, format!("{shown} cannot be written: {error}"), ""),
        },
    }
}

/// What a look at a web server's headers says about DNS and the way there.
fn way_out(report: &Report) -> Vec<Finding> {
    let domain = &report.domain;
    match &report.score {
        Err(Unscored::ResolverFailed(reason)) => {
            let help = "name a resolver that answers: --set scan.resolver=ADDRESS:53";
            return vec![ill(
                "dns",
                NOT_TESTED,
                format!("no answer about {domain}: {reason}"),
                help,
            )];
        }
        Err(reason @ (Unscored::NoSuchDomain | Unscored::Refused(_) | Unscored::Excluded)) => {
            let help = "name a web server that is there with --domain";
            return vec![ill("dns", NOT_TESTED, format!("{domain}: {reason}"), help)];
        }
        Ok(_) | Err(Unscored::NothingTested(_)) => {}
    }
    let found = report.scope.addresses.len();
    let dns = well("dns", format!("{domain} has {found} addresses"));
    let module = report.modules.iter().find(|module| module.id == ModuleId::HttpHeaders);
    let way = match module.map(|module| &module.status) {
        Some(model::ModuleStatus::NotTested(reason)) => ill(
            "way out",
            NOT_TESTED,
            format!("{domain} was not reached: {reason}"),
            "let this computer open TCP connections to ports 80 and 443 of the internet",
        ),
        _ => well("way out", format!("{domain} answered")),
    };
    vec![dns, way]
}

async fn server(args: &RemoteArgs) -> Vec<Finding> {
    let client = match args.client() {
        Ok(client) => client,
        Err(failure) => return vec![failed("server", &failure)],
    };
    let mut findings = Vec::new();
    match client.exchange(Method::GET, "/readyz", None, "application/json").await {
        Err(failure) => return vec![failed("server", &failure)],
        Ok(answer) => {
            findings.push(well("server", "it and its database answer"));
            findings.push(clock(&answer.headers, Clock::system().now().0 / 1_000));
        }
    }
    findings.push(match client.send(Method::GET, "/v1/auth/me", None).await {
        Ok(me) => well("key", format!("accepted, of plan {}", me["plan"].as_str().unwrap_or("-"))),
        Err(failure) => failed("key", &failure),
    });
    findings
}

/// Compares the server's clock with this computer's, in seconds since 1970.
fn clock(headers: &HeaderMap, now: i64) -> Finding {
    let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let theirs = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    match theirs.map(|time| time.timestamp().as_second().abs_diff(now)) {
        None => ill("clock", UNREACHABLE, "the server does not say its time", ""),
        Some(apart) if apart > MOST_SECONDS_APART.unsigned_abs() => ill(
            "clock",
            USAGE,
            format!("the server's clock and this one are {apart} s apart"),
            "let both be set over the network, as with chrony or systemd-timesyncd",
        ),
        Some(apart) => well("clock", format!("{apart} s from the server's")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_secrets_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let set = |mode| {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            data_folder(folder.path())
        };
        assert!(set(0o700).ok);
        let open = set(0o755);
        assert!(!open.ok && open.code == 2 && open.help.unwrap().starts_with("chmod 700"));
        assert!(data_folder(&folder.path().join("absent")).ok);
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(!data_folder(&file).ok);
    }

    #[test]
    fn clocks_may_be_a_minute_apart() {
        let mut headers = HeaderMap::new();
        assert!(!clock(&headers, 0).ok);
        headers.insert(header::DATE, "Thu, 01 Jan 1970 00:01:40 GMT".parse().unwrap());
        assert!(clock(&headers, 100).ok && clock(&headers, 160).ok);
        let apart = clock(&headers, 161);
        assert!(!apart.ok && apart.told.contains("61 s apart"));
    }
}
