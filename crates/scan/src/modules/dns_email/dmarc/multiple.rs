use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dmarc.multiple-records",
    title: "The domain has more than one DMARC record",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.10",
    why: "With two records receivers apply none of them, as if there were no DMARC.",
    fix: "Keep one TXT record at `_dmarc` of the domain and remove the others.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let dmarc = evidence.dns_email()?.dmarc.as_ref().map_err(Clone::clone)?;
    match dmarc.texts.len() {
        0 => Ok(Verdict::NotApplicable("the domain has no DMARC record")),
        1 => Ok(Verdict::Pass),
        records => Ok(Verdict::Fail(format!("{records} DMARC records stand side by side"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn there_is_one_record() {
        let mut two = with_record("v=DMARC1; p=reject");
        assert_eq!(judged(&CHECK, &two), "pass");
        two.dns_email
            .as_mut()
            .unwrap()
            .dmarc
            .as_mut()
            .unwrap()
            .texts
            .push("v=DMARC1; p=none".to_owned());
        assert_eq!(judged(&CHECK, &two), "fail: 2 DMARC records stand side by side");
    }
}
