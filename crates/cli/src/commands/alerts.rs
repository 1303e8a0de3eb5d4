use std::io::Write;

use http::Method;
use serde_json::Value;

use super::answer::{print_json, print_table, text, time};
use super::place::RemoteArgs;
use crate::failure::Result;

/// List alerts on a server, or mark one as read
#[derive(Debug, clap::Args)]
pub(crate) struct AlertsArgs {
    #[command(subcommand)]
    command: AlertsCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AlertsCommand {
    /// Print the newest alerts
    List {
        /// Only those that nobody has read
        #[arg(long)]
        unread: bool,
        /// How many
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
        limit: u8,
        #[command(flatten)]
        server: RemoteArgs,
        /// Print the API's object
        #[arg(long)]
        json: bool,
    },
    /// Mark an alert as read
    Ack {
        /// The alert's id
        #[arg(value_name = "ID")]
        id: i64,
        #[command(flatten)]
        server: RemoteArgs,
    },
}

pub(crate) async fn alerts(out: &mut dyn Write, args: &AlertsArgs) -> Result<()> {
    match &args.command {
        AlertsCommand::List { unread, limit, server, json } => {
            let path = format!("/v1/domains/alerts?limit={limit}&unread_only={unread}");
            let found = server.client()?.send(Method::GET, &path, None).await?;
            match json {
                true => print_json(out, &found),
                false => {
                    let rows = found["alerts"].as_array().cloned().unwrap_or_default();
                    let rows: Vec<_> = rows.iter().map(row).collect();
                    print_table(out, ["ID", "RAISED", "SEVERITY", "ABOUT", "TITLE", ""], &rows)
                }
            }
        }
        AlertsCommand::Ack { id, server } => {
            let path = format!("/v1/domains/alerts/{id}/read");
            server.client()?.send(Method::POST, &path, None).await?;
            Ok(())
        }
    }
}

fn row(alert: &Value) -> [String; 6] {
    let about = match (&alert["domain"], &alert["key_id"]) {
        (Value::String(_), _) => text(alert, "domain"),
        _ => text(alert, "key_id"),
    };
    let is_new = alert["is_read"] == false;
    [
        text(alert, "id"),
        time(alert, "created_at"),
        text(alert, "severity"),
        about,
        text(alert, "title"),
        if is_new { "new".to_owned() } else { String::new() },
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alert_says_what_it_is_about() {
        let alert = json!({ "id": 1, "domain": null, "key_id": "cl_abc", "is_read": false });
        assert_eq!(row(&alert), ["1", "-", "-", "cl_abc", "-", "new"]);
        let alert = json!({ "id": 2, "domain": "a.example", "key_id": null, "is_read": true });
        assert_eq!(row(&alert), ["2", "-", "-", "a.example", "-", ""]);
    }
}
