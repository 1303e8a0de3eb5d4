use model::Severity;

use super::signed_zone;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.short-key",
    title: "A signing key of the zone is too short",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "NIST SP 800-57 Part 1 Rev. 5, section 5.6.1.1; RFC 6781, section 3.4.2",
    why: "An RSA key under 2,048 bits has less than 112 bits of security. Who factors it can \
          sign answers for the domain.",
    fix: "Roll over to ECDSA P-256 (algorithm 13), which is shorter on the wire and stronger, \
          or to RSA keys of 2,048 bits.",
    careful: Some(paste::CAREFUL_KEYS),
    paste: paste::SIGNING,
    run,
    ..Check::BASE
};

/// The shortest modulus with 112 bits of security.
const SHORTEST: u32 = 2_048;

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let zone = match signed_zone(evidence)? {
        Ok(zone) => zone,
        Err(verdict) => return Ok(verdict),
    };
    let lengths = zone.keys.iter().filter_map(|key| Some((key.bits?, key.tag)));
    let shortest = lengths.min().filter(|(bits, _)| *bits < SHORTEST);
    Ok(shortest.map_or(Verdict::Pass, |(bits, tag)| {
        Verdict::Fail(format!("key {tag} is an RSA key of {bits} bits"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn rsa_keys_have_2048_bits() {
        let judge = |bits| judged(&CHECK, &sound(|chain| chain.zones[0].keys[0].bits = bits));
        assert_eq!(judge(Some(1_024)), "fail: key 7 is an RSA key of 1024 bits");
        assert_eq!(judge(Some(2_048)), "pass");
        assert_eq!(judge(None), "pass");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
