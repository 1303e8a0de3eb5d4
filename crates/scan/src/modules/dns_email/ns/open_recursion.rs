use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.open-recursion",
    title: "A name server looks up names of others for anybody",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 5358, section 4",
    why: "Anybody can use the server to flood others, and to slip false answers into its \
          cache, from which the domain's own users may read.",
    fix: "Switch recursion off on servers that answer for zones, or allow it to your own \
          networks only.",
    careful: Some(
        "Machines that use the server as their resolver lose all names: give them another one \
         first.",
    ),
    paste: paste::NO_RECURSION,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let bad = ns.asked.iter().find_map(|server| match &server.recursion {
        Ok(true) => Some(format!("{} ({}) answers for other zones", server.name, server.address)),
        _ => None,
    });
    if let Some(seen) = bad {
        return Ok(Verdict::Fail(seen));
    }
    let unseen = ns.asked.iter().find_map(|server| server.recursion.as_ref().err());
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
    fn servers_answer_for_their_own_zones() {
        let judge = |evidence: &Evidence| judged(&CHECK, evidence);
        assert_eq!(
            judge(&asked(|server| server.recursion = Ok(true))),
            "fail: a.example.net (192.0.2.1) answers for other zones"
        );
        assert_eq!(judge(&asked(|_| {})), "pass");
        let silent = asked(|server| server.recursion = Err(Missing("silence".to_owned())));
        assert_eq!(judge(&silent), "missing: silence");
        assert_eq!(
            judge(&with_servers(&[("a.example.net", "192.0.2.1")])),
            "missing: no name server was asked directly"
        );
    }
}
