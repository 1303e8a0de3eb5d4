use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.stale-glue",
    title: "The parent zone gives another address for a name server than the domain itself",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 1034, section 4.2.2; RFC 1912, section 2.3",
    why: "Questions still go to the old address. Whoever holds it today can answer for the domain.",
    fix: "Correct the address at the registrar (host objects, glue records).",
    paste: paste::HOST_ADDRESS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let delegation = ns.delegation.as_ref().map_err(Clone::clone)?;
    if delegation.glue.is_empty() {
        return Ok(Verdict::NotApplicable("the parent zone gives no addresses"));
    }
    let mut unseen = None;
    for (name, address) in &delegation.glue {
        let Some(server) = ns.servers.iter().find(|server| server.name == *name) else { continue };
        match &server.addresses {
            // A server without addresses is another fault.
            Ok(own) if own.is_empty() || own.contains(address) => {}
            Ok(own) => {
                let own: Vec<String> = own.iter().map(ToString::to_string).collect();
                let (asked, own) = (&delegation.asked, own.join(", "));
                return Ok(Verdict::Fail(format!(
                    "{asked} says {name} is at {address}, the domain says {own}"
                )));
            }
            Err(missing) => unseen = Some(missing),
        }
    }
    unseen.map_or(Ok(Verdict::Pass), |missing| Err(missing.clone()))
}

#[cfg(test)]
mod tests {
    use super::super::delegation::delegated;
    use super::*;
    use crate::check::judged;

    #[test]
    fn both_sides_give_the_same_addresses() {
        let moved =
            delegated(|ns| ns.servers[1].addresses = Ok(vec!["203.0.113.1".parse().unwrap()]));
        assert_eq!(
            judged(&CHECK, &moved),
            "fail: a.gtld.example says ns2.example.com is at 198.51.100.1, the domain says \
             203.0.113.1"
        );
        assert_eq!(judged(&CHECK, &delegated(|_| {})), "pass");
        let unseen = delegated(|ns| ns.servers[0].addresses = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let bare = delegated(|ns| ns.delegation.as_mut().unwrap().glue.clear());
        assert_eq!(judged(&CHECK, &bare), "not applicable: the parent zone gives no addresses");
    }
}
