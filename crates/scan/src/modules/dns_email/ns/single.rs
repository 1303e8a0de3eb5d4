use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.single",
    title: "The domain has a single name server",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 2182, section 5",
    why: "When the one server is down, the domain is gone: no web, no mail.",
    fix: "Add a second name server at another place.",
    careful: Some(paste::CAREFUL_NS),
    paste: paste::NS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    match (ns.count, ns.servers.first()) {
        (1, Some(server)) => {
            Ok(Verdict::Fail(format!("{} alone answers for {}", server.name, ns.zone)))
        }
        (2.., _) => Ok(Verdict::Pass),
        _ => Err(Missing("no name servers were seen".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_servers;
    use super::*;
    use crate::check::judged;

    #[test]
    fn two_answer_for_the_domain() {
        assert_eq!(
            judged(&CHECK, &with_servers(&[("a.example.net", "192.0.2.1")])),
            "fail: a.example.net alone answers for example.com"
        );
        assert_eq!(
            judged(
                &CHECK,
                &with_servers(&[("a.example.net", "192.0.2.1"), ("b.example.net", "192.0.2.2")])
            ),
            "pass"
        );
        assert_eq!(judged(&CHECK, &with_servers(&[])), "missing: no name servers were seen");
    }
}
