use std::net::IpAddr;

use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use super::PORT;
use super::certificate::{self, CertificateFacts};
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Names of the certificate that are kept.
const MOST_NAMES: usize = 5;

/// The same site under its other usual name: with `www.` when the domain has none, and without it
/// when it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterpart {
    pub name: String,
    pub address: IpAddr,
    /// Whom the certificate is for, at most five names.
    pub names: Vec<String>,
    pub name_matches: bool,
    /// Its certificate; reports from before it was kept have none.
    #[serde(default)]
    pub leaf: Option<CertificateFacts>,
}

/// Shakes hands with the counterpart, if there is one.
pub(super) async fn look(net: &Net, domain: &str) -> Seen<Option<Counterpart>> {
    let name = match domain.strip_prefix("www.") {
        Some(bare) => bare.to_owned(),
        None => format!("www.{domain}"),
    };
    let (allowed, refused) = net.addresses(&name).await?;
    let address = match (allowed.first(), refused.first()) {
        (Some(address), _) => *address,
        (None, Some((address, reason))) => return Err(Missing(format!("{address} is {reason}"))),
        (None, None) => return Ok(None),
    };
    let session = net.tls(address, PORT, &name).await;
    let session = session.map_err(|error| Missing(format!("{name} at {address}: {error}")))?;
    let leaf = session.chain.first();
    let leaf = leaf.ok_or_else(|| Missing(format!("{name} sent no certificate")))?;
    Ok(Some(counterpart(name, address, leaf)))
}

fn counterpart(name: String, address: IpAddr, leaf: &CertificateDer<'_>) -> Counterpart {
    let facts = CertificateFacts::read(leaf);
    let names = facts.as_ref().map(|facts| facts.names.clone()).unwrap_or_default();
    Counterpart {
        name_matches: certificate::is_for(leaf, &name),
        names: names.into_iter().take(MOST_NAMES).collect(),
        name,
        address,
        leaf: facts,
    }
}
