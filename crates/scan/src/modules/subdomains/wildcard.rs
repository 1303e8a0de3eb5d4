use model::Severity;

use super::seen;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "subdomain.wildcard",
    title: "Every name below the domain exists",
    severity: Severity::Info,
    group: Group::Inventory,
    standard: "RFC 4592, section 2.1",
    why: "A wildcard record answers for names nobody set up, so a typo or a name made up by an \
          attacker leads to your servers, and what a name means cannot be seen in DNS.",
    fix: "List the names that are in use and remove the wildcard, or see that the servers \
          refuse names they do not know.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let wildcard = seen(evidence)?.wildcard.as_ref().ok_or_else(Missing::not_probed)?;
    let place = wildcard.as_ref().map_err(Clone::clone)?;
    let leads = place.exists && !(place.aliases.is_empty() && place.addresses.is_empty());
    Ok(Verdict::fail_if(leads, || {
        let addresses = place.addresses.iter().map(ToString::to_string);
        let ends: Vec<_> = place.aliases.iter().cloned().chain(addresses).collect();
        format!("a name that nobody uses leads to {}", ends.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Seen, judged};
    use crate::modules::subdomains::{Place, SubdomainsEvidence};
    #[test]
    fn a_name_nobody_uses_leads_nowhere() {
        let judge = |wildcard: Option<Seen<Place>>| {
            let subdomains = SubdomainsEvidence { wildcard, ..SubdomainsEvidence::default() };
            judged(&CHECK, &Evidence { subdomains: Some(subdomains), ..Evidence::default() })
        };
        let addresses = vec!["192.0.2.1".parse().unwrap()];
        let wildcard = Place { exists: true, addresses, ..Place::default() };
        assert_eq!(judge(Some(Ok(wildcard))), "fail: a name that nobody uses leads to 192.0.2.1");
        assert_eq!(judge(Some(Ok(Place::default()))), "pass");
        assert_eq!(judge(Some(Err(Missing("silence".to_owned())))), "missing: silence");
        assert_eq!(judge(None), "missing: not probed in this scan");
    }
}
