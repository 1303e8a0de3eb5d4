//! Risks that somebody accepted, in a report.
//!
//! An acceptance says who answers for a finding, why, and until when. It is no part of the judgement:
//! score, ledger, cap, counts by severity and the gaps of frameworks are what the scan saw, so that two
//! scores of a domain stay comparable whoever accepted what. [`ReportView::accept`] only marks findings;
//! every format shows the mark beside them, and none leaves a finding out.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::json::{IssueView, ReportView};

/// That somebody accepted the risk of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedView {
    /// The acceptance's id on the server; `null` for one from a file.
    pub id: Option<i64>,
    pub reason: String,
    /// When it ends and the finding is as before.
    pub until: Timestamp,
    /// Who answers for it, by e-mail address where a server knows it; `null` when nobody is named.
    pub by: Option<String>,
}

impl AcceptedView {
    /// Returns the day it ends on, in UTC.
    pub fn day(&self) -> String {
        let moment = self.until.to_string();
        moment.split('T').next().unwrap_or(&moment).to_owned()
    }

    /// Says it in a sentence.
    pub fn note(&self) -> String {
        let by = self.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        format!("Risk accepted{by} until {}: {}", self.day(), self.reason)
    }
}

impl ReportView {
    /// Marks the findings of those checks as accepted, and no others.
    pub fn accept(&mut self, accepted: &BTreeMap<String, AcceptedView>) {
        let mark = |issue: &mut IssueView| issue.accepted = accepted.get(&issue.id).cloned();
        self.issues.iter_mut().for_each(mark);
        self.modules.values_mut().flat_map(|module| &mut module.issues).for_each(mark);
        self.accepted_risks = self.issues.iter().filter(|issue| issue.accepted.is_some()).count();
    }

    /// Returns whether the risk of a check's finding is accepted.
    pub fn is_accepted(&self, check: &str) -> bool {
        self.issues.iter().any(|issue| issue.id == check && issue.accepted.is_some())
    }

    /// Says how many risks are accepted, and what that changes; `None` when none is.
    pub(crate) fn accepted_sentence(&self) -> Option<String> {
        match self.accepted_risks {
            0 => None,
            1 => Some("1 accepted risk; the score counts it like every finding.".to_owned()),
            many => {
                Some(format!("{many} accepted risks; the score counts them like every finding."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Colour;
    use crate::{DiffView, Format, Kind, PublicKeys, Redaction, SigningKey, sample};

    const NOTE: &str =
        "Risk accepted by ann@example.com until 2027-01-31: Only reached through <the> VPN";

    #[test]
    fn nothing_of_the_judgement_changes() {
        let (plain, accepted) = (sample::view(), sample::accepted());
        assert_eq!((plain.accepted_risks, accepted.accepted_risks), (0, 1));
        assert!(accepted.is_accepted("hsts.missing") && !accepted.is_accepted("dmarc.missing"));
        let in_module = accepted.modules.values().flat_map(|module| &module.issues);
        assert_eq!(in_module.filter(|issue| issue.accepted.is_some()).count(), 1);
        let lost: i64 = accepted.ledger.lines.iter().map(|line| line.lost_milli).sum();
        let ledger = &accepted.ledger;
        let left = 100_000 - lost - ledger.rounding_milli - ledger.cap_adjustment_milli;
        assert_eq!(left, i64::from(accepted.score.unwrap()) * 1_000);
        let mut bare = accepted;
        bare.accept(&BTreeMap::new());
        assert_eq!(bare, plain, "everything but the mark is the same");
    }

    #[test]
    fn a_report_without_one_is_written_as_ever() {
        let text = sample::view().to_json();
        assert!(!text.contains("accepted"), "its digest stays what it was");
        let again: ReportView = serde_json::from_str(&text).unwrap();
        assert_eq!(again, sample::view());
        let text = sample::accepted().to_json();
        let again: ReportView = serde_json::from_str(&text).unwrap();
        assert_eq!(again, sample::accepted());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let marked = json["issues"].as_array().unwrap().iter();
        let marked = marked.filter(|issue| issue["accepted"]["reason"].is_string()).count();
        assert_eq!((marked, &json["accepted_risks"]), (1, &serde_json::json!(1)));
    }

    #[test]
    fn a_note_is_signed_with_the_report_it_stands_in() {
        let key = SigningKey::from_seed(&[7; 32]);
        let mut view = sample::accepted();
        key.attest_report("7Q4M-29XK", &mut view);
        let (keys, text) = (PublicKeys::of([&key]), view.to_json());
        assert!(keys.check(text.as_bytes()).is_ok());
        let forged = text.replace("ann@example.com", "bob@example.com");
        assert!(keys.check(forged.as_bytes()).is_err());
    }

    #[test]
    fn every_format_says_so_beside_the_finding() {
        let view = sample::accepted();
        let text = crate::text::report(&view, Colour::Plain, 100);
        assert!(text.contains("1 accepted risk;") && text.contains(NOTE), "{text}");
        for kind in [Kind::Full, Kind::Insurance, Kind::Framework("cis")] {
            let page = kind.html(&view);
            let note = NOTE.replace('<', "&lt;").replace('>', "&gt;");
            assert!(page.contains("1 accepted risk;") && page.contains(&note), "{page}");
        }
        let markdown = crate::markdown::document(std::slice::from_ref(&view));
        assert!(markdown.contains("\n1 accepted risk;"), "{markdown}");
        assert!(markdown.contains("until 2027-01-31: Only reached through &lt;the&gt; VPN"));
        let csv = crate::csv::table(std::slice::from_ref(&view));
        let row = csv.lines().find(|line| line.contains("hsts.missing")).unwrap();
        let tail = ",2027-01-31,ann@example.com,Only reached through <the> VPN,failed";
        assert!(row.ends_with(tail) && csv.matches(tail).count() == 1, "{csv}");
        let diff = DiffView::of(&sample::view(), &view).to_text();
        assert!(!diff.contains("(risk accepted)"), "what is unchanged is a number");
        for format in Format::ALL {
            let (with, without) =
                (format.print(std::slice::from_ref(&view)), format.print(&[sample::view()]));
            assert!(with != without, "{} hides the acceptance", format.as_str());
        }
    }

    #[test]
    fn a_gap_stays_a_gap_with_a_note() {
        let (plain, accepted) = (sample::view(), sample::accepted());
        assert_eq!(plain.compliance, accepted.compliance);
        let page = crate::html::page(&accepted);
        assert!(page.contains("hsts.missing (risk accepted)"), "{page}");
    }

    #[test]
    fn code_scanners_take_it_as_a_suppression_from_outside_the_code() {
        let results = |view: ReportView| {
            let log: serde_json::Value =
                serde_json::from_str(&crate::sarif::log(&[view], None)).unwrap();
            log["runs"][0]["results"].as_array().unwrap().clone()
        };
        for result in results(sample::accepted()) {
            let suppressions = result["suppressions"].as_array().unwrap();
            match result["ruleId"] == "hsts.missing" {
                true => {
                    let one = &suppressions[0];
                    assert_eq!(
                        (&one["kind"], &one["status"]),
                        (&"external".into(), &"accepted".into())
                    );
                    assert_eq!(one["justification"], NOTE);
                }
                // All results of a run carry the member or none does (section 3.27.23).
                false => assert!(suppressions.is_empty()),
            }
        }
        assert!(results(sample::view()).iter().all(|result| result.get("suppressions").is_none()));
    }

    #[test]
    fn a_test_view_shows_it_as_skipped_and_never_as_passed() {
        let printed = crate::junit::document(&[sample::accepted()]);
        let case = printed.lines().find(|line| line.contains("name=\"hsts.missing\"")).unwrap();
        assert!(case.contains("<skipped message=\"Risk accepted by ann@example.com"), "{case}");
        let count = |what: &str| printed.matches(what).count();
        assert!(printed.contains(&format!(" failures=\"{}\"", count("<failure"))));
        assert!(printed.contains(&format!(" skipped=\"{}\"", count("<skipped"))));
        assert!(printed.contains(&format!(" tests=\"{}\"", count("<testcase"))));
    }

    #[test]
    fn a_shared_report_names_nobody() {
        let mut view = sample::accepted();
        Redaction::default().apply(&mut view);
        let text = view.to_json();
        assert!(!text.contains("ann@example.com") && text.contains("Only reached through"));
        let marked = view.issues.iter_mut().filter_map(|issue| issue.accepted.as_mut());
        marked.for_each(|accepted| accepted.reason = "only 203.0.113.9 asks it".to_owned());
        Redaction { hides_evidence: false, hides_addresses: true }.apply(&mut view);
        let reasons = view.issues.iter().filter_map(|issue| issue.accepted.as_ref());
        let reasons: Vec<_> = reasons.map(|accepted| accepted.reason.as_str()).collect();
        assert_eq!(reasons, ["only [address] asks it"]);
    }
}
