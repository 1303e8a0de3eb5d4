use model::Severity;

use super::{Insecurity, Security, UNSIGNED, broken_above, chain};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.no-ds",
    title: "The zone is signed, but its parent does not say so",
    severity: Severity::Medium,
    points: Some(40),
    group: Group::Dns,
    standard: "RFC 4035, section 5.2",
    why: "Without a DS record in the parent no resolver looks at the signatures: the work is \
          done and nothing is protected.",
    fix: "Give the DS record of the key signing key to the registrar, or let the registry \
          fetch it from CDS records.",
    careful: Some(paste::CAREFUL_DS),
    paste: paste::DS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let chain = chain(evidence)?;
    let Some(zone) = chain.own().filter(|zone| !zone.keys.is_empty()) else {
        return match &chain.security {
            Security::Bogus(broken) => Err(broken_above(broken)),
            Security::Insecure(_) | Security::Secure => Ok(UNSIGNED),
        };
    };
    Ok(match &chain.security {
        Security::Insecure(Insecurity::NoDs(above)) if *above != zone.name => {
            Verdict::NotApplicable("a zone above the domain's is not signed")
        }
        Security::Insecure(Insecurity::NoDs(_)) => {
            Verdict::Fail(format!("{} serves {} keys", zone.name, zone.keys.len()))
        }
        _ => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{Chain, sound, unseen, unsign};
    #[test]
    fn signatures_need_a_parent_that_vouches() {
        let island = |chain: &mut Chain| {
            chain.zones[0].ds.clear();
            chain.security = Security::Insecure(Insecurity::NoDs("example.com".to_owned()));
        };
        assert_eq!(judged(&CHECK, &sound(island)), "fail: example.com serves 1 keys");
        let above = sound(|chain| {
            chain.security = Security::Insecure(Insecurity::NoDs("com".to_owned()));
        });
        assert_eq!(
            judged(&CHECK, &above),
            "not applicable: a zone above the domain's is not signed"
        );
        assert_eq!(judged(&CHECK, &sound(|_| {})), "pass");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
