use std::io::Write;

use http::Method;
use model::ScanStatus;
use serde_json::{Value, json};

use super::answer::{encode, print_json, print_table, text, time};
use super::place::RemoteArgs;
use crate::client::Client;
use crate::failure::{Failure, Result};

/// The most that the API gives at once.
const PAGE: usize = 100;

/// List the scans of a domain on a server, newest first
///
/// Exit codes: 0, 2 wrong usage, 4 key refused, 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct HistoryArgs {
    /// The domain; all domains when left out
    #[arg(value_name = "DOMAIN")]
    domain: Option<String>,
    /// How many scans
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
    /// Only scans that stand so: queued, running, completed, failed or canceled
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<ScanStatus>,
    #[command(flatten)]
    server: RemoteArgs,
    /// Print the API's objects
    #[arg(long)]
    json: bool,
}

fn status(text: &str) -> std::result::Result<ScanStatus, String> {
    ScanStatus::parse(text).ok_or_else(|| format!("use one of {}", ScanStatus::list()))
}

pub(crate) async fn history(out: &mut dyn Write, args: &HistoryArgs) -> Result<()> {
    let scans = scans(&args.server.client()?, args).await?;
    if args.json {
        return print_json(out, &json!({ "scans": scans }));
    }
    let rows: Vec<_> = scans.iter().map(row).collect();
    print_table(out, ["ID", "DOMAIN", "SCANNED", "STATUS", "SCORE", "GRADE", "FINDINGS"], &rows)
}

fn row(scan: &Value) -> [String; 7] {
    [
        text(scan, "job_id"),
        text(scan, "domain"),
        time(scan, "scanned_at"),
        text(scan, "status"),
        text(scan, "score"),
        text(scan, "grade"),
        text(scan, "total_issues"),
    ]
}

/// Reads page after page.
async fn scans(client: &Client, args: &HistoryArgs) -> Result<Vec<Value>> {
    let mut scans = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let wanted = usize::from(args.limit) - scans.len();
        let mut path = format!("/v1/scan/history?limit={}", wanted.min(PAGE));
        for (name, value) in [
            ("domain", args.domain.as_deref()),
            ("status", args.status.map(ScanStatus::as_str)),
            ("cursor", cursor.as_deref()),
        ] {
            if let Some(value) = value {
                path.push_str(&format!("&{name}={}", encode(value)));
            }
        }
        let page = client.send(Method::GET, &path, None).await?;
        let found = page["scans"].as_array().ok_or_else(|| Failure::unreadable("no scans"))?;
        scans.extend(found.iter().take(wanted).cloned());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() || found.is_empty() || scans.len() >= usize::from(args.limit) {
            return Ok(scans);
        }
    }
}
