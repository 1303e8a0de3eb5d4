use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "reputation.page-listed",
    title: "A page or a name below the domain is on a list of malware or phishing",
    severity: Severity::High,
    group: Group::Reputation,
    standard: "ISO/IEC 27001:2022, A.5.7 and A.8.7",
    why: "Somebody serves malware or a false form from there: through a hole in the site, an upload \
          that anybody may make, or a name that was taken over. The whole domain is listed next.",
    fix: "Take down what is listed, close the way in, and ask the list to look again.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |listed| (!listed.parts.is_empty()).then(|| listed.parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::{Listed, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn nothing_of_the_domain_is_on_a_list() {
        let parts = vec!["shop.example/x".to_owned(), "a.shop.example".to_owned()];
        assert_eq!(
            judged(&CHECK, &with(vec![Ok(Listed { domain: None, parts })])),
            "fail: shop.example/x, a.shop.example is on the list of feed.example"
        );
        assert_eq!(judged(&CHECK, &with(vec![Ok(Listed::default())])), "pass");
        let dead = Err(Missing("silence".to_owned()));
        assert_eq!(judged(&CHECK, &with(vec![dead])), "missing: silence");
        assert_eq!(
            judged(&CHECK, &with(Vec::new())),
            "missing: provider not configured (`providers.reputation`)"
        );
    }
}
