use model::Severity;

use super::{Logo, logo};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "bimi.unreachable-logo",
    title: "The logo cannot be fetched",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "draft-brand-indicators-for-message-identification, section 4.3",
    why: "Mail programs show nothing then, and whoever gets the name the logo is at could show \
          theirs.",
    fix: "Put the logo where the record says, on a server with a valid certificate.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match logo(evidence)? {
        None => Ok(Verdict::NotApplicable("there is no logo to fetch")),
        Some(Logo::NotFetched(why)) => Ok(Verdict::Fail(why.clone())),
        Some(Logo::Fetched { .. }) => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn the_logo_is_there() {
        let judge = |logo: Logo| judged(&CHECK, &seen(|mail| mail.bimi_logo = Some(Ok(logo))));
        assert_eq!(judge(Logo::NotFetched("status 404".to_owned())), "fail: status 404");
        assert_eq!(judge(Logo::Fetched { problems: Vec::new() }), "pass");
        let silent = seen(|mail| mail.bimi_logo = Some(Err(Missing("silence".to_owned()))));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        let none = seen(|mail| mail.bimi = Ok(Vec::new()));
        assert_eq!(judged(&CHECK, &none), "not applicable: there is no logo to fetch");
    }
}
