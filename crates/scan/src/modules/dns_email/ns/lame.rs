use model::Severity;

use super::Authority;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.lame",
    title: "A name server of the domain does not answer for it",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 1912, section 2.8; RFC 9499, section 7",
    why: "Every question that reaches this server is lost or asked again elsewhere, so the \
          domain is slow for some and gone when the others fail. Servers that were given up \
          can be taken over.",
    fix: "Set the zone up on the server, or remove it from the zone's NS records and at the \
          registrar.",
    careful: Some(paste::CAREFUL_NS),
    paste: paste::SECONDARY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let bad = ns.asked.iter().find_map(|server| match &server.authority {
        Ok(Authority::Lame(what)) => Some(format!("{} ({}): {what}", server.name, server.address)),
        _ => None,
    });
    if let Some(seen) = bad {
        return Ok(Verdict::Fail(seen));
    }
    let unseen = ns.asked.iter().find_map(|server| server.authority.as_ref().err());
    match unseen {
        Some(missing) => Err(missing.clone()),
        None if ns.asked.is_empty() => Err(Missing("no name server was asked directly".to_owned())),
        None => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::ns::servers::asked;
    use crate::modules::dns_email::ns::with_servers;
    #[test]
    fn every_server_knows_the_zone() {
        let judge = |evidence: &Evidence| judged(&CHECK, evidence);
        assert_eq!(
            judge(&asked(
                |server| server.authority = Ok(Authority::Lame("Query Refused".to_owned()))
            )),
            "fail: a.example.net (192.0.2.1): Query Refused"
        );
        assert_eq!(judge(&asked(|_| {})), "pass");
        let silent = asked(|server| server.authority = Err(Missing("silence".to_owned())));
        assert_eq!(judge(&silent), "missing: silence");
        assert_eq!(
            judge(&with_servers(&[("a.example.net", "192.0.2.1")])),
            "missing: no name server was asked directly"
        );
    }
}
