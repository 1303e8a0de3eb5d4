use model::Severity;

use super::{NO_RECORD, mta_sts};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::tags::{tags, value};

pub(super) const CHECK: Check = Check {
    id: "mtasts.invalid-record",
    title: "The MTA-STS record cannot be used",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 8461, section 3.1",
    why: "Senders ignore a record that they cannot read, and with it the policy.",
    fix: "Write the version first and an id of up to 32 letters and digits, and a new id \
          whenever the policy changes.",
    paste: paste::MTASTS_RECORD,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(sts) = mta_sts(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    let [record] = sts.records.as_slice() else { return Ok(Verdict::NotApplicable(NO_RECORD)) };
    let is_id = |id: &str| {
        (1..=32).contains(&id.len()) && id.bytes().all(|octet| octet.is_ascii_alphanumeric())
    };
    let problem = match tags(record) {
        Err(part) => Some(format!("`{part}` is no pair of name and value")),
        Ok(tags) => match value(&tags, "id") {
            None => Some("there is no `id`".to_owned()),
            Some(id) if !is_id(id) => Some("the `id` is not 1 to 32 letters and digits".to_owned()),
            Some(_) => None,
        },
    };
    Ok(problem.map_or(Verdict::Pass, Verdict::Fail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn a_record_has_an_id() {
        let judge = |text: &str| {
            judged(
                &CHECK,
                &seen(|mail| mail.mta_sts.as_mut().unwrap().records = vec![text.to_owned()]),
            )
        };
        assert_eq!(judge("v=STSv1"), "fail: there is no `id`");
        assert_eq!(judge("v=STSv1; id"), "fail: `id` is no pair of name and value");
        assert_eq!(
            judge("v=STSv1; id=2026-01-01"),
            "fail: the `id` is not 1 to 32 letters and digits"
        );
        assert_eq!(judge("v=STSv1; id=20260101;"), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
