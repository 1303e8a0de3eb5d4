//! Mail in transit: whether it travels encrypted to the domain's mail servers, and whether senders
//! can insist on that (STARTTLS, MTA-STS, TLS-RPT, DANE), besides BIMI and reverse names.
//!
//! `probe` asks DNS, the hosts of policy and logo, at most four mail servers (`server`), and what mail
//! programs sign in to (`mailaccess`); `policy` reads an
//! MTA-STS policy, `tags` a record of `tag=value` pairs, `tlsa` matches DANE records with a chain.
//! One file per check below the folder of its topic.
//!
//! Where the scan may intrude, `injection` looks whether what came in clear counts under TLS.
//!
//! Invariants: nothing is sent but `EHLO`, `STARTTLS` and `QUIT` (`CAPABILITY` or `CAPA` where mail is
//! read), and `NOOP` by `injection`; nobody signs in; a mail server that cannot be
//! reached from here is not judged, since most networks block outgoing port 25; a domain without
//! mail has no questions to answer.
//!
//! To add a check: `<topic>/<problem>.rs`, its line in the topic's `CHECKS`, `cargo xtask docs`.

pub(crate) mod bimi;
mod dane;
pub(crate) mod injection;
mod mailaccess;
mod mtasts;
mod paste;
pub(crate) mod policy;
mod probe;
#[cfg(test)]
mod probe_tests;
mod ptr;
#[cfg(test)]
mod sample;
mod server;
mod starttls;
mod tags;
mod tlsa;
mod tlsrpt;

use std::net::IpAddr;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;
use crate::modules::ssl_tls::trust::Trust;
use crate::modules::ssl_tls::{ChainEvidence, Handshake};

#[cfg(test)]
pub(crate) use sample::showing;

pub use bimi::{Logo, Mark, MarkFacts, MarkLogo};
pub use mailaccess::{AccessAnswer, AccessPlace, MailAccess, Service};
pub use policy::{Mode, Policy};
pub use tlsa::TlsaRecord;

pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[
    starttls::CHECKS,
    mtasts::CHECKS,
    tlsrpt::CHECKS,
    dane::CHECKS,
    bimi::CHECKS,
    ptr::CHECKS,
    mailaccess::CHECKS,
];

/// Why no question of this module arises for most domains that have none.
const NO_MAIL: &str = "the domain declares no mail server";
/// Items that one sentence lists.
const MOST_LISTED: usize = 5;

/// What protects the domain's mail on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailEvidence {
    pub domain: String,
    /// The names of the MX records in order of preference, at most 20; none for a null MX.
    pub exchanges: Seen<Vec<String>>,
    /// The first four of them.
    pub servers: Vec<MailServer>,
    pub mta_sts: Seen<MtaSts>,
    /// The TLS-RPT records, at most three.
    pub tls_rpt: Seen<Vec<String>>,
    /// The BIMI records of the default selector, at most three.
    pub bimi: Seen<Vec<String>>,
    /// What came of fetching the logo, when one record names one. Reports from before it was
    /// fetched have none.
    #[serde(default)]
    pub bimi_logo: Option<Seen<Logo>>,
    /// What came of fetching the certificate that vouches for it.
    #[serde(default)]
    pub bimi_mark: Option<Seen<Mark>>,
    /// Whether DMARC asks receivers to quarantine or reject.
    pub enforced: Seen<bool>,
    /// How mail programs get at mail; reports from before that was looked at have nothing seen.
    #[serde(default = "not_probed")]
    pub access: Seen<MailAccess>,
}

fn not_probed<T>() -> Seen<T> {
    Err(Missing::not_probed())
}

/// One mail server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailServer {
    pub name: String,
    /// The address that was asked.
    pub address: Option<IpAddr>,
    pub session: Seen<Session>,
    /// What came of STARTTLS; `None` when it is not offered.
    pub tls: Option<MailTls>,
    /// Whether a command that came in clear is carried out under TLS; none when that was not tried,
    /// since the scan may not intrude at this server.
    #[serde(default)]
    pub injection: Option<Seen<bool>>,
    /// At most eight.
    pub tlsa: Seen<Vec<TlsaRecord>>,
    /// Whether the chain of trust to the TLSA records holds; asked when there are some.
    pub signed: Seen<bool>,
    /// One address of each family.
    pub reverse: Vec<Reverse>,
}

/// What a mail server says before anything is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The first word of the greeting, which ought to be the server's name.
    pub greeting_name: String,
    /// Keywords of the `EHLO` reply, at most 32.
    pub extensions: Vec<String>,
}

/// TLS after STARTTLS.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailTls {
    pub handshake: Seen<Handshake>,
    /// Why TLS did not come about although it is offered, when that is the server's doing.
    pub failed: Option<String>,
    pub chain: Seen<ChainEvidence>,
    /// Which of SSL 3.0, TLS 1.0 and TLS 1.1 are taken.
    pub old_versions: Seen<Vec<u16>>,
    /// The first broken suite that is taken in TLS 1.2.
    pub broken_suite: Seen<Option<u16>>,
}

/// The names of an address, and whether one leads back to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverse {
    pub address: IpAddr,
    /// At most four.
    pub names: Seen<Vec<String>>,
    pub confirmed: Seen<bool>,
}

/// The MTA-STS record, and what stands behind it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MtaSts {
    /// At most three.
    pub records: Vec<String>,
    /// Asked for when there is one record.
    pub fetched: Option<Seen<Fetched>>,
}

/// What came of fetching the policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fetched {
    /// The policy host has no address.
    NoHost,
    /// The host refused, or TLS failed.
    NoTls(String),
    Answered {
        chain: Seen<ChainEvidence>,
        status: u16,
        policy: Policy,
    },
}

/// What one server's answer to a question is.
enum Heard {
    Fine,
    Bad(String),
    /// The question does not arise.
    Nothing,
}

impl Heard {
    fn bad_if(bad: bool, seen: impl FnOnce() -> String) -> Self {
        if bad { Self::Bad(seen()) } else { Self::Fine }
    }
}

/// Judges the mail servers one by one. A bad answer of one is a finding whatever the others say,
/// and a question that arises nowhere does not apply, for the reason `none`.
fn judge_servers(
    evidence: &Evidence,
    none: &'static str,
    question: impl Fn(&MailServer) -> Seen<Heard>,
) -> Result<Verdict, Missing> {
    let mail = evidence.mail()?;
    if mail.exchanges.as_ref().map_err(Clone::clone)?.is_empty() {
        return Ok(Verdict::NotApplicable(NO_MAIL));
    }
    let (mut bad, mut unseen, mut fine) = (Vec::new(), None, false);
    for server in &mail.servers {
        match question(server) {
            Ok(Heard::Bad(seen)) => bad.push(format!("{} {seen}", server.name)),
            Ok(Heard::Fine) => fine = true,
            Ok(Heard::Nothing) => {}
            Err(missing) => unseen = Some(missing),
        }
    }
    match unseen {
        _ if !bad.is_empty() => Ok(Verdict::Fail(listed(&bad))),
        Some(missing) => Err(missing),
        None if fine => Ok(Verdict::Pass),
        None => Ok(Verdict::NotApplicable(none)),
    }
}

/// Judges TLS of every mail server that offers it.
fn judge_tls(
    evidence: &Evidence,
    question: impl Fn(&MailTls) -> Seen<Heard>,
) -> Result<Verdict, Missing> {
    judge_servers(evidence, "no mail server offers STARTTLS", |server| {
        server.session.as_ref().map_err(Clone::clone)?;
        server.tls.as_ref().map_or(Ok(Heard::Nothing), &question)
    })
}

/// Judges the certificate of every mail server that offers TLS.
fn judge_chains(
    evidence: &Evidence,
    problem: impl Fn(&ChainEvidence) -> Option<String>,
) -> Result<Verdict, Missing> {
    judge_tls(evidence, |tls| {
        let chain = tls.chain.as_ref().map_err(Clone::clone)?;
        Ok(problem(chain).map_or(Heard::Fine, Heard::Bad))
    })
}

/// Returns why senders that look at a certificate refuse it, as a clause.
fn chain_problem(chain: &ChainEvidence, now: Timestamp) -> Option<String> {
    date_problem(chain, now).or_else(|| trust_problem(chain)).or_else(|| name_problem(chain))
}

fn date_problem(chain: &ChainEvidence, now: Timestamp) -> Option<String> {
    let leaf = chain.certificates.first()?;
    if leaf.not_after < now {
        return Some("has a certificate that has expired".to_owned());
    }
    (leaf.not_before > now).then(|| "has a certificate that is not valid yet".to_owned())
}

fn trust_problem(chain: &ChainEvidence) -> Option<String> {
    match &chain.trust {
        Trust::Trusted => None,
        Trust::SelfSigned => Some("has a certificate that vouches for itself".to_owned()),
        Trust::Incomplete(issuer) => Some(format!("does not send the certificate of `{issuer}`")),
        Trust::Untrusted(reason) => Some(format!("has a certificate nobody trusts: {reason}")),
    }
}

fn name_problem(chain: &ChainEvidence) -> Option<String> {
    let names = &chain.certificates.first()?.names;
    (!chain.name_matches).then(|| match names.as_slice() {
        [] => "has a certificate that names no host".to_owned(),
        names => format!("has a certificate for {}", listed(names)),
    })
}

/// Joins what a finding lists; the first few stand for many.
fn listed(items: &[String]) -> String {
    let shown = items.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
