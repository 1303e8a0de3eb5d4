use model::Severity;

use super::registration;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.not-signed",
    title: "The registry has no DNSSEC key of the domain",
    severity: Severity::Info,
    group: Group::Registration,
    standard: "RFC 9083, section 5.3 (secureDNS)",
    why: "Without one, signatures over the zone convince nobody. The module about DNSSEC judges what \
          that means; here the registry says how it stands.",
    fix: "Sign the zone and hand its DS record to the registrar.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = registration(evidence)?;
    let untold = || Missing(format!("{} does not tell", registration.server));
    let signed = registration.signed.ok_or_else(untold)?;
    Ok(Verdict::fail_if(!signed, || "the delegation is not signed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_registry_has_a_key() {
        let judge = |signed| judged(&CHECK, &with(|it| it.signed = signed));
        assert_eq!(judge(Some(false)), "fail: the delegation is not signed");
        assert_eq!(judge(Some(true)), "pass");
        assert_eq!(judge(None), "missing: rdap.example does not tell");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
