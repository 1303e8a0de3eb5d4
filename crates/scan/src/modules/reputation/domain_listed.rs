use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "reputation.domain-listed",
    title: "The domain is on a list of malware or phishing",
    severity: Severity::Critical,
    cap: Some(34),
    group: Group::Reputation,
    standard: "ISO/IEC 27001:2022, A.5.7 and A.8.7",
    why: "Browsers, mail filters and proxies keep people away from what is listed. A domain of good \
          standing gets there when it was broken into.",
    fix: "Find what is served there that is not yours, close the way in, restore from a copy that is \
          known to be good, and ask the list to look again.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |listed| listed.domain.clone())
}

#[cfg(test)]
mod tests {
    use super::super::{Listed, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_domain_is_on_no_list() {
        let itself = Listed { domain: Some("shop.example".to_owned()), parts: Vec::new() };
        let dead = || Err(Missing("silence".to_owned()));
        assert_eq!(
            judged(&CHECK, &with(vec![dead(), Ok(itself)])),
            "fail: shop.example is on the list of feed.example"
        );
        let part = Listed { domain: None, parts: vec!["shop.example/x".to_owned()] };
        assert_eq!(judged(&CHECK, &with(vec![Ok(part)])), "pass");
        assert_eq!(judged(&CHECK, &with(vec![Ok(Listed::default()), dead()])), "missing: silence");
        assert_eq!(
            judged(&CHECK, &with(Vec::new())),
            "missing: provider not configured (`providers.reputation`)"
        );
    }
}
