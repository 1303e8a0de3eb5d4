use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::tags::{tags, value};

pub(super) const CHECK: Check = Check {
    id: "bimi.no-evidence",
    title: "The logo comes without evidence that it is yours",
    severity: Severity::Info,
    group: Group::MailAuthentication,
    standard: "draft-brand-indicators-for-message-identification, section 4.3",
    why: "The large mailbox providers show a logo only with a mark certificate (VMC or CMC).",
    fix: "Get a mark certificate, and name it in `a`.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    let [record] = records else { return Ok(Verdict::NotApplicable(NO_RECORD)) };
    let tags = tags(record).unwrap_or_default();
    let is_empty = |tag| value(&tags, tag).unwrap_or_default().is_empty();
    if is_empty("l") {
        return Ok(Verdict::NotApplicable("the record names no logo"));
    }
    Ok(Verdict::fail_if(is_empty("a"), || "there is no `a`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn a_logo_comes_with_a_certificate() {
        let judge =
            |text: &str| judged(&CHECK, &seen(|mail| mail.bimi = Ok(vec![text.to_owned()])));
        assert_eq!(judge("v=BIMI1; l=https://example.com/l.svg"), "fail: there is no `a`");
        assert_eq!(judge("v=BIMI1; l=https://example.com/l.svg; a=https://e.com/a.pem"), "pass");
        assert!(judge("v=BIMI1; l=;").starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.bimi = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
