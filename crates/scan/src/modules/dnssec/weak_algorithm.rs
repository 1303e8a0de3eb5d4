use model::Severity;

use super::signed_zone;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.weak-algorithm",
    title: "The zone is signed with an algorithm that is no longer allowed",
    severity: Severity::High,
    group: Group::Dns,
    standard: "RFC 9905, section 2; RFC 9906, section 2; RFC 9904 with the IANA registry of algorithm numbers",
    why: "Algorithms with SHA-1 or MD5, DSA and the old GOST algorithms must not be used to sign. \
          Resolvers drop them one by one and then treat the zone as unsigned.",
    fix: "Roll over to ECDSA P-256 (algorithm 13) with the steps of RFC 6781, section 4.1.4.",
    careful: Some(paste::CAREFUL_KEYS),
    paste: paste::SIGNING,
    run,
    ..Check::BASE
};

/// Algorithms that must not be used for signing, with their names.
const FORBIDDEN: &[(u8, &str)] = &[
    (1, "RSAMD5"),
    (3, "DSA"),
    (5, "RSASHA1"),
    (6, "DSA-NSEC3-SHA1"),
    (7, "RSASHA1-NSEC3-SHA1"),
    (12, "ECC-GOST"),
];

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let zone = match signed_zone(evidence)? {
        Ok(zone) => zone,
        Err(verdict) => return Ok(verdict),
    };
    let weak = zone.keys.iter().find_map(|key| {
        let (_, name) = FORBIDDEN.iter().find(|(number, _)| *number == key.algorithm)?;
        Some(format!("key {} uses {name} (algorithm {})", key.tag, key.algorithm))
    });
    Ok(weak.map_or(Verdict::Pass, Verdict::Fail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn sha1_is_over() {
        let judge = |algorithm: u8| {
            judged(&CHECK, &sound(|chain| chain.zones[0].keys[0].algorithm = algorithm))
        };
        assert_eq!(judge(7), "fail: key 7 uses RSASHA1-NSEC3-SHA1 (algorithm 7)");
        for allowed in [8, 10, 13, 14, 15, 16] {
            assert_eq!(judge(allowed), "pass", "{allowed}");
        }
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
