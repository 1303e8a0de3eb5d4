use std::io::Write;
use std::path::PathBuf;

use http::Method;
use serde_json::json;

use super::answer::print_json;
use crate::client::{Client, Options};
use crate::failure::Result;
use crate::sources::variable;

/// Say whether a server is up and its database answers, as containers ask
///
/// Needs no key. Exit codes: 0 ready, 6 not.
#[derive(Debug, clap::Args)]
pub(crate) struct HealthcheckArgs {
    /// The server; COMPLIANCELAYER_URL when left out, else http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// PEM file of certificates to trust besides the public roots
    #[arg(long, value_name = "FILE")]
    trust_root: Option<PathBuf>,
    /// Only whether the process is up
    #[arg(long)]
    alive: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn healthcheck(out: &mut dyn Write, args: &HealthcheckArgs) -> Result<()> {
    let named = args.server.clone();
    let url = named.or_else(|| Some(variable("COMPLIANCELAYER_URL")?.0));
    let url = url.unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let options = Options { trust_root: args.trust_root.clone(), ..Options::default() };
    let path = if args.alive { "/healthz" } else { "/readyz" };
    Client::new(&url, options)?.once().send(Method::GET, path, None).await?;
    match args.json {
        true => print_json(out, &json!({ "server": url, "status": "ok" })),
        false => Ok(writeln!(out, "{url}: ok")?),
    }
}
