//! DNS and e-mail records: who may send mail for the domain, who may issue certificates for it,
//! and who answers for it.
//!
//! `probe` asks; `spf::record`, `dmarc::record` and `dkim::key` parse one record each and never
//! fail, since telling people what is broken is the job; `spf::walk` follows includes and keeps a
//! ledger of what each cost. One file per check below the folder of its topic.
//!
//! To add a check: `<topic>/<problem>.rs`, its line in the topic's `CHECKS`, `cargo xtask docs`.

pub mod caa;
pub mod dkim;
pub mod dmarc;
pub mod mx;
pub mod ns;
mod probe;
pub mod spf;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen};

pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] =
    &[mx::CHECKS, spf::CHECKS, dmarc::CHECKS, dkim::CHECKS, caa::CHECKS, ns::CHECKS];

/// What DNS says about name and mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DnsEmailEvidence {
    pub mx: Seen<mx::MxEvidence>,
    pub spf: Seen<spf::SpfEvidence>,
    pub dmarc: Seen<dmarc::DmarcEvidence>,
    pub dkim: Seen<dkim::DkimEvidence>,
    pub caa: Seen<caa::CaaEvidence>,
    pub ns: Seen<ns::NsEvidence>,
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
        }
    }
}

/// Evidence with one part seen, for tests.
#[cfg(test)]
pub(crate) fn seen(fill: impl FnOnce(&mut DnsEmailEvidence)) -> crate::evidence::Evidence {
    let mut dns_email = DnsEmailEvidence::default();
    fill(&mut dns_email);
    crate::evidence::Evidence { dns_email: Some(dns_email), ..Default::default() }
}
