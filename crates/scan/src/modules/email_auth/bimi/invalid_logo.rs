use model::Severity;

use super::{Logo, logo};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "bimi.invalid-logo",
    title: "The logo is not one that mail programs show",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "draft-svg-tiny-ps-abrotman, section 2",
    why: "Only SVG Tiny Portable/Secure is shown: small, and without scripts, animation or anything \
          that is loaded from elsewhere.",
    fix: "Convert the logo to that profile with the tools of the BIMI group.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match logo(evidence)? {
        None => Ok(Verdict::NotApplicable("there is no logo to fetch")),
        Some(Logo::NotFetched(_)) => Ok(Verdict::NotApplicable("the logo cannot be fetched")),
        Some(Logo::Fetched { problems }) => {
            Ok(Verdict::fail_if(!problems.is_empty(), || problems.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::seen;

    #[test]
    fn the_logo_follows_the_profile() {
        let judge = |logo: Logo| judged(&CHECK, &seen(|mail| mail.bimi_logo = Some(Ok(logo))));
        let problems = vec!["there is no `title`".to_owned()];
        assert_eq!(judge(Logo::Fetched { problems }), "fail: there is no `title`");
        assert_eq!(judge(Logo::Fetched { problems: Vec::new() }), "pass");
        assert!(judge(Logo::NotFetched("x".to_owned())).starts_with("not applicable"));
        let silent = seen(|mail| mail.bimi_logo = Some(Err(Missing("silence".to_owned()))));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        let unasked = seen(|mail| mail.bimi_logo = None);
        assert_eq!(judged(&CHECK, &unasked), "missing: not probed in this scan");
    }
}
