use model::Severity;

use super::{chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.removal-requested",
    title: "The zone asks its parent to switch DNSSEC off",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 8078, section 4",
    why: "A registry that reads these records removes the DS record, and the domain is no \
          longer protected. That is right before leaving DNSSEC and wrong otherwise.",
    fix: "Remove the CDS record `0 0 0 00` and the CDNSKEY record `0 3 0 AA==` unless DNSSEC is \
          meant to end.",
    careful: Some(paste::CAREFUL_DS),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if let Err(verdict) = signed_zone(evidence)? {
        return Ok(verdict);
    }
    let child = chain(evidence)?.child.as_ref().map_err(Clone::clone)?;
    Ok(Verdict::fail_if(child.removal, || "a CDS or CDNSKEY record asks for removal".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{ChildRecords, sound, unseen, unsign};
    #[test]
    fn nobody_asks_to_switch_dnssec_off() {
        let judge = |removal: bool| {
            let child = ChildRecords { removal, ..ChildRecords::default() };
            judged(&CHECK, &sound(|chain| chain.child = Ok(child)))
        };
        assert_eq!(judge(true), "fail: a CDS or CDNSKEY record asks for removal");
        assert_eq!(judge(false), "pass");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
