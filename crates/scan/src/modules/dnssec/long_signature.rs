use model::Severity;

use super::{Signature, chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dnssec.long-signature",
    title: "DNSSEC signatures are valid for very long",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 6781, section 4.4.2",
    why: "Whoever recorded old answers can play them again until their signatures end, long \
          after the records changed.",
    fix: "Sign for one to four weeks and renew well before the end.",
    run,
    ..Check::BASE
};

/// Seconds above which Zonemaster and others warn.
const LONGEST: i64 = 180 * DAY;
const DAY: i64 = 24 * 60 * 60;

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if let Err(verdict) = signed_zone(evidence)? {
        return Ok(verdict);
    }
    let lifetime = |signature: &&Signature| signature.expiration - signature.inception;
    let longest = chain(evidence)?.own_signatures().max_by_key(lifetime);
    let longest = longest.map(|signature| (lifetime(&signature), signature));
    Ok(match longest {
        Some((lifetime, signature)) if lifetime > LONGEST => Verdict::Fail(format!(
            "the signature over {} of {} is valid for {} days",
            signature.covers,
            signature.name,
            lifetime / DAY
        )),
        Some(_) => Verdict::Pass,
        None => Verdict::NotApplicable("no signature of the zone was seen"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn signatures_do_not_live_for_years() {
        let judge = |lifetime: i64| {
            let evidence = sound(|chain| {
                let signature = &mut chain.zones[0].signatures[0];
                signature.inception = signature.expiration - lifetime;
            });
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge(365 * DAY),
            "fail: the signature over DNSKEY of example.com is valid for 365 days"
        );
        assert_eq!(judge(LONGEST), "pass");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
