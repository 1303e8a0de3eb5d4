use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ApiKey, Breach, BreachesEvidence, list};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::{Net, ProviderRequest};

/// Bytes of an answer that are read.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of a file that are read; the whole of Have I Been Pwned takes two million.
const MOST_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the operator's sources about the registrable part of the domain, the service with one
/// request.
pub(crate) async fn probe(net: &Net, target: &Target) -> BreachesEvidence {
    let sources = &net.providers().breaches;
    let name = target.domain.as_str();
    let domain = psl::domain_str(name).unwrap_or(name);
    let mut evidence = BreachesEvidence::default();
    if let Some(url) = &sources.url {
        evidence.sources.push(ask(net, url, sources.api_key.as_ref(), domain).await);
    }
    if let Some(path) = &sources.file {
        evidence.sources.push(look_up(path.clone(), domain.to_owned()).await);
    }
    evidence
}

async fn ask(net: &Net, base: &str, key: Option<&ApiKey>, domain: &str) -> Seen<Vec<Breach>> {
    let (host, response) = net
        .ask_provider(&ProviderRequest {
            setting: "providers.breaches",
            url: &format!("{base}/api/v3/breaches?Domain={domain}"),
            accept: "application/json",
            secret: key.map(|key| ("hibp-api-key", key.0.as_str())),
            most_bytes: MOST_BYTES,
            patience: PATIENCE,
        })
        .await?;
    match response.status {
        200 => list::read(&response.body, domain)
            .ok_or_else(|| Missing(format!("the provider {host} does not answer with breaches"))),
        401 | 403 => Err(Missing(format!("the provider {host} does not take the key"))),
        status => Err(Missing(format!("the provider {host} answers with status {status}"))),
    }
}

/// Looks into the file, on a thread that may wait for the disk.
async fn look_up(path: PathBuf, domain: String) -> Seen<Vec<Breach>> {
    let looked = tokio::task::spawn_blocking(move || read_file(&path, &domain)).await;
    looked.unwrap_or_else(|_| Err(Missing("`providers.breaches` was not read".to_owned())))
}

fn read_file(path: &Path, domain: &str) -> Seen<Vec<Breach>> {
    let failed = |reason: String| Missing(format!("`providers.breaches` cannot be read: {reason}"));
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut text = Vec::new();
    file.take(MOST_FILE_BYTES).read_to_end(&mut text).map_err(|error| failed(error.to_string()))?;
    list::read(&text, domain).ok_or_else(|| failed("it is no list of breaches".to_owned()))
}
