//! `compliancelayer ownership`: what shows that a domain is yours, which `scan --intrusive` takes.
//!
//! Without a server the text is derived from a secret of this user's, made at the first use: a file of
//! mode 0600 in their folder for data. Who loses it publishes a new text.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use http::Method;
use model::{DomainName, Ownership, Proof, Timestamp};
use scan::ownership::{Challenge, file_url, record_name, registrable};
use serde::{Deserialize, Serialize};
use server::clock::Clock;

use super::place::{Place, PlaceArgs};
use crate::failure::{Failure, GATE, NOT_TESTED, Result};
use crate::sources::data_home;

/// What stands for the account where there is none.
const HOLDER: &str = "local";
const SECRET_BYTES: usize = 32;

/// Say what proves that a domain is yours, and whether it is published
///
/// The intrusive profile takes this proof: `scan --intrusive`. Here the text is this user's on this
/// computer, with --server it is the account's. Exit codes: 0 proven, 1 not proven, 2 wrong usage, 4 key
/// refused, 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct OwnershipArgs {
    /// The domain
    #[arg(value_name = "DOMAIN")]
    domain: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is known of a domain, as the API says it.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    domain: String,
    covers: String,
    record: Record,
    file: File,
    proven: Option<bool>,
    place: Option<String>,
    by: Option<Proof>,
    checked_at: Option<Timestamp>,
    seen: Vec<Seen>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    url: String,
    content: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    place: String,
    seen: String,
}

pub(crate) async fn ownership(out: &mut dyn Write, args: &OwnershipArgs) -> Result<()> {
    let domain = DomainName::parse(&args.domain)
        .map_err(|problem| Failure::usage(format!("`{}` {problem}", args.domain)))?;
    let answer = match args.place.place()? {
        Place::There(client) => {
            let path = format!("/v1/ownership/{domain}/check");
            let body = client.send(Method::POST, &path, None).await?;
            serde_json::from_value(body).map_err(Failure::unreadable)?
        }
        Place::Here(engine) => here(&engine, &domain).await?,
    };
    match args.json {
        true => {
            serde_json::to_writer_pretty(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        false => print(out, &answer)?,
    }
    match answer.proven {
        Some(true) => Ok(()),
        _ => Err(Failure::new(GATE, format!("nothing shows that {domain} is yours"))),
    }
}

/// Returns the challenge of this user for a domain.
pub(crate) fn challenge(domain: &DomainName) -> Result<Challenge> {
    let folder = data_home().ok_or_else(|| {
        Failure::usage("there is no folder for what proves ownership").hint("set HOME")
    })?;
    Ok(Challenge::derive(&secret(&folder.join("compliancelayer"))?, HOLDER, domain))
}

/// Returns this user's challenge for a domain that is proven to be theirs now.
pub(crate) async fn proven(engine: &scan::Engine, domain: &DomainName) -> Result<Challenge> {
    let challenge = challenge(domain)?;
    let ownership = engine.prove(domain, &challenge, Clock::system().now()).await;
    if ownership.is_proven() {
        return Ok(challenge);
    }
    let seen = ownership.looked().first();
    let seen = seen.map(|one| format!(" ({}: {})", one.place, one.seen)).unwrap_or_default();
    Err(Failure::new(NOT_TESTED, format!("nothing shows that {domain} is yours{seen}")).hint(
        format!(
            "publish {} and scan again; `compliancelayer ownership {domain}` knows another way",
            zone_line(&record_name(registrable(domain)), challenge.text())
        ),
    ))
}

async fn here(engine: &scan::Engine, domain: &DomainName) -> Result<Answer> {
    let challenge = challenge(domain)?;
    let now = Clock::system().now();
    let ownership = engine.prove(domain, &challenge, now).await;
    let covers = registrable(domain);
    let text = challenge.text().to_owned();
    let seen = ownership.looked().iter();
    let seen = seen.map(|one| Seen { place: one.place.clone(), seen: one.seen.clone() }).collect();
    let record = Record { name: record_name(covers), kind: "TXT".to_owned(), value: text.clone() };
    let proven = Some(ownership.is_proven());
    let (by, place) = match ownership {
        Ownership::Proven { by, place, .. } => (Some(by), Some(place)),
        Ownership::NotProven { .. } | Ownership::Unseen { .. } => (None, None),
    };
    Ok(Answer {
        domain: domain.to_string(),
        covers: covers.to_owned(),
        record,
        file: File { url: file_url(domain), content: text },
        proven,
        place,
        by,
        checked_at: Some(now),
        seen,
    })
}

fn zone_line(name: &str, text: &str) -> String {
    format!("{name}. 3600 IN TXT \"{text}\"")
}

fn print(out: &mut dyn Write, answer: &Answer) -> Result<()> {
    let domain = &answer.domain;
    match &answer.place {
        Some(place) => writeln!(out, "{domain}: proven at {place}")?,
        None => writeln!(out, "{domain}: not proven")?,
    }
    for one in &answer.seen {
        writeln!(out, "  {}: {}", one.place, one.seen)?;
    }
    writeln!(out, "\nThis record covers {} and everything below:", answer.covers)?;
    writeln!(out, "  {}", zone_line(&answer.record.name, &answer.record.value))?;
    writeln!(out, "\nThis line in a file of the web server covers {domain} alone:")?;
    writeln!(out, "  {}\n  {}", answer.file.url, answer.file.content)?;
    Ok(())
}

/// Reads the secret in a folder, making it when it is missing.
fn secret(folder: &Path) -> Result<Vec<u8>> {
    let path = folder.join("ownership-key");
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", path.display()));
    match fs::metadata(&path) {
        Ok(about) if about.permissions().mode() & 0o077 != 0 => {
            let text = format!("{} can be read by others", path.display());
            return Err(Failure::usage(text).hint(format!("run `chmod 600 {}`", path.display())));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => make(folder, &path).map_err(failed)?,
        Err(error) => return Err(failed(error)),
    }
    let secret = fs::read(&path).map_err(failed)?;
    match secret.len() >= SECRET_BYTES {
        true => Ok(secret),
        false => Err(Failure::usage(format!("{} is not whole", path.display()))
            .hint("remove it; a new one is made, and with it new texts to publish")),
    }
}

/// Writes a new secret, in one step; if somebody else was faster theirs stays.
fn make(folder: &Path, path: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    // Temporary files have mode 0600.
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(&bytes)?;
    match draft.persist_noclobber(path) {
        Err(taken) if taken.error.kind() != ErrorKind::AlreadyExists => Err(taken.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_made_once_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("deep/down");
        let first = secret(&folder).unwrap();
        assert_eq!(first.len(), SECRET_BYTES);
        assert_eq!(secret(&folder).unwrap(), first);
        let path = folder.join("ownership-key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(secret(&folder).unwrap_err().to_string().contains("can be read by others"));
        fs::remove_file(&path).unwrap();
        assert_ne!(secret(&folder).unwrap(), first);
        fs::write(&path, "short").unwrap();
        assert!(secret(&folder).unwrap_err().to_string().contains("is not whole"));
    }

    #[test]
    fn the_text_names_record_and_file() {
        let answer = Answer {
            domain: "www.shop.test".to_owned(),
            covers: "shop.test".to_owned(),
            record: Record {
                name: "_compliancelayer.shop.test".to_owned(),
                kind: "TXT".to_owned(),
                value: "compliancelayer-verification=1".to_owned(),
            },
            file: File { url: "https://x/".to_owned(), content: "y".to_owned() },
            proven: Some(false),
            place: None,
            by: None,
            checked_at: None,
            seen: vec![Seen { place: "there".to_owned(), seen: "nothing".to_owned() }],
        };
        let mut out = Vec::new();
        print(&mut out, &answer).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("www.shop.test: not proven\n  there: nothing\n"), "{text}");
        let line = "_compliancelayer.shop.test. 3600 IN TXT \"compliancelayer-verification=1\"";
        assert!(text.contains(line), "{text}");
    }
}
