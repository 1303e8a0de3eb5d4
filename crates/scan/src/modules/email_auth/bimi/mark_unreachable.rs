use model::Severity;

use super::{Mark, mark};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "bimi.mark-unreachable",
    title: "The mark certificate cannot be fetched or read",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "draft-fetch-validation-vmc-wchuang, section 5",
    why: "Mailbox providers that ask for a mark certificate (VMC or CMC) show no logo without it.",
    fix: "Put the certificate and those above it in PEM form where `a` says, on a server with a valid \
          certificate of its own.",
    run,
    ..Check::BASE
};

const NO_MARK: &str = "there is no mark certificate to judge";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match mark(evidence)? {
        None => Ok(Verdict::NotApplicable(NO_MARK)),
        Some(Mark::NotFetched(why)) => Ok(Verdict::Fail(why.clone())),
        Some(Mark::Fetched(_)) => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{mark, seen};

    #[test]
    fn the_certificate_is_there() {
        let gone = Mark::NotFetched("status 404".to_owned());
        let gone = seen(|mail| mail.bimi_mark = Some(Ok(gone)));
        assert_eq!(judged(&CHECK, &gone), "fail: status 404");
        assert_eq!(judged(&CHECK, &seen(|mail| mail.bimi_mark = Some(Ok(mark(|_| ()))))), "pass");
        let silent = seen(|mail| mail.bimi_mark = Some(Err(Missing("silence".to_owned()))));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        let none = seen(|mail| mail.bimi = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
    }
}
