//! `compliancelayer verify`: a file here, with keys at hand or fetched; a report's id by asking its server.

use std::io::Write;
use std::path::{Path, PathBuf};

use http::Method;
use report::escape::terminal;
use report::{Attestation, Doubt, PublicKeys};

use crate::client::{Client, Options};
use crate::failure::{Failure, GATE, Result, USAGE};

/// Where a server publishes the keys that it signs reports with.
const KEYS: &str = "/.well-known/report-keys.json";

/// Verify that a report is what was issued
///
/// Takes a report in JSON, PDF or HTML as a server gave it out, or a report's id. A file is verified
/// here; with --key nobody is asked, else the keys come from the server. Exit codes: 0 unchanged, 1
/// changed, not attested or not issued there, 2 wrong usage, 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The file, or the id that stands in the report
    #[arg(value_name = "FILE|ID")]
    what: String,
    /// Keys to verify with: a server's /.well-known/report-keys.json, saved
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Server that is said to have issued the report
    #[arg(long, value_name = "URL", conflicts_with = "key")]
    server: Option<String>,
    /// PEM file of certificates to trust besides the public roots
    #[arg(long, value_name = "FILE", requires = "server")]
    trust_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn verify(out: &mut dyn Write, args: &VerifyArgs) -> Result<()> {
    let client = match &args.server {
        Some(url) => {
            let trust_root = args.trust_root.clone();
            Some(Client::new(url, Options { trust_root, ..Options::default() })?)
        }
        None => None,
    };
    let path = Path::new(&args.what);
    match (path.exists(), client) {
        (true, client) => {
            let keys = keys(args, client.as_ref()).await?;
            let file = std::fs::read(path).map_err(|error| {
                Failure::usage(format!("{} cannot be read: {error}", path.display()))
            })?;
            let checked = keys.check(&file).map_err(|doubt| refusal(path, &doubt))?;
            print(out, args, &checked)
        }
        (false, Some(client)) => ask(out, args, &client).await,
        (false, None) => Err(Failure::usage(format!("there is no file `{}`", args.what))
            .hint("for a report's id say --server URL as well")),
    }
}

async fn keys(args: &VerifyArgs, client: Option<&Client>) -> Result<PublicKeys> {
    let unusable = |from: &str, problem: &dyn std::fmt::Display| {
        Failure::usage(format!("{from} holds no keys: {problem}"))
            .hint(format!("save a server's {KEYS}"))
    };
    match (&args.key, client) {
        (Some(path), _) => {
            let from = path.display().to_string();
            let text = std::fs::read(path).map_err(|problem| unusable(&from, &problem))?;
            serde_json::from_slice(&text).map_err(|problem| unusable(&from, &problem))
        }
        (None, Some(client)) => {
            let value = client.send(Method::GET, KEYS, None).await?;
            serde_json::from_value(value).map_err(|problem| unusable("the server", &problem))
        }
        (None, None) => Err(Failure::usage("there is nothing to verify with")
            .hint(format!("say --server URL, or --key FILE with a server's {KEYS}"))),
    }
}

fn refusal(path: &Path, doubt: &Doubt) -> Failure {
    let failure = Failure::new(GATE, format!("{}: {doubt}", path.display()));
    match doubt {
        Doubt::UnknownKey(_) => failure.hint("take the keys of the server that issued it"),
        Doubt::NotAttested | Doubt::Changed => failure,
    }
}

fn print(out: &mut dyn Write, args: &VerifyArgs, attestation: &Attestation) -> Result<()> {
    let Attestation { report_id, key_id, .. } = attestation;
    match args.json {
        true => {
            let text = serde_json::to_string(attestation)
                .map_err(|error| Failure::other(error.to_string()))?;
            writeln!(out, "{text}")?;
        }
        false => {
            writeln!(out, "{}: unchanged, report {report_id}, key {key_id}", args.what)?;
        }
    }
    Ok(())
}

/// Asks a server about a report's id.
async fn ask(out: &mut dyn Write, args: &VerifyArgs, client: &Client) -> Result<()> {
    let id = &args.what;
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(Failure::usage(format!("`{id}` is neither a file nor a report's id")));
    }
    let path = format!("/v1/verify/{id}");
    let found = client.send(Method::GET, &path, None).await.map_err(|failure| {
        match failure.code == USAGE {
            true => Failure::new(GATE, format!("{id}: not issued there, or gone")),
            false => failure,
        }
    })?;
    match args.json {
        true => writeln!(out, "{found}")?,
        false => {
            let text = |name: &str| terminal(found[name].as_str().unwrap_or("-")).into_owned();
            let score = found["score"].as_u64().map_or("-".to_owned(), |score| score.to_string());
            writeln!(
                out,
                "{id}: issued by {}: {} {} {score}/100, scanned {}",
                text("issued_by"),
                text("domain"),
                text("grade"),
                text("scanned_at")
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use report::SigningKey;

    use super::*;

    fn args(what: &Path, key: Option<&Path>) -> VerifyArgs {
        let what = what.display().to_string();
        VerifyArgs {
            what,
            key: key.map(Path::to_owned),
            server: None,
            trust_root: None,
            json: false,
        }
    }

    #[tokio::test]
    async fn a_file_is_verified_with_keys_at_hand() {
        let folder = tempfile::tempdir().unwrap();
        let (file, keys) = (folder.path().join("report.pdf"), folder.path().join("keys.json"));
        let key = SigningKey::from_seed(&[7; 32]);
        std::fs::write(&keys, serde_json::to_vec(&PublicKeys::of([&key])).unwrap()).unwrap();
        let issued = key.attest_pdf("7Q4M-29XK", b"%PDF-1.7 score 74".to_vec());
        std::fs::write(&file, &issued).unwrap();
        let mut out = Vec::new();
        verify(&mut out, &args(&file, Some(&keys))).await.unwrap();
        assert!(String::from_utf8(out).unwrap().contains("unchanged, report 7Q4M-29XK"));

        let changed = String::from_utf8(issued).unwrap().replace("score 74", "score 94");
        std::fs::write(&file, changed).unwrap();
        let refused = verify(&mut Vec::new(), &args(&file, Some(&keys))).await.unwrap_err();
        assert!(refused.code == GATE && refused.to_string().contains("changed"), "{refused}");
        let nothing = verify(&mut Vec::new(), &args(&file, None)).await.unwrap_err();
        assert!(nothing.code == USAGE && nothing.to_string().contains("--key"), "{nothing}");
        let absent = args(&folder.path().join("absent"), Some(&keys));
        assert_eq!(verify(&mut Vec::new(), &absent).await.unwrap_err().code, USAGE);
        let wrong = verify(&mut Vec::new(), &args(&file, Some(&file))).await.unwrap_err();
        assert!(wrong.to_string().contains("holds no keys"), "{wrong}");
    }
}
