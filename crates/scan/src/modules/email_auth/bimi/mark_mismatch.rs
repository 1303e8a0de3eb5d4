use model::Severity;

use super::{Mark, MarkLogo, mark};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "bimi.mark-mismatch",
    title: "The mark certificate does not vouch for this logo",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "draft-fetch-validation-vmc-wchuang, section 5",
    why: "The certificate has to be of the kind for marks, for this domain, and hold the very picture that \
          the record names; otherwise mailbox providers show no logo. Whether they trust its root is \
          not judged here, since they keep lists of their own.",
    fix: "Publish the picture of the certificate, octet for octet, or have the certificate issued anew for \
          the domain and the picture.",
    run,
    ..Check::BASE
};

const NO_MARK: &str = "there is no mark certificate to judge";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(Mark::Fetched(facts)) = mark(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_MARK));
    };
    let mut problems = Vec::new();
    if !facts.is_for_marks {
        problems.push("it is no certificate for marks".to_owned());
    }
    if !facts.covers {
        problems.push(format!("it is for {}", facts.names.join(", ")));
    }
    match facts.logo {
        MarkLogo::Different => problems.push("it holds another picture".to_owned()),
        MarkLogo::None => problems.push("it holds no picture that can be read".to_owned()),
        MarkLogo::NotCompared if problems.is_empty() => {
            return Err(Missing("the logo was not fetched, so it was not compared".to_owned()));
        }
        MarkLogo::Same | MarkLogo::NotCompared => {}
    }
    Ok(Verdict::fail_if(!problems.is_empty(), || problems.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{mark, seen};

    #[test]
    fn the_certificate_is_for_this_domain_and_this_picture() {
        let judge = |change: fn(&mut super::super::MarkFacts)| {
            judged(&CHECK, &seen(|mail| mail.bimi_mark = Some(Ok(mark(change)))))
        };
        assert_eq!(judge(|_| ()), "pass");
        assert_eq!(judge(|it| it.is_for_marks = false), "fail: it is no certificate for marks");
        assert_eq!(judge(|it| it.covers = false), "fail: it is for example.com");
        assert_eq!(judge(|it| it.logo = MarkLogo::Different), "fail: it holds another picture");
        assert!(judge(|it| it.logo = MarkLogo::None).starts_with("fail: it holds no picture"));
        assert!(judge(|it| it.logo = MarkLogo::NotCompared).starts_with("missing"));
        let silent = seen(|mail| mail.bimi_mark = Some(Err(Missing("silence".to_owned()))));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        let none = seen(|mail| mail.bimi = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
    }
}
