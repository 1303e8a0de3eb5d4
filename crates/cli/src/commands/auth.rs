use std::io::Write;

use http::Method;
use serde_json::{Value, json};

use super::answer::{print_json, text, time};
use super::place::RemoteArgs;
use crate::failure::Result;

/// Say which server and key are used, and what the key may do
#[derive(Debug, clap::Args)]
pub(crate) struct AuthArgs {
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AuthCommand {
    /// Print which server, which key and where both come from, as the server sees them; of the key
    /// its id alone
    ///
    /// Exit codes: 0 the key works, 2 no server, 4 no key or refused, 6 server not reachable.
    Status {
        #[command(flatten)]
        server: RemoteArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn auth(out: &mut dyn Write, args: &AuthArgs) -> Result<()> {
    let AuthCommand::Status { server, json } = &args.command;
    let access = server.access()?;
    let (url, server_from) = access.server;
    let me = server.client()?.send(Method::GET, "/v1/auth/me", None).await?;
    let status = json!({
        "server": url,
        "server_from": server_from,
        "key_from": access.key.1,
        "email": me["email"],
        "plan": me["plan"],
        "auth": me["auth"],
    });
    match json {
        true => print_json(out, &status),
        false => print(out, &status),
    }
}

fn print(out: &mut dyn Write, status: &Value) -> Result<()> {
    let auth = &status["auth"];
    writeln!(out, "Server   {}  (from {})", text(status, "server"), text(status, "server_from"))?;
    let what = match &auth["key_id"] {
        Value::Null => "a token of a sign-in".to_owned(),
        _ => text(auth, "key_id"),
    };
    writeln!(out, "Key      {what}  (from {})", text(status, "key_from"))?;
    writeln!(out, "Account  {}, plan {}", text(status, "email"), text(status, "plan"))?;
    if !auth["scopes"].is_null() {
        writeln!(out, "May      {}", text(auth, "scopes").replace(',', " "))?;
    }
    if !auth["expires_at"].is_null() {
        writeln!(out, "Until    {}", time(auth, "expires_at"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_names_the_key_and_where_it_is_from() {
        let status = json!({
            "server": "https://scans.example", "server_from": "--server", "key_from": "the environment",
            "email": "a@example.com", "plan": "free",
            "auth": { "key_id": "cl_abcdefghijkl", "scopes": ["scans:read", "scans:write"] },
        });
        let mut out = Vec::new();
        print(&mut out, &status).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("Key      cl_abcdefghijkl  (from the environment)"), "{text}");
        assert!(text.contains("May      scans:read scans:write"), "{text}");
    }
}
