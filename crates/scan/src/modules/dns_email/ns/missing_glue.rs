use model::Severity;

use super::Delegation;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.missing-glue",
    title: "The parent zone does not give the address of a name server inside the domain",
    severity: Severity::High,
    group: Group::Dns,
    standard: "RFC 1034, section 4.2.1; RFC 9471, section 3",
    why: "To find the server one would have to ask the server itself. It is never asked; when all \
          are like this the domain cannot be reached at all.",
    fix: "Register the server's addresses at the registrar (host objects, glue records).",
    paste: paste::HOST_ADDRESS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let delegation = ns.delegation.as_ref().map_err(Clone::clone)?;
    let inside: Vec<&String> = inside(delegation, &ns.zone).collect();
    if inside.is_empty() {
        return Ok(Verdict::NotApplicable("no name server has a name inside the domain"));
    }
    let has_glue = |name: &&String| delegation.glue.iter().any(|(known, _)| known == *name);
    let bare: Vec<String> = inside.into_iter().filter(|name| !has_glue(name)).cloned().collect();
    Ok(Verdict::fail_if(!bare.is_empty(), || {
        format!("{} gives no address for {}", delegation.asked, listed(&bare))
    }))
}

/// Returns the servers whose names are in the zone that is delegated to them.
fn inside<'d>(delegation: &'d Delegation, zone: &str) -> impl Iterator<Item = &'d String> {
    delegation.servers.iter().filter(move |name| {
        name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::delegation::delegated;
    use super::*;
    use crate::check::judged;

    #[test]
    fn servers_inside_the_zone_come_with_addresses() {
        let bare = delegated(|ns| ns.delegation.as_mut().unwrap().glue.truncate(1));
        assert_eq!(
            judged(&CHECK, &bare),
            "fail: a.gtld.example gives no address for ns2.example.com"
        );
        assert_eq!(judged(&CHECK, &delegated(|_| {})), "pass");
        let elsewhere = delegated(|ns| {
            let delegation = ns.delegation.as_mut().unwrap();
            delegation.servers = vec!["ns.notexample.com".to_owned()];
            delegation.glue.clear();
        });
        assert_eq!(
            judged(&CHECK, &elsewhere),
            "not applicable: no name server has a name inside the domain"
        );
        let unseen = delegated(|ns| ns.delegation = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
