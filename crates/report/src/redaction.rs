//! A report for people who are not to see everything of it.

use crate::addresses::hide_addresses;
use crate::json::{IssueView, ReportView};

/// What is left out of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redaction {
    /// What was seen, in the findings.
    pub hides_evidence: bool,
    /// The addresses of the domain and of others, wherever they stand.
    pub hides_addresses: bool,
}

impl Redaction {
    /// Takes out of a report what is to be hidden, and what the probes fetched, which holds it all.
    pub fn apply(self, view: &mut ReportView) {
        view.raw_results = serde_json::Value::Null;
        let in_modules = view.modules.values_mut().flat_map(|module| &mut module.issues);
        for issue in view.issues.iter_mut().chain(in_modules) {
            self.apply_to_issue(issue);
        }
        if !self.hides_addresses {
            return;
        }
        view.scope.addresses.clear();
        view.scope.skipped.clear();
        view.scope.throttled.clear();
        let details = view.modules.values_mut().map(|module| &mut module.detail);
        let untested = details
            .flat_map(|detail| detail.not_tested.iter_mut().chain(&mut detail.not_applicable));
        let reasons = untested
            .map(|check| &mut check.reason)
            .chain(view.not_tested.iter_mut().map(|gap| &mut gap.reason));
        reasons.for_each(hide_addresses);
        let reasons = view.modules.values_mut().filter_map(|module| module.reason.as_mut());
        let caps = view.cap.iter_mut().map(|cap| &mut cap.reason);
        reasons.chain(view.unscored.as_mut()).chain(caps).for_each(hide_addresses);
        view.recommendations.iter_mut().for_each(hide_addresses);
        if let Some(ownership) = &mut view.scope.ownership {
            let seen = ownership.seen.iter_mut().flat_map(|one| [&mut one.place, &mut one.seen]);
            seen.chain(&mut ownership.place).for_each(hide_addresses);
        }
    }

    fn apply_to_issue(self, issue: &mut IssueView) {
        // Why a risk is accepted is for readers of the report; whose address it is, is not.
        if let Some(accepted) = &mut issue.accepted {
            accepted.by = None;
            if self.hides_addresses {
                hide_addresses(&mut accepted.reason);
            }
        }
        if self.hides_evidence {
            issue.evidence.clear();
            issue.finding.clone_from(&issue.title);
        }
        if self.hides_addresses {
            let words = [&mut issue.evidence, &mut issue.finding, &mut issue.remediation];
            let pasted = issue.paste.iter_mut().map(|paste| &mut paste.text);
            words.into_iter().chain(pasted).for_each(hide_addresses);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{LookedView, OwnershipView};
    use crate::sample;

    #[test]
    fn nothing_of_what_is_hidden_is_left_anywhere() {
        let mut view = sample::view();
        view.issues[0].evidence = "seen at 203.0.113.10".to_owned();
        view.issues[0].finding = "title: seen at 203.0.113.10".to_owned();
        view.not_tested[0].reason = "2001:db8::10 did not answer".to_owned();
        view.issues[1].paste[0].text = "v=spf1 ip4:203.0.113.10 -all".to_owned();
        view.scope.ownership = Some(OwnershipView {
            proven: false,
            by: None,
            place: None,
            seen: vec![LookedView {
                place: "http://shop.example.com/".to_owned(),
                seen: "203.0.113.10 answered 404".to_owned(),
            }],
        });
        Redaction { hides_evidence: false, hides_addresses: true }.apply(&mut view);
        let text = serde_json::to_string(&view).unwrap();
        assert!(!text.contains("203.0.113") && !text.contains("2001:db8"), "{text}");
        assert!(text.contains("seen at [address]") && text.contains("nginx/1.18"));
        Redaction { hides_evidence: true, hides_addresses: false }.apply(&mut view);
        let text = serde_json::to_string(&view).unwrap();
        assert!(!text.contains("nginx/1.18") && view.raw_results.is_null(), "{text}");
    }
}
