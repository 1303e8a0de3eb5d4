use model::Severity;

use super::permanent_error;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.multiple-records",
    title: "The domain has more than one SPF record",
    severity: Severity::High,
    cap: Some(74),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.5",
    why: "With two records the result is an error, so receivers treat the domain as if it \
          had no SPF at all.",
    fix: "Merge the records into one that begins with a single `v=spf1`.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let spf = evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?;
    let records = spf.texts.len();
    if records == 0 {
        return Ok(Verdict::NotApplicable("the domain publishes no SPF record"));
    }
    let several = (records > 1).then(|| format!("{records} TXT records begin with `v=spf1`"));
    permanent_error(evidence, spf, several)
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::mx::host;

    #[test]
    fn there_is_one_record() {
        assert_eq!(judged(&CHECK, &with_record("v=spf1 -all")), "pass");
        let mut two = with_record("v=spf1 -all");
        two.dns_email.as_mut().unwrap().spf.as_mut().unwrap().texts.push("v=spf1 mx".to_owned());
        assert_eq!(judged(&CHECK, &two), "fail: 2 TXT records begin with `v=spf1`");
        // Two that say that nobody sends do no harm where no mail is.
        let dns = two.dns_email.as_mut().unwrap();
        dns.spf.as_mut().unwrap().texts = vec!["v=spf1 -all".to_owned(); 2];
        dns.mx = Ok(Default::default());
        assert_eq!(
            judged(&CHECK, &two),
            "not applicable: the domain takes no mail and its SPF names no sender"
        );
        two.dns_email.as_mut().unwrap().mx = Ok(host("mx.example.com", 1, false));
        assert_eq!(judged(&CHECK, &two), "fail: 2 TXT records begin with `v=spf1`");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
