use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;

pub(super) const CHECK: Check = Check {
    id: "ns.delegation-differs",
    title: "The parent zone names other name servers than the domain itself",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 1034, section 4.2.2; RFC 1912, section 2.3",
    why: "Resolvers start with the parent's list and go on with the domain's. A server that is on \
          one list alone was forgotten: it answers with old data, or can be taken over by whoever \
          gets its name.",
    fix: "Make the list at the registrar equal to the NS records of the zone.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let delegation = ns.delegation.as_ref().map_err(Clone::clone)?;
    if ns.servers.len() < ns.count {
        return Err(Missing("not every name server was looked at".to_owned()));
    }
    let own: Vec<String> = ns.servers.iter().map(|server| server.name.clone()).collect();
    let without = |some: &[String], others: &[String]| {
        some.iter().filter(|name| !others.contains(name)).cloned().collect::<Vec<_>>()
    };
    let (above, here) = (without(&delegation.servers, &own), without(&own, &delegation.servers));
    let said = [("the parent alone names", above), ("the domain alone names", here)];
    let said: Vec<String> = said
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(who, names)| format!("{who} {}", listed(names)))
        .collect();
    Ok(Verdict::fail_if(!said.is_empty(), || said.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::super::delegation::delegated;
    use super::*;
    use crate::check::judged;

    #[test]
    fn both_sides_name_the_same_servers() {
        let with = |names: &[&str]| {
            judged(
                &CHECK,
                &delegated(|ns| {
                    ns.delegation.as_mut().unwrap().servers =
                        names.iter().map(|name| (*name).to_owned()).collect();
                }),
            )
        };
        assert_eq!(
            with(&["ns1.example.com", "ns9.example.org"]),
            "fail: the parent alone names ns9.example.org; the domain alone names ns2.example.com"
        );
        assert_eq!(with(&["ns1.example.com"]), "fail: the domain alone names ns2.example.com");
        assert_eq!(judged(&CHECK, &delegated(|_| {})), "pass");
        let unseen = delegated(|ns| ns.delegation = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        assert_eq!(
            judged(&CHECK, &delegated(|ns| ns.count = 9)),
            "missing: not every name server was looked at"
        );
    }
}
