//! Whether a domain belongs to whoever asks for intrusive probes.
//!
//! Each holder (an account of an instance, or the person at a command line) has a token of its own
//! for each registrable domain, and publishes it in one of two places: a TXT record at
//! `_compliancelayer.` below the domain, or below a parent of it up to the registrable domain; or a
//! file of the web server. A record covers its name and everything below, a file its host alone.
//!
//! Invariants: the proof is looked for at the start of every intrusive scan and never remembered.
//! Above the registrable domain nothing counts, since there others live too. Aliases and redirects
//! are not followed: they lead to who else may answer. The file is read through the guard. At most
//! [`MOST_RECORDS`] questions and [`MOST_ADDRESSES`] × 2 connections, [`TIMEOUT`] in all.

use std::time::Duration;

use hickory_proto::rr::RecordType;
use hmac::{Hmac, KeyInit, Mac};
use model::{DomainName, Looked, Ownership, Proof};
use sha2::Sha256;
use tokio::time::{Instant, timeout_at};

use crate::Target;
use crate::check::Seen;
use crate::net::{Answer, HttpRequest, HttpResponse, Net, NetError, Scheme};

/// The label below which the record is found.
const LABEL: &str = "_compliancelayer";
/// Where the file is found.
const FILE: &str = "/.well-known/compliancelayer-verification.txt";
/// What the published text begins with, so that its purpose can be told from it.
const PREFIX: &str = "compliancelayer-verification=";
/// Octets of a token; 160 bits cannot be guessed.
const TOKEN_OCTETS: usize = 20;
/// Names that are asked for the record, the domain itself first.
const MOST_RECORDS: usize = 10;
/// Addresses that are asked for the file.
const MOST_ADDRESSES: usize = 2;
/// Octets of the file that are looked at.
const MOST_OCTETS: usize = 4 * 1024;
/// How long looking may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// What a domain has to publish to be proven one holder's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    text: String,
}

impl Challenge {
    /// Derives the challenge of a holder for the registrable domain of `domain`, the same each time.
    /// Without `secret` nobody can tell what another holder's is.
    pub fn derive(secret: &[u8], holder: &str, domain: &DomainName) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of every length");
        for part in ["ownership", holder, registrable(domain)] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        let digest = mac.finalize().into_bytes();
        let token: String =
            digest.iter().take(TOKEN_OCTETS).map(|octet| format!("{octet:02x}")).collect();
        Self { text: format!("{PREFIX}{token}") }
    }

    /// Returns the text of the record and of the file: `compliancelayer-verification=…`.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Returns the part of a domain that is registered (public suffix list), or all of it when it is a
/// public suffix itself. One token is for all of it.
pub fn registrable(domain: &DomainName) -> &str {
    psl::domain_str(domain.as_str()).unwrap_or(domain.as_str())
}

/// Returns the name of the record that proves `name` and everything below.
pub fn record_name(name: &str) -> String {
    format!("{LABEL}.{name}")
}

/// Returns the URL of the file that proves `domain` alone; plain HTTP does as well.
pub fn file_url(domain: &DomainName) -> String {
    format!("https://{domain}{FILE}")
}

/// Looks for the proof. Always ends within [`TIMEOUT`].
pub(crate) async fn prove(net: &Net, target: &Target, challenge: &Challenge) -> Ownership {
    let mut looked = Vec::new();
    let mut unseen = false;
    let until = net.deadline().min(Instant::now() + TIMEOUT);
    let looking = look(net, target, challenge, &mut looked, &mut unseen);
    match timeout_at(until, looking).await {
        Ok(Some(proven)) => return proven,
        Ok(None) => {}
        Err(_) => {
            unseen = true;
            let seen = "the rest was not looked at, since the time was up".to_owned();
            looked.push(Looked { place: target.domain.to_string(), seen });
        }
    }
    if unseen { Ownership::Unseen { looked } } else { Ownership::NotProven { looked } }
}

async fn look(
    net: &Net,
    target: &Target,
    challenge: &Challenge,
    looked: &mut Vec<Looked>,
    unseen: &mut bool,
) -> Option<Ownership> {
    for name in names(&target.domain) {
        let place = record_name(name);
        let answer = net.lookup(&place, RecordType::TXT).await;
        *unseen |= answer.is_err();
        match read_record(answer, challenge) {
            Ok(()) => {
                let covers = name.to_owned();
                return Some(Ownership::Proven { by: Proof::Record, place, covers });
            }
            Err(seen) => looked.push(Looked { place, seen }),
        }
    }
    for scheme in [Scheme::Https, Scheme::Http] {
        for address in target.addresses.iter().take(MOST_ADDRESSES) {
            let place = format!("{}://{}{FILE}", scheme.as_str(), target.domain);
            let answer = net
                .http(&HttpRequest {
                    method: http::Method::GET,
                    scheme,
                    host: target.domain.as_str(),
                    address: *address,
                    port: scheme.default_port(),
                    path: FILE,
                    headers: &[],
                })
                .await;
            match read_file(answer, challenge) {
                Ok(()) => {
                    let covers = target.domain.to_string();
                    return Some(Ownership::Proven { by: Proof::File, place, covers });
                }
                Err(seen) => {
                    let seen = Looked { place, seen };
                    if !looked.contains(&seen) {
                        looked.push(seen);
                    }
                }
            }
        }
    }
    None
}

/// Returns the domain and its parents up to the registrable one.
fn names(domain: &DomainName) -> Vec<&str> {
    let top = registrable(domain);
    let mut names = vec![domain.as_str()];
    let mut name = domain.as_str();
    while name != top && names.len() < MOST_RECORDS {
        let Some((_, parent)) = name.split_once('.') else { break };
        name = parent;
        names.push(name);
    }
    names
}

fn read_record(answer: Seen<Answer>, challenge: &Challenge) -> Result<(), String> {
    let answer = answer.map_err(|missing| missing.to_string())?;
    if let Some(alias) = answer.aliases.first() {
        return Err(format!("is an alias of {alias}; the TXT record must be here itself"));
    }
    let texts = answer.texts();
    match () {
        () if texts.iter().any(|text| text.trim() == challenge.text) => Ok(()),
        () if texts.is_empty() => Err("there is no TXT record".to_owned()),
        () => Err(other_token(texts.iter().map(String::as_str))),
    }
}

fn read_file(answer: Result<HttpResponse, NetError>, challenge: &Challenge) -> Result<(), String> {
    let answer = answer.map_err(|error| error.to_string())?;
    match answer.status {
        200 => {}
        301 | 302 | 303 | 307 | 308 => {
            return Err(format!("answered {}; redirects are not followed", answer.status));
        }
        status => return Err(format!("answered {status}")),
    }
    let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(MOST_OCTETS)]);
    match body.lines().any(|line| line.trim() == challenge.text) {
        true => Ok(()),
        false => Err(other_token(body.lines())),
    }
}

/// Says what is there in the place of the token, without repeating a stranger's text.
fn other_token<'t>(mut texts: impl Iterator<Item = &'t str>) -> String {
    match texts.any(|text| text.trim().starts_with(PREFIX)) {
        true => "holds another token",
        false => "does not hold the token",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str) -> DomainName {
        DomainName::parse(name).unwrap()
    }

    #[test]
    fn a_token_is_one_holders_for_one_registrable_domain() {
        let token = |secret: &[u8], holder: &str, name: &str| {
            Challenge::derive(secret, holder, &domain(name)).text().to_owned()
        };
        let own = token(b"secret", "7", "shop.example.com");
        assert_eq!(own, token(b"secret", "7", "example.com"), "the same on each try");
        assert_eq!(own.len(), PREFIX.len() + 2 * TOKEN_OCTETS);
        assert_ne!(own, token(b"secret", "8", "example.com"));
        assert_ne!(own, token(b"secret", "7", "example.org"));
        assert_ne!(own, token(b"other", "7", "example.com"));
        assert_ne!(token(b"s", "a\0b", "c.com"), token(b"s", "a", "b.c.com"));
    }

    #[test]
    fn nothing_above_the_registrable_domain_is_asked() {
        let asked =
            |name: &str| names(&domain(name)).into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(asked("a.b.shop.co.uk"), ["a.b.shop.co.uk", "b.shop.co.uk", "shop.co.uk"]);
        assert_eq!(asked("shop.test"), ["shop.test"]);
        assert_eq!(asked("me.github.io"), ["me.github.io"]);
        assert_eq!(asked("github.io"), ["github.io"]);
        let deep = format!("{}shop.test", "a.".repeat(60));
        assert_eq!(asked(&deep).len(), MOST_RECORDS);
    }
}
