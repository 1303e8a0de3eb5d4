use model::Severity;

use super::{Insecurity, Security, chain};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.unsigned",
    title: "The domain is not signed with DNSSEC",
    severity: Severity::Medium,
    points: Some(40),
    group: Group::Dns,
    standard: "RFC 9364, section 2",
    why: "Whoever can answer a resolver first can send visitors and mail elsewhere, and nobody \
          can tell. Certificate authorities and mail servers that check DNSSEC gain nothing \
          from this domain.",
    fix: "Switch signing on at the DNS provider, then give the DS record it shows to the \
          registrar.",
    careful: Some(paste::CAREFUL_DS),
    paste: paste::SIGNING,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let chain = chain(evidence)?;
    let has_keys = chain.own().is_some_and(|zone| !zone.keys.is_empty());
    Ok(match &chain.security {
        Security::Insecure(Insecurity::NoDs(zone)) if !has_keys => {
            Verdict::Fail(match *zone == chain.apex {
                true => format!("{zone} has neither keys nor a DS record"),
                false => format!("{zone}, above {}, has no DS record", chain.apex),
            })
        }
        _ => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn a_zone_is_signed_or_not() {
        assert_eq!(
            judged(&CHECK, &sound(unsign)),
            "fail: example.com has neither keys nor a DS record"
        );
        let above = sound(|chain| {
            unsign(chain);
            chain.apex = "www.example.com".to_owned();
        });
        assert_eq!(
            judged(&CHECK, &above),
            "fail: example.com, above www.example.com, has no DS record"
        );
        assert_eq!(judged(&CHECK, &sound(|_| {})), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
