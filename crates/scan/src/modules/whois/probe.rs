use std::time::Duration;

use tokio::time::timeout;

use super::{Registration, WhoisEvidence, rdap, servers, text};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::Net;

/// How long all questions together may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks the registry about the registrable part of the domain: one RDAP question, or two to WHOIS
/// servers when that came to nothing.
pub(crate) async fn probe(net: &Net, target: &Target) -> WhoisEvidence {
    let name = target.domain.as_str();
    let Some(domain) = registered(name) else {
        let registration = Err(Missing(format!("{name} is not registered below a public suffix")));
        return WhoisEvidence { domain: name.to_owned(), registration };
    };
    let late = Err(Missing(format!("no registry answered within {} s", PATIENCE.as_secs())));
    let laboratory = target.domain.laboratory_label().is_some();
    let asked = timeout(PATIENCE, async {
        match laboratory {
            true => by_rdap(net, domain).await,
            false => ask(net, domain).await,
        }
    });
    WhoisEvidence { domain: domain.to_owned(), registration: asked.await.unwrap_or(late) }
}

/// Returns the part of a name that a registry knows. Below a suffix that is itself somebody's domain
/// (`github.io`) that is the suffix, not the customer's name.
fn registered(name: &str) -> Option<&str> {
    let suffix = psl::suffix(name.as_bytes())?;
    if suffix.typ() != Some(psl::Type::Private) {
        return psl::domain_str(name);
    }
    let mut own = name.get(name.len() - suffix.as_bytes().len()..)?;
    loop {
        let (_, parent) = own.split_once('.')?;
        let above = psl::suffix(parent.as_bytes())?;
        if above.as_bytes() == parent.as_bytes() && above.typ() != Some(psl::Type::Private) {
            return Some(own);
        }
        own = parent;
    }
}

async fn ask(net: &Net, domain: &str) -> Seen<Registration> {
    let rdap = match by_rdap(net, domain).await {
        Ok(registration) => return Ok(registration),
        Err(missing) => missing,
    };
    match text::ask(net, domain).await {
        Ok(Some(registration)) => Ok(registration),
        // Neither has a server for this suffix, which the operator alone can change.
        Ok(None) => Err(Missing(format!("{rdap}, and no WHOIS server either"))),
        // That RDAP has no server is no news then.
        Err(missing) if Missing::is_not_configured(&rdap.0) => Err(missing),
        Err(missing) => Err(Missing(format!("{rdap}; {missing}"))),
    }
}

async fn by_rdap(net: &Net, domain: &str) -> Seen<Registration> {
    let suffix = domain.rsplit('.').next().unwrap_or(domain);
    let base = net.providers().rdap.as_deref().or_else(|| servers::rdap(suffix));
    let base = base.ok_or_else(|| {
        let not_configured = Missing::not_configured("providers.rdap");
        Missing(format!("{not_configured}: no RDAP server is known for .{suffix}"))
    })?;
    rdap::ask(net, base, domain).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_know_names_below_their_suffixes() {
        for (name, known) in [
            ("shop.com", Some("shop.com")),
            ("a.b.shop.co.uk", Some("shop.co.uk")),
            ("me.github.io", Some("github.io")),
            ("github.io", Some("github.io")),
            ("www.shop.test", Some("shop.test")),
            ("co.uk", None),
            ("com", None),
        ] {
            assert_eq!(registered(name), known, "{name}");
        }
    }
}
