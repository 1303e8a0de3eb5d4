//! `compliancelayer demo`: the whole product in one command, without the internet.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Method;
use model::{DomainName, Role};
use report::ReportView;
use serde_json::{Value, json};
use server::Server;
use server::config::Config;
use server::operator::{CreatedUser, Operator, UserOrder};
use tokio::net::TcpListener;

use super::serve::Signals;
use crate::client::{Client, Options};
use crate::failure::{Failure, Result};
use crate::log;
use crate::sources::SourceArgs;
use crate::terminal::{self, Stream};

const EMAIL: &str = "demo@example.com";

/// Start the service, scan the built-in demo target and keep serving
///
/// Makes an account, signs in, creates an API key and scans over HTTP, as a program would. Works
/// without internet; with a DOMAIN it scans that one instead.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// A real domain to scan instead of the demo target
    #[arg(value_name = "DOMAIN")]
    domain: Option<String>,
    /// End after the report
    #[arg(long)]
    once: bool,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder to keep the data in; a temporary one when left out
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Start the demo target alone and print the settings of a server that takes it for the internet
    #[arg(long, hide = true)]
    target_only: bool,
    /// Milliseconds that the target's resolver takes for each answer about the target
    #[arg(long, hide = true, value_name = "MS", default_value_t = 0)]
    delay: u64,
}

pub(crate) async fn demo(args: DemoArgs) -> Result<()> {
    let mut out = anstream::stdout();
    let folder = tempfile::Builder::new().prefix("compliancelayer-demo-").tempdir()?;
    let data_dir = args.data_dir.clone().unwrap_or_else(|| folder.path().join("data"));
    if args.target_only {
        let lab = start_target(args.delay).await?;
        for (key, value) in settings(&lab, folder.path())? {
            let name = key.to_uppercase().replace('.', "__");
            writeln!(out, "COMPLIANCELAYER_{name}={value}")?;
        }
        // Whoever reads the list knows its end by it.
        writeln!(out)?;
        out.flush()?;
        Signals::new()?.wait().await;
        return Ok(());
    }
    let (domain, lab) = match &args.domain {
        Some(domain) => {
            let domain = DomainName::parse(domain)
                .map_err(|problem| Failure::usage(format!("`{domain}` {problem}")))?;
            (domain.to_string(), None)
        }
        None => (lab::demo::DOMAIN.to_owned(), Some(start_target(args.delay).await?)),
    };
    let mut flags = vec![("plans.default".to_owned(), "professional".to_owned())];
    if let Some(lab) = &lab {
        flags.extend(settings(lab, folder.path())?);
        writeln!(out, "  Target   {domain}, a web shop with plausible faults, on loopback")?;
    }
    flags.push(("log.level".to_owned(), "warn".to_owned()));
    let config = SourceArgs { data_dir, ..SourceArgs::default() }.load(flags)?.config;
    log::start(&config.log);
    let mut signals = Signals::new()?;
    let server = Server::start(config.clone(), listen(args.listen).await?).await?;
    let base = server.base_url().to_owned();
    writeln!(out, "  Service  {base}")?;

    let user = make_user(config).await?;
    let (token, key) = sign_in(&base, &user).await?;
    writeln!(out, "  Account  {EMAIL}, signed in, with a new API key\n")?;
    let report = scan(&mut out, &base, &domain, &key).await?;
    let (colour, width) = (terminal::colour(Stream::Out), terminal::width().unwrap_or(100));
    writeln!(out, "\n{}", report::text::report(&report, colour, width))?;
    if !args.once {
        explain(&mut out, &base, &domain, &user, &key, &token)?;
        signals.wait().await;
        writeln!(out)?;
    }
    server.shut_down().await;
    drop(lab);
    Ok(())
}

async fn start_target(delay_ms: u64) -> Result<lab::Lab> {
    let started = match delay_ms {
        0 => lab::demo::start().await,
        delay => lab::demo::start_slow(Duration::from_millis(delay)).await,
    };
    started.map_err(|error| Failure::other(format!("the demo target cannot start: {error:#}")))
}

/// Returns the settings of a server that takes the lab for the internet, with what it is to trust
/// in files in `folder`.
fn settings(lab: &lab::Lab, folder: &Path) -> Result<Vec<(String, String)>> {
    let (root, anchor) = (folder.join("demo-root.pem"), folder.join("demo-anchor.zone"));
    std::fs::write(&root, lab.authority.root_pem())?;
    std::fs::write(&anchor, lab.dnssec_anchor.as_deref().unwrap_or_default())?;
    let ports: Vec<_> = lab.ports.iter().map(|(port, place)| format!("{port}={place}")).collect();
    let settings = [
        ("scan.resolver", lab.resolver.to_string()),
        ("scan.trust_roots", root.display().to_string()),
        ("scan.dnssec_anchor", anchor.display().to_string()),
        ("scan.allow_private_networks", "true".to_owned()),
        ("scan.port_overrides", ports.join(",")),
        ("providers.rdap", lab::demo::RDAP_URL.to_owned()),
    ];
    Ok(settings.map(|(key, value)| (key.to_owned(), value)).to_vec())
}

/// Listens where asked, or on a free port when that one is taken.
async fn listen(place: SocketAddr) -> Result<TcpListener> {
    match TcpListener::bind(place).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind((place.ip(), 0)).await?),
    }
}

/// Makes the account as an operator would; its password is made up.
async fn make_user(config: Config) -> Result<CreatedUser> {
    let operator = Operator::open(config).await?;
    let order = UserOrder {
        email: EMAIL.to_owned(),
        name: Some("Demo".to_owned()),
        plan: None,
        role: Role::Admin,
        password: None,
    };
    operator.create_user(order).await.map_err(|error| {
        Failure::from(error).hint("give --data-dir a folder that no demo has used, or leave it out")
    })
}

/// Signs in and creates a key, over HTTP. Returns the token and the key.
async fn sign_in(base: &str, user: &CreatedUser) -> Result<(String, String)> {
    let text = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::unreadable("it holds no credential"))
    };
    let login = json!({ "email": EMAIL, "password": user.password });
    let client = |credential| Client::new(base, Options { credential, ..Options::default() });
    let login = client(None)?.send(Method::POST, "/v1/auth/login", Some(login)).await?;
    let token = text(&login["token"])?;
    let wish = json!({ "name": "Demo", "expires_in_days": 90 });
    let key =
        client(Some(token.clone()))?.send(Method::POST, "/v1/auth/api-keys", Some(wish)).await?;
    Ok((token, text(&key["api_key"])?))
}

async fn scan(out: &mut dyn Write, base: &str, domain: &str, key: &str) -> Result<ReportView> {
    let options = Options { credential: Some(key.to_owned()), ..Options::default() };
    let client = Client::new(base, options)?;
    let job = client.send(Method::POST, "/v1/scan", Some(json!({ "domain": domain }))).await?;
    writeln!(out, "  POST /v1/scan {{\"domain\": \"{domain}\"}} -> job {}", job["job_id"])?;
    let id = job["job_id"].as_i64().ok_or_else(|| Failure::unreadable("it is no scan"))?;
    let mut broken = None;
    let ended = client.wait_for_scan(id, |module| {
        if module["status"] == "not_tested" {
            return;
        }
        let seconds = module["duration_ms"].as_f64().unwrap_or(0.0) / 1_000.0;
        let (name, found) = (module["module"].as_str().unwrap_or_default(), &module["findings"]);
        // Written at once: people watch it.
        let written = writeln!(out, "   Checked {name:<14} {found:>3} findings  {seconds:.1}s");
        broken = broken.take().or(written.err());
    });
    let ended = ended.await?;
    if let Some(error) = broken {
        return Err(error.into());
    }
    if let Some(reason) = ended["failure_reason"].as_str() {
        return Err(Failure::new(crate::failure::NOT_TESTED, format!("{domain}: {reason}")));
    }
    let report = client.send(Method::GET, &format!("/v1/scan/jobs/{id}/report"), None).await?;
    serde_json::from_value(report).map_err(Failure::unreadable)
}

fn explain(
    out: &mut dyn Write,
    base: &str,
    domain: &str,
    user: &CreatedUser,
    key: &str,
    token: &str,
) -> Result<()> {
    let password = user.password.as_deref().unwrap_or_default();
    write!(
        out,
        "  Dashboard  {base}\n  Sign in    {EMAIL}  password {password}\n  API key    {key}\n\n\
         \x20 Try it:\n\n\
         curl \"{base}/v1/scan\" \\\n  -H \"Authorization: Bearer {key}\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"domain\": \"{domain}\"}}'\n\n\
         curl \"{base}/v1/scan/history\" -H \"Authorization: Bearer {key}\"\n\n\
         curl \"{base}/v1/auth/me\" -H \"Authorization: Bearer {token}\"\n\n\
         COMPLIANCELAYER_API_KEY={key} compliancelayer scan {domain} --server {base}\n\n\
         \x20 Serving until Ctrl-C. Everything is forgotten then, unless --data-dir was given.\n"
    )?;
    Ok(())
}
