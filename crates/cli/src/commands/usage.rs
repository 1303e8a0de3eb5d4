use std::io::Write;

use http::Method;
use serde_json::Value;

use super::answer::{print_json, print_table, text, time};
use super::place::RemoteArgs;
use crate::failure::Result;

/// Say what is left of the plan on a server, and who used it
///
/// Exit codes: 0, 4 key refused, 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct UsageArgs {
    #[command(flatten)]
    server: RemoteArgs,
    /// Print the API's object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn usage(out: &mut dyn Write, args: &UsageArgs) -> Result<()> {
    let usage = args.server.client()?.send(Method::GET, "/v1/usage", None).await?;
    match args.json {
        true => print_json(out, &usage),
        false => print(out, &usage),
    }
}

fn print(out: &mut dyn Write, usage: &Value) -> Result<()> {
    let quota = &usage["quota"];
    writeln!(out, "Plan {}", text(&usage["plan"], "id"))?;
    writeln!(
        out,
        "Scans {} of {} used this month, {} left until {}\n",
        text(quota, "scans_used"),
        text(quota, "scans_per_month"),
        text(quota, "scans_left"),
        time(quota, "resets_at")
    )?;
    let rows = |name: &str| usage[name].as_array().cloned().unwrap_or_default();
    let windows: Vec<_> = rows("windows")
        .iter()
        .map(|one| [text(one, "window"), text(one, "remaining"), text(one, "limit")])
        .collect();
    print_table(out, ["REQUESTS A", "LEFT", "OF"], &windows)?;
    let keys: Vec<_> = rows("keys")
        .iter()
        .map(|one| {
            let name = match &one["key_id"] {
                Value::Null => "signed-in users".to_owned(),
                _ => text(one, "name"),
            };
            [text(one, "key_id"), name, text(one, "requests")]
        })
        .collect();
    writeln!(out, "\nRequests from {} to {}", time(usage, "from"), time(usage, "to"))?;
    print_table(out, ["KEY", "NAME", "REQUESTS"], &keys)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_is_said_first() {
        let usage = json!({
            "plan": { "id": "starter" },
            "quota": { "scans_per_month": 100, "scans_used": 3, "scans_left": 97, "resets_at": "2026-12-01T00:00:00.000Z" },
            "windows": [{ "window": "minute", "limit": 180, "remaining": 179 }],
            "from": "2026-11-30T00:00:00.000Z", "to": "2026-12-01T00:00:00.000Z",
            "keys": [{ "key_id": "cl_abc", "name": "CI", "requests": 4 }, { "key_id": null, "name": null, "requests": 2 }],
        });
        let mut out = Vec::new();
        print(&mut out, &usage).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with(
            "Plan starter\nScans 3 of 100 used this month, 97 left until 2026-12-01T00:00:00Z\n"
        ));
        assert!(
            text.contains("minute      179   180") && text.contains("signed-in users  2"),
            "{text}"
        );
    }
}
