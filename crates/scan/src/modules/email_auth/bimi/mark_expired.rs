use model::Severity;

use super::{Mark, mark};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "bimi.mark-expired",
    title: "The mark certificate is not valid today",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "draft-fetch-validation-vmc-wchuang, section 5",
    why: "Mailbox providers show no logo once the mark certificate (VMC or CMC) has ended.",
    fix: "Have it issued anew, and put it where `a` says.",
    run,
    ..Check::BASE
};

const NO_MARK: &str = "there is no mark certificate to judge";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let now = evidence.seen_at()?;
    let Some(Mark::Fetched(facts)) = mark(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_MARK));
    };
    let day = |time: model::Timestamp| time.to_string()[..10].to_owned();
    Ok(match (now < facts.not_before, now > facts.not_after) {
        (true, _) => Verdict::Fail(format!("it begins on {}", day(facts.not_before))),
        (_, true) => Verdict::Fail(format!("it ended on {}", day(facts.not_after))),
        _ => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{mark, seen};

    #[test]
    fn the_certificate_is_valid_today() {
        let judge = |days: (i64, i64)| {
            let mark = mark(|facts| {
                facts.not_before = model::Timestamp(days.0 * model::DAY_MS);
                facts.not_after = model::Timestamp(days.1 * model::DAY_MS);
            });
            let mut evidence = seen(|mail| mail.bimi_mark = Some(Ok(mark)));
            evidence.seen_at = Some(model::Timestamp(20_750 * model::DAY_MS));
            judged(&CHECK, &evidence)
        };
        assert_eq!(judge((20_000, 20_749)), "fail: it ended on 2026-10-23");
        assert_eq!(judge((20_751, 21_000)), "fail: it begins on 2026-10-25");
        assert_eq!(judge((20_000, 21_000)), "pass");
        let silent = seen(|mail| mail.bimi_mark = Some(Err(Missing("silence".to_owned()))));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        let none = seen(|mail| mail.bimi = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
    }
}
