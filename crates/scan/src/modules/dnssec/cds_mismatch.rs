use model::Severity;

use super::{ChildRecords, chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.cds-mismatch",
    title: "The zone asks its parent for keys that it does not have",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 7344, sections 4 and 5",
    why: "CDS and CDNSKEY records tell the registry which keys to trust from now on. If it \
          follows these, the domain fails for every resolver that validates.",
    fix: "Publish CDS and CDNSKEY records of the keys that the zone serves, the same in both \
          types, or remove them.",
    careful: Some(paste::CAREFUL_DS),
    paste: paste::SIGNING,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if let Err(verdict) = signed_zone(evidence)? {
        return Ok(verdict);
    }
    let child = chain(evidence)?.child.as_ref().map_err(Clone::clone)?;
    Ok(match child {
        _ if child.count == 0 => {
            Verdict::NotApplicable("the zone publishes neither CDS nor CDNSKEY")
        }
        ChildRecords { stray_cds, .. } if !stray_cds.is_empty() => {
            Verdict::Fail(format!("the CDS record for key {} fits no key", stray_cds[0]))
        }
        ChildRecords { stray_cdnskey: 1.., .. } => {
            Verdict::Fail("a CDNSKEY record is no key of the zone".to_owned())
        }
        ChildRecords { disagree: true, .. } => {
            Verdict::Fail("CDS and CDNSKEY records name different keys".to_owned())
        }
        _ => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen};
    #[test]
    fn the_zone_asks_for_its_own_keys() {
        let judge = |child: ChildRecords| judged(&CHECK, &sound(|chain| chain.child = Ok(child)));
        let some = ChildRecords { count: 2, ..ChildRecords::default() };
        assert_eq!(judge(some.clone()), "pass");
        assert_eq!(
            judge(ChildRecords { stray_cds: vec![9], ..some.clone() }),
            "fail: the CDS record for key 9 fits no key"
        );
        assert_eq!(
            judge(ChildRecords { stray_cdnskey: 1, ..some.clone() }),
            "fail: a CDNSKEY record is no key of the zone"
        );
        assert_eq!(
            judge(ChildRecords { disagree: true, ..some }),
            "fail: CDS and CDNSKEY records name different keys"
        );
        assert_eq!(
            judge(ChildRecords::default()),
            "not applicable: the zone publishes neither CDS nor CDNSKEY"
        );
        assert_eq!(
            judged(&CHECK, &sound(|chain| chain.child = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
