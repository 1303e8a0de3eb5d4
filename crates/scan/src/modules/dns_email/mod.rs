//! DNS and e-mail records: who may send mail for the domain, who may issue certificates for it,
//! and who answers for it.
//!
//! `probe` asks; `spf::record`, `dmarc::record`, `dkim::key` and `caa::issuer` parse one record
//! each and never fail, since telling people what is broken is the job; `spf::walk` follows
//! includes and keeps a ledger of what each cost, `dmarc::walk` finds the policy that applies,
//! `svcb` reads what browsers are told before they connect, `rpki` judges who announces the servers'
//! addresses. One file per check below the folder of its topic.
//!
//! All topics together ask at most about 120 questions, so that other modules keep some of the
//! scan's budget.
//!
//! To add a check: `<topic>/<problem>.rs`, its line in the topic's `CHECKS`, `cargo xtask docs`.

pub mod caa;
pub mod dkim;
pub mod dmarc;
#[cfg(test)]
mod known_cases;
pub mod mx;
pub mod ns;
mod paste;
mod probe;
#[cfg(test)]
mod probe_tests;
pub mod rpki;
pub mod spf;
pub mod svcb;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen};
use crate::net::Answer;

pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[
    mx::CHECKS,
    spf::CHECKS,
    dmarc::CHECKS,
    dkim::CHECKS,
    caa::CHECKS,
    ns::CHECKS,
    svcb::CHECKS,
    rpki::CHECKS,
];

/// Octets of one TXT record that are read; ten times what standards recommend.
const LONGEST_TEXT: usize = 4_096;

/// What DNS says about name and mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DnsEmailEvidence {
    pub mx: Seen<mx::MxEvidence>,
    pub spf: Seen<spf::SpfEvidence>,
    pub dmarc: Seen<dmarc::DmarcEvidence>,
    pub dkim: Seen<dkim::DkimEvidence>,
    pub caa: Seen<caa::CaaEvidence>,
    pub ns: Seen<ns::NsEvidence>,
    /// Reports from before it was asked for have none.
    #[serde(default = "svcb::unasked")]
    pub svcb: Seen<svcb::SvcbEvidence>,
    /// Whether the routes to the servers are allowed; reports from before it was asked have nothing seen.
    #[serde(default = "rpki::unasked")]
    pub rpki: Seen<rpki::RpkiEvidence>,
    /// Which kinds of addresses the domain itself has; reports from before it was asked have nothing
    /// seen.
    #[serde(default = "not_probed")]
    pub web: Seen<Families>,
}

fn not_probed() -> Seen<Families> {
    Err(Missing::not_probed())
}

/// Kinds of addresses that a name has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Families {
    pub ipv4: bool,
    pub ipv6: bool,
}

impl Default for DnsEmailEvidence {
    fn default() -> Self {
        Self {
            mx: Err(Missing::not_probed()),
            spf: Err(Missing::not_probed()),
            dmarc: Err(Missing::not_probed()),
            dkim: Err(Missing::not_probed()),
            caa: Err(Missing::not_probed()),
            ns: Err(Missing::not_probed()),
            svcb: svcb::unasked(),
            rpki: rpki::unasked(),
            web: not_probed(),
        }
    }
}

/// Returns the TXT records of one kind. A record too long to keep is not seen, since half of it
/// would be judged wrongly.
fn texts(answer: &Answer, wanted: impl Fn(&str) -> bool) -> Seen<Vec<String>> {
    let texts: Vec<_> = answer.texts().into_iter().filter(|text| wanted(text)).collect();
    if texts.iter().any(|text| text.len() > LONGEST_TEXT) {
        return Err(Missing(format!("a record is longer than {LONGEST_TEXT} octets")));
    }
    Ok(texts)
}

/// Joins what a finding lists; the first five stand for many.
fn listed(items: &[String]) -> String {
    const MOST: usize = 5;
    let shown = items.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Evidence with one part seen, for tests.
#[cfg(test)]
pub(crate) fn seen(fill: impl FnOnce(&mut DnsEmailEvidence)) -> crate::evidence::Evidence {
    let mut dns_email = DnsEmailEvidence::default();
    fill(&mut dns_email);
    crate::evidence::Evidence { dns_email: Some(dns_email), ..Default::default() }
}
