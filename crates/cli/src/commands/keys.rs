//! `compliancelayer keys`: the API keys of an account on a server.
//!
//! A secret is printed once and never taken as an argument, where others could read it.

use std::io::Write;

use http::Method;
use model::{Environment, Scope};
use serde_json::{Value, json};

use super::answer::{encode, print_json, print_table, text, time};
use super::place::RemoteArgs;
use crate::client::Client;
use crate::failure::{Failure, Result};

/// Make, list, revoke and rotate API keys on a server
///
/// With a key that has the scopes `keys:read` and `keys:write`; a key never makes one that may do more
/// than itself. Exit codes: 0, 2 wrong usage, 4 key refused, 5 plan too low, 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, clap::Subcommand)]
enum KeysCommand {
    /// Make a key and print it, this once
    Create(CreateArgs),
    /// Print every key, without its secret
    List {
        #[command(flatten)]
        server: RemoteArgs,
        /// Print the API's objects
        #[arg(long)]
        json: bool,
    },
    /// End a key at once and for good
    Revoke {
        /// The key's id, a number or cl_ and twelve characters
        #[arg(value_name = "KEY")]
        key: String,
        #[command(flatten)]
        server: RemoteArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a successor of a key and print it, this once; the old one works for a while
    Rotate {
        /// The key's id, a number or cl_ and twelve characters
        #[arg(value_name = "KEY")]
        key: String,
        /// How long the old key works
        #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
        #[arg(value_parser = clap::value_parser!(u32).range(0..=2_592_000))]
        grace: u32,
        #[command(flatten)]
        server: RemoteArgs,
        /// Print the API's object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    /// What the key is for
    #[arg(long)]
    name: String,
    /// What the key may do, comma-separated; everything but keys and the account when left out
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = scope)]
    scopes: Vec<Scope>,
    /// Where it is used: production, staging, development or ci
    #[arg(long, value_name = "WHERE", value_parser = environment)]
    environment: Option<Environment>,
    /// Days that it works
    #[arg(long, value_name = "DAYS")]
    expires_in_days: Option<u32>,
    /// Addresses and networks that it works from, comma-separated
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    ip_allowlist: Vec<String>,
    #[command(flatten)]
    server: RemoteArgs,
    /// Print the API's object
    #[arg(long)]
    json: bool,
}

fn scope(text: &str) -> std::result::Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| format!("use some of {}", Scope::list()))
}

fn environment(text: &str) -> std::result::Result<Environment, String> {
    Environment::parse(text).ok_or_else(|| format!("use one of {}", Environment::list()))
}

pub(crate) async fn keys(out: &mut dyn Write, args: &KeysArgs) -> Result<()> {
    match &args.command {
        KeysCommand::Create(args) => create(out, args).await,
        KeysCommand::List { server, json } => {
            let keys = list(&server.client()?).await?;
            match json {
                true => print_json(out, &json!({ "api_keys": keys })),
                false => {
                    let rows: Vec<_> = keys.iter().map(row).collect();
                    print_table(out, ["ID", "KEY", "NAME", "STATUS", "LAST USED", "AGE"], &rows)
                }
            }
        }
        KeysCommand::Revoke { key, server, json } => {
            let client = server.client()?;
            let id = find(&client, key).await?;
            client.send(Method::DELETE, &format!("/v1/auth/api-keys/{id}"), None).await?;
            match json {
                true => print_json(out, &json!({ "id": id, "revoked": true })),
                false => Ok(writeln!(out, "Revoked. No request with {key} passes from now on.")?),
            }
        }
        KeysCommand::Rotate { key, grace, server, json } => {
            let client = server.client()?;
            let id = find(&client, key).await?;
            let path = format!("/v1/auth/api-keys/{id}/rotate");
            let wish = json!({ "grace_period_seconds": grace });
            let made = client.send(Method::POST, &path, Some(wish)).await?;
            print_secret(out, &made, *json)
        }
    }
}

async fn create(out: &mut dyn Write, args: &CreateArgs) -> Result<()> {
    let mut wish = json!({ "name": args.name });
    if !args.scopes.is_empty() {
        wish["scopes"] = json!(args.scopes);
    }
    if let Some(environment) = args.environment {
        wish["environment"] = json!(environment);
    }
    if let Some(days) = args.expires_in_days {
        wish["expires_in_days"] = json!(days);
    }
    if !args.ip_allowlist.is_empty() {
        wish["ip_allowlist"] = json!(args.ip_allowlist);
    }
    let made = args.server.client()?.send(Method::POST, "/v1/auth/api-keys", Some(wish)).await?;
    print_secret(out, &made, args.json)
}

/// Prints a new key: alone on a line, so that it can be piped into a file.
fn print_secret(out: &mut dyn Write, made: &Value, as_json: bool) -> Result<()> {
    if as_json {
        return print_json(out, made);
    }
    match made["api_key"].as_str() {
        Some(_) => Ok(writeln!(out, "{}", text(made, "api_key"))?),
        None => Err(Failure::unreadable("it holds no key")),
    }
}

fn row(key: &Value) -> [String; 6] {
    let age = match key["rotation_due"] == true {
        true => format!("{} days, rotate", text(key, "age_days")),
        false => format!("{} days", text(key, "age_days")),
    };
    [
        text(key, "id"),
        text(key, "key_id"),
        text(key, "name"),
        text(key, "status"),
        time(key, "last_used_at"),
        age,
    ]
}

async fn list(client: &Client) -> Result<Vec<Value>> {
    let mut keys = Vec::new();
    let mut path = "/v1/auth/api-keys?limit=100".to_owned();
    loop {
        let page = client.send(Method::GET, &path, None).await?;
        let found = page["api_keys"].as_array().ok_or_else(|| Failure::unreadable("no keys"))?;
        keys.extend(found.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) if !found.is_empty() => {
                path = format!("/v1/auth/api-keys?limit=100&cursor={}", encode(cursor));
            }
            _ => return Ok(keys),
        }
    }
}

/// Returns the id of a key that was named by it or by the key's public half.
async fn find(client: &Client, key: &str) -> Result<i64> {
    if let Ok(id) = key.parse() {
        return Ok(id);
    }
    if key.len() > 15 {
        return Err(Failure::usage("that is more than a key's public half").hint(
            "name it by cl_ and the twelve characters that follow; keep the rest to yourself",
        ));
    }
    let found = list(client).await?.into_iter().find(|known| known["key_id"] == key);
    found
        .and_then(|found| found["id"].as_i64())
        .ok_or_else(|| Failure::usage(format!("there is no key `{key}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_stands_alone_on_a_line() {
        let made = json!({ "id": 1, "api_key": "cl_secret" });
        let mut out = Vec::new();
        print_secret(&mut out, &made, false).unwrap();
        assert_eq!(out, b"cl_secret\n");
        let replayed = json!({ "id": 1, "api_key": null });
        assert!(print_secret(&mut Vec::new(), &replayed, false).is_err());
    }

    #[test]
    fn a_key_that_is_old_says_so() {
        let key = json!({ "id": 3, "key_id": "cl_abc", "name": "CI", "status": "active", "age_days": 91, "rotation_due": true });
        assert_eq!(row(&key)[5], "91 days, rotate");
    }
}
