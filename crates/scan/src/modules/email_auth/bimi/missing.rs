use model::Severity;

use super::records;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;

pub(super) const CHECK: Check = Check {
    id: "bimi.missing",
    title: "The domain shows no logo in mail programs",
    severity: Severity::Info,
    group: Group::MailAuthentication,
    standard: "draft-brand-indicators-for-message-identification, section 4",
    why: "BIMI lets mail programs show a logo beside mail that DMARC has proven genuine. It \
          is a reward, no protection.",
    fix: "Publish a BIMI record once DMARC enforces a policy.",
    paste: &[Paste {
        tool: Tool::Dns,
        text: "default._bimi.{domain}. IN TXT \"v=BIMI1; l=https://{domain}/YOUR-LOGO.svg; a=https://{domain}/YOUR-MARK.pem\"",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if !evidence.mail()?.enforced.clone()? {
        return Ok(Verdict::NotApplicable("DMARC does not enforce a policy, which BIMI needs"));
    }
    let Some(records) = records(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    Ok(Verdict::fail_if(records.is_empty(), || "there is no BIMI record".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn only_enforcing_domains_need_one() {
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.bimi = Ok(Vec::new()))),
            "fail: there is no BIMI record"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        let open = seen(|mail| mail.enforced = Ok(false));
        assert!(judged(&CHECK, &open).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.bimi = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
