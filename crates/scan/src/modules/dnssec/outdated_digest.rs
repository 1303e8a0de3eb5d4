use model::Severity;

use super::signed_zone;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.outdated-digest",
    title: "The DS record has an outdated digest",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 9905, section 2; RFC 9904 with the IANA registry of DS digests",
    why: "A DS record with SHA-1 or the old GOST digest must not be published any more. Where \
          no other is beside it, resolvers may treat the zone as unsigned.",
    fix: "Publish a DS record with a SHA-256 digest (type 2) at the registrar and remove the \
          outdated ones.",
    careful: Some(paste::CAREFUL_DS),
    paste: paste::DS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let zone = match signed_zone(evidence)? {
        Ok(zone) => zone,
        Err(verdict) => return Ok(verdict),
    };
    if zone.ds.is_empty() {
        return Ok(Verdict::NotApplicable("the parent has no DS record"));
    }
    let name = |digest: u8| match digest {
        1 => Some("SHA-1"),
        3 => Some("GOST R 34.11-94"),
        _ => None,
    };
    let outdated = zone.ds.iter().find_map(|ds| Some((ds, name(ds.digest)?)));
    let alone = zone.ds.iter().all(|ds| name(ds.digest).is_some());
    Ok(outdated.map_or(Verdict::Pass, |(ds, name)| {
        let beside = if alone { "and no other stands beside it" } else { "beside a newer one" };
        Verdict::Fail(format!("the digest of key {} is {name}, {beside}", ds.tag))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{DsSeen, sound, unseen};
    #[test]
    fn a_digest_is_of_our_time() {
        let judge = |digests: &[u8]| {
            let evidence = sound(|chain| {
                let ds = |digest: &u8| DsSeen { tag: 7, algorithm: 13, digest: *digest };
                chain.zones[0].ds = digests.iter().map(ds).collect();
            });
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge(&[1]),
            "fail: the digest of key 7 is SHA-1, and no other stands beside it"
        );
        assert_eq!(judge(&[2, 1]), "fail: the digest of key 7 is SHA-1, beside a newer one");
        assert_eq!(judge(&[2, 4]), "pass");
        assert_eq!(judge(&[]), "not applicable: the parent has no DS record");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
