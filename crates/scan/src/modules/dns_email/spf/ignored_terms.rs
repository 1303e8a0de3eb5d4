use model::Severity;

use super::{Mechanism, NO_RECORD, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.ignored-terms",
    title: "SPF holds terms that nobody reads",
    severity: Severity::Info,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 5.1",
    why: "`all` matches every sender, so receivers ignore the mechanisms after it and any \
          `redirect=`. Senders listed there are refused.",
    fix: "Move the terms before `all`, or remove them.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let after = record.terms.iter().skip_while(|term| term.mechanism != Mechanism::All).skip(1);
    let mut ignored: Vec<_> = after.map(|term| format!("`{}`", term.text)).collect();
    if record.all().is_some() {
        let redirects = record.modifiers.iter().filter(|modifier| modifier.name == "redirect");
        ignored.extend(redirects.map(|modifier| format!("`redirect={}`", modifier.value)));
    }
    Ok(Verdict::fail_if(!ignored.is_empty(), || {
        format!("the record holds `all` and besides it, without effect, {}", ignored.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn all_is_the_last_word() {
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ~all mx redirect=a.example")),
            "fail: the record holds `all` and besides it, without effect, `mx`, `redirect=a.example`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 mx exp=why.example.com -all")), "pass");
        assert_eq!(judged(&CHECK, &with_record("v=spf1 redirect=a.example")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
