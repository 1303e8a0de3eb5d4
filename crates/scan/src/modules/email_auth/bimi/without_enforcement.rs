use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;

pub(super) const CHECK: Check = Check {
    id: "bimi.without-enforcement",
    title: "The logo is shown by nobody, since DMARC does not enforce",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "draft-brand-indicators-for-message-identification, section 7.1",
    why: "Mail programs show a logo only when DMARC asks for quarantine or rejection.",
    fix: "Change the DMARC policy to `quarantine` or `reject`, or remove the BIMI record.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    if records.is_empty() {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    }
    let enforced = evidence.mail()?.enforced.clone()?;
    Ok(Verdict::fail_if(!enforced, || {
        "there is a BIMI record without DMARC that enforces".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn bimi_needs_dmarc() {
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.enforced = Ok(false))),
            "fail: there is a BIMI record without DMARC that enforces"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        let none = seen(|mail| mail.bimi = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.bimi = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
