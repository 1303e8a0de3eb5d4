use model::Severity;

use super::{NO_RECORD, mta_sts};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.multiple-records",
    title: "Several MTA-STS records cancel each other out",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 8461, section 3.1",
    why: "Senders that find more than one record act as if there were none.",
    fix: "Keep one record.",
    paste: paste::MTASTS_RECORD,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(sts) = mta_sts(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    match sts.records.len() {
        0 => Ok(Verdict::NotApplicable(NO_RECORD)),
        1 => Ok(Verdict::Pass),
        count => Ok(Verdict::Fail(format!("there are {count} MTA-STS records"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn two_records_are_none() {
        let two =
            seen(|mail| mail.mta_sts.as_mut().unwrap().records.push("v=STSv1; id=2".to_owned()));
        assert_eq!(judged(&CHECK, &two), "fail: there are 2 MTA-STS records");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
