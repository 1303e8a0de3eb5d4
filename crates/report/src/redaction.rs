//! A report for people who are not to see everything of it.

use std::net::IpAddr;

use crate::json::{IssueView, ReportView};

/// What is left out of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redaction {
    /// What was seen, in the findings.
    pub hides_evidence: bool,
    /// The addresses of the domain and of others, wherever they stand.
    pub hides_addresses: bool,
}

/// What stands in place of an address.
const HIDDEN: &str = "[address]";

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
        reasons.chain(view.unscored.as_mut()).for_each(hide_addresses);
        view.recommendations.iter_mut().for_each(hide_addresses);
    }

    fn apply_to_issue(self, issue: &mut IssueView) {
        if self.hides_evidence {
            issue.evidence.clear();
            issue.finding.clone_from(&issue.title);
        }
        if self.hides_addresses {
            [&mut issue.evidence, &mut issue.finding].into_iter().for_each(hide_addresses);
        }
    }
}

/// Puts [`HIDDEN`] in place of every IP address.
fn hide_addresses(text: &mut String) {
    let is_part = |letter: char| letter.is_ascii_hexdigit() || matches!(letter, '.' | ':');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        shown.push_str(before);
        let end = from.find(|letter| !is_part(letter)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        push_hidden(&mut shown, word);
        rest = after;
    }
    shown.push_str(rest);
    *text = shown;
}

/// Writes a word of digits, dots and colons, an address in it hidden: `192.0.2.1:443.` has one.
fn push_hidden(shown: &mut String, word: &str) {
    let bare = word.trim_end_matches(['.', ':']);
    let tail = &word[bare.len()..];
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
    match bare.rsplit_once(':') {
        _ if is_address(bare) => shown.push_str(HIDDEN),
        Some((host, port)) if is_address(host) => {
            shown.push_str(HIDDEN);
            shown.push(':');
            shown.push_str(port);
        }
        _ => shown.push_str(bare),
    }
    shown.push_str(tail);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn hidden(text: &str) -> String {
        let mut text = text.to_owned();
        hide_addresses(&mut text);
        text
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("MySQL on 203.0.113.10:3306.", "MySQL on [address]:3306."),
            ("at [2001:db8::10]:443, 203.0.113.10", "at [[address]]:443, [address]"),
            ("2001:db8::10 and ::1: refused", "[address] and [address]: refused"),
            ("nginx 1.18.0 at 10:30: cafe", "nginx 1.18.0 at 10:30: cafe"),
            ("", ""),
        ] {
            assert_eq!(hidden(text), expected);
        }
    }

    #[test]
    fn nothing_of_what_is_hidden_is_left_anywhere() {
        let mut view = sample::view();
        view.issues[0].evidence = "seen at 203.0.113.10".to_owned();
        view.issues[0].finding = "title: seen at 203.0.113.10".to_owned();
        view.not_tested[0].reason = "2001:db8::10 did not answer".to_owned();
        Redaction { hides_evidence: false, hides_addresses: true }.apply(&mut view);
        let text = serde_json::to_string(&view).unwrap();
        assert!(!text.contains("203.0.113") && !text.contains("2001:db8"), "{text}");
        assert!(text.contains("seen at [address]") && text.contains("nginx/1.18"));
        Redaction { hides_evidence: true, hides_addresses: false }.apply(&mut view);
        let text = serde_json::to_string(&view).unwrap();
        assert!(!text.contains("nginx/1.18") && view.raw_results.is_null(), "{text}");
    }
}
