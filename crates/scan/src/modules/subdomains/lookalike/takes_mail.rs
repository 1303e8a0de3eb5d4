use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "lookalike.takes-mail",
    title: "Somebody takes mail at a name that is easily taken for this one",
    severity: Severity::Info,
    group: Group::Reputation,
    standard: "ISO/IEC 27001:2022, A.5.7",
    why: "Letters with a slip in the address arrive there, and letters from there look as if they came \
          from here, with SPF and DMARC in order. It is no defect of this domain, so it costs nothing.",
    fix: "Mark mail from these names at your mail gateway, tell those who pay invoices, and register the \
          names that matter yourself.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |look_alike| look_alike.takes_mail.clone())
}

#[cfg(test)]
mod tests {
    use super::super::with;
    use super::*;
    use crate::check::judged;

    #[test]
    fn nobody_takes_mail_at_a_name_like_it() {
        assert_eq!(judged(&CHECK, &with(Ok(true))), "fail: sh0p.example");
        assert_eq!(judged(&CHECK, &with(Ok(false))), "pass");
        assert_eq!(judged(&CHECK, &with(Err(Missing("silence".to_owned())))), "missing: silence");
    }
}
