//! How people's mail programs reach their mail: whether the services that the domain announces with
//! SRV records (RFC 6186), or that its own mail server has, speak TLS from the first byte on and how
//! well (RFC 8314, updated by RFC 8997).
//!
//! `look` asks, each file besides is one check. A service that nobody announced and that does not
//! answer is none.

mod certificate;
mod cleartext;
pub(super) mod look;
mod no_implicit_tls;
mod old_tls;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;
use crate::modules::ssl_tls::ChainEvidence;

pub(super) const CHECKS: &[Check] =
    &[cleartext::CHECK, certificate::CHECK, old_tls::CHECK, no_implicit_tls::CHECK];

/// What the domain offers to mail programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailAccess {
    /// The services that SRV records announce.
    pub announced: Vec<Service>,
    /// Those of them that were looked at, or those that the domain's own mail server has.
    pub places: Vec<AccessPlace>,
}

/// A service for mail programs, as its SRV record names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    Imaps,
    Imap,
    Pop3s,
    Pop3,
    Submissions,
    Submission,
}

impl Service {
    pub(super) const ALL: [Self; 6] =
        [Self::Imaps, Self::Imap, Self::Pop3s, Self::Pop3, Self::Submissions, Self::Submission];

    /// Returns the name in SRV records and the port (RFC 6186, section 3; RFC 8314, section 7).
    pub fn name_and_port(self) -> (&'static str, u16) {
        match self {
            Self::Imaps => ("imaps", 993),
            Self::Imap => ("imap", 143),
            Self::Pop3s => ("pop3s", 995),
            Self::Pop3 => ("pop3", 110),
            Self::Submissions => ("submissions", 465),
            Self::Submission => ("submission", 587),
        }
    }

    /// Returns the same service with TLS from the first byte on; none when this is it.
    pub(super) fn implicit(self) -> Option<Self> {
        match self {
            Self::Imap => Some(Self::Imaps),
            Self::Pop3 => Some(Self::Pop3s),
            Self::Submission => Some(Self::Submissions),
            _ => None,
        }
    }
}

/// One service at one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPlace {
    pub service: Service,
    pub host: String,
    /// The address that was asked.
    pub address: Option<IpAddr>,
    pub answer: Seen<AccessAnswer>,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessAnswer {
    /// TLS from the first byte on.
    Tls {
        chain: Seen<ChainEvidence>,
        /// Which of SSL 3.0, TLS 1.0 and TLS 1.1 are taken.
        old_versions: Seen<Vec<u16>>,
    },
    /// It begins in clear.
    Clear { offers_tls: bool },
}

/// What one place says to a question.
enum Told {
    Bad(String),
    Fine,
    /// The question does not arise there.
    Nothing,
}

/// Judges every place; nothing is passed while one was silent.
fn judge_places(
    evidence: &Evidence,
    question: impl Fn(&AccessAnswer) -> Seen<Told>,
) -> Result<Verdict, Missing> {
    let access = access(evidence)?;
    let (mut bad, mut unseen, mut fine) = (Vec::new(), None, false);
    for place in &access.places {
        let told = place.answer.as_ref().map_err(Clone::clone).and_then(&question);
        let (name, port) = place.service.name_and_port();
        match told {
            Ok(Told::Bad(what)) => bad.push(format!("{} {what} ({name}, port {port})", place.host)),
            Ok(Told::Fine) => fine = true,
            Ok(Told::Nothing) => {}
            Err(missing) => unseen = Some(Missing(format!("{} ({name}): {missing}", place.host))),
        }
    }
    match unseen {
        _ if !bad.is_empty() => Ok(Verdict::Fail(super::listed(&bad))),
        Some(missing) => Err(missing),
        None if fine => Ok(Verdict::Pass),
        None => Ok(Verdict::NotApplicable("no such service for mail programs is known")),
    }
}

fn access(evidence: &Evidence) -> Seen<&MailAccess> {
    evidence.mail()?.access.as_ref().map_err(Clone::clone)
}

/// The evidence of a domain that announces services, with what one of them answers, for tests.
#[cfg(test)]
fn announcing(announced: &[Service], service: Service, answer: Seen<AccessAnswer>) -> Evidence {
    super::sample::seen(|mail| {
        let host = "mail.example.com".to_owned();
        let places = vec![AccessPlace { service, host, address: None, answer }];
        mail.access = Ok(MailAccess { announced: announced.to_vec(), places });
    })
}

/// What a well-kept service answers, with one thing changed, for tests.
#[cfg(test)]
fn implicit(change: impl FnOnce(&mut ChainEvidence, &mut Vec<u16>)) -> Evidence {
    let (mut chain, mut old) = (super::sample::chain("mail.example.com"), Vec::new());
    change(&mut chain, &mut old);
    let answer = AccessAnswer::Tls { chain: Ok(chain), old_versions: Ok(old) };
    announcing(&[Service::Imaps], Service::Imaps, Ok(answer))
}

/// A service that does not answer, for tests.
#[cfg(test)]
fn unanswered() -> Evidence {
    announcing(&[Service::Imaps], Service::Imaps, Err(Missing("silence".to_owned())))
}
