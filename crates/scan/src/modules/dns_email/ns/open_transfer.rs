use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.open-transfer",
    title: "A name server hands the whole zone to anybody",
    severity: Severity::High,
    cap: Some(74),
    group: Group::Dns,
    standard: "RFC 5936, section 5; RFC 9103, section 8",
    why: "One question shows every name of the domain, internal ones included: a map for \
          whoever is planning a way in.",
    fix: "Allow transfers to the zone's secondary servers only, by TSIG key and address.",
    careful: Some(
        "Secondary servers that are not listed stop following the zone and give it up after its \
         expiry: list all of them.",
    ),
    paste: paste::TRANSFER,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let bad = ns.asked.iter().find_map(|server| match &server.transfer {
        Ok(true) => Some(format!("{} ({}) begins a transfer", server.name, server.address)),
        _ => None,
    });
    if let Some(seen) = bad {
        return Ok(Verdict::Fail(seen));
    }
    let unseen = ns.asked.iter().find_map(|server| server.transfer.as_ref().err());
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
    fn the_zone_is_not_handed_out() {
        let judge = |evidence: &Evidence| judged(&CHECK, evidence);
        assert_eq!(
            judge(&asked(|server| server.transfer = Ok(true))),
            "fail: a.example.net (192.0.2.1) begins a transfer"
        );
        assert_eq!(judge(&asked(|_| {})), "pass");
        let silent = asked(|server| server.transfer = Err(Missing("silence".to_owned())));
        assert_eq!(judge(&silent), "missing: silence");
        assert_eq!(
            judge(&with_servers(&[("a.example.net", "192.0.2.1")])),
            "missing: no name server was asked directly"
        );
    }
}
