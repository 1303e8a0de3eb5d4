//! What changed between two scans of a domain.
//!
//! A finding is *fixed* only when its check was judged later and did not fail, and *new* only when
//! it was judged earlier and did not fail. What one of the two scans could not judge stands in lists
//! of its own: not to see is neither good nor bad.
//!
//! Every finding carries what it did to the score, in thousandths of a point; together with the
//! changes of rounding and cap they add up to the change of the score, exactly.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::{Grade, ModuleId, Severity, Timestamp};
use serde::{Deserialize, Serialize};

use crate::json::{IssueView, ReportView};

/// Two scans of a domain side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffView {
    pub domain: String,
    pub before: ComparedScan,
    pub after: ComparedScan,
    /// Points won (positive) or lost (negative); `null` when one of the two has no score.
    pub score_change: Option<i16>,
    /// Whether other rules judged the two, so that not every change is the domain's.
    pub rules_changed: bool,
    /// Failed now, passed or did not apply before.
    pub new: Vec<DiffIssue>,
    /// Failed before, passes or does not apply now.
    pub fixed: Vec<DiffIssue>,
    /// Failed both times, but not with the same evidence or severity.
    pub changed: Vec<DiffIssue>,
    pub unchanged: Vec<DiffIssue>,
    /// Failed now and was not judged before.
    pub newly_seen: Vec<DiffIssue>,
    /// Failed before and was not judged now.
    pub no_longer_seen: Vec<DiffIssue>,
    /// What rounding added to the change of the score.
    pub rounding_milli: i64,
    /// What a cap that came or went added to the change of the score.
    pub cap_adjustment_milli: i64,
    /// The modules of either scan.
    pub modules: BTreeMap<ModuleId, ModuleChange>,
}

/// One of the two scans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparedScan {
    pub job_id: Option<i64>,
    pub scanned_at: Timestamp,
    pub score: Option<u8>,
    pub grade: Option<Grade>,
    pub catalogue_version: u32,
}

/// A finding, as the later of the scans that had it tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffIssue {
    #[serde(flatten)]
    pub issue: IssueView,
    /// What the earlier scan saw, where both had the finding.
    pub evidence_before: Option<String>,
    /// How bad it was, where both had the finding.
    pub severity_before: Option<Severity>,
    /// What it did to the score, in thousandths of a point.
    pub change_milli: i64,
}

/// A module's score then and now; `null` where it was not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModuleChange {
    pub title: String,
    pub before: Option<u8>,
    pub after: Option<u8>,
}

impl DiffView {
    /// Compares two reports of a domain, the earlier one first.
    pub fn of(before: &ReportView, after: &ReportView) -> Self {
        let (old, new) = (Side::of(before), Side::of(after));
        let mut view = Self {
            domain: after.domain.clone(),
            before: compared(before),
            after: compared(after),
            score_change: before
                .score
                .zip(after.score)
                .map(|(before, after)| i16::from(after) - i16::from(before)),
            rules_changed: before.catalogue_version != after.catalogue_version,
            new: Vec::new(),
            fixed: Vec::new(),
            changed: Vec::new(),
            unchanged: Vec::new(),
            newly_seen: Vec::new(),
            no_longer_seen: Vec::new(),
            rounding_milli: before.ledger.rounding_milli - after.ledger.rounding_milli,
            cap_adjustment_milli: before.ledger.cap_adjustment_milli
                - after.ledger.cap_adjustment_milli,
            modules: modules(before, after),
        };
        for issue in &after.issues {
            let earlier = old.issues.get(issue.id.as_str());
            let told = DiffIssue {
                issue: issue.clone(),
                evidence_before: earlier.map(|earlier| earlier.evidence.clone()),
                severity_before: earlier.map(|earlier| earlier.severity),
                change_milli: old.lost(&issue.id) - new.lost(&issue.id),
            };
            let list = match earlier {
                Some(earlier) if is_same(earlier, issue) => &mut view.unchanged,
                Some(_) => &mut view.changed,
                None if old.judged.contains(issue.id.as_str()) => &mut view.new,
                None => &mut view.newly_seen,
            };
            list.push(told);
        }
        for issue in before.issues.iter().filter(|issue| !new.issues.contains_key(&*issue.id)) {
            let told = DiffIssue {
                issue: issue.clone(),
                evidence_before: None,
                severity_before: None,
                change_milli: old.lost(&issue.id),
            };
            match new.judged.contains(issue.id.as_str()) {
                true => view.fixed.push(told),
                false => view.no_longer_seen.push(told),
            }
        }
        for list in [&mut view.new, &mut view.fixed, &mut view.changed, &mut view.no_longer_seen] {
            list.sort_by_key(|issue| {
                (Reverse(issue.issue.severity), Reverse(issue.change_milli.abs()))
            });
        }
        view
    }
}

impl DiffView {
    /// Returns what a gate counts as new: information is no fault and fails no build.
    pub fn regressions(&self) -> impl Iterator<Item = &DiffIssue> {
        self.new.iter().filter(|new| new.issue.severity > Severity::Info)
    }
}

/// One report, looked up by check.
struct Side<'a> {
    issues: BTreeMap<&'a str, &'a IssueView>,
    /// Checks that did not fail: they passed, or the question did not arise.
    judged: BTreeSet<&'a str>,
    lost: BTreeMap<&'a str, i64>,
}

impl<'a> Side<'a> {
    fn of(report: &'a ReportView) -> Self {
        let modules = || report.modules.values();
        let passed = modules().flat_map(|module| &module.detail.passed).map(String::as_str);
        let off = modules().flat_map(|module| &module.detail.not_applicable);
        let off = off.map(|check| check.check.as_str());
        // A module that does not apply has no list of its checks, so the catalogue has it.
        let idle = report.modules.iter().filter(|(_, module)| module.status == "not_applicable");
        let idle = idle.flat_map(|(id, _)| scan::catalogue::find_module(*id).checks());
        let mut lost = BTreeMap::new();
        for line in &report.ledger.lines {
            *lost.entry(line.check.as_str()).or_default() += line.lost_milli;
        }
        Self {
            issues: report.issues.iter().map(|issue| (issue.id.as_str(), issue)).collect(),
            judged: passed.chain(off).chain(idle.map(|check| check.id)).collect(),
            lost,
        }
    }

    fn lost(&self, check: &str) -> i64 {
        self.lost.get(check).copied().unwrap_or(0)
    }
}

fn is_same(before: &IssueView, after: &IssueView) -> bool {
    before.evidence == after.evidence && before.severity == after.severity
}

fn compared(report: &ReportView) -> ComparedScan {
    ComparedScan {
        job_id: report.job_id,
        scanned_at: report.scanned_at,
        score: report.score,
        grade: report.grade,
        catalogue_version: report.catalogue_version,
    }
}

fn modules(before: &ReportView, after: &ReportView) -> BTreeMap<ModuleId, ModuleChange> {
    let ids: BTreeSet<_> = before.modules.keys().chain(after.modules.keys()).copied().collect();
    let score = |report: &ReportView, id| report.modules.get(&id).and_then(|module| module.score);
    let change = |id| ModuleChange {
        title: scan::catalogue::find_module(id).title.to_owned(),
        before: score(before, id),
        after: score(after, id),
    };
    ids.into_iter().map(|id| (id, change(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    /// The checks of a list.
    fn ids(list: &[DiffIssue]) -> Vec<&str> {
        list.iter().map(|issue| issue.issue.id.as_str()).collect()
    }

    fn sum(diff: &DiffView) -> i64 {
        let lists = [
            &diff.new,
            &diff.fixed,
            &diff.changed,
            &diff.unchanged,
            &diff.newly_seen,
            &diff.no_longer_seen,
        ];
        let points: i64 = lists.into_iter().flatten().map(|issue| issue.change_milli).sum();
        points + diff.rounding_milli + diff.cap_adjustment_milli
    }

    #[test]
    fn a_report_beside_itself_is_unchanged() {
        let view = sample::view();
        let diff = DiffView::of(&view, &view);
        assert_eq!(diff.unchanged.len(), view.total_issues);
        assert!(diff.new.is_empty() && diff.fixed.is_empty() && diff.changed.is_empty());
        assert!(diff.newly_seen.is_empty() && diff.no_longer_seen.is_empty());
        assert_eq!((diff.score_change, diff.rules_changed, sum(&diff)), (Some(0), false, 0));
    }

    #[test]
    fn what_passes_now_is_fixed_and_the_points_add_up() {
        let (before, mut report) = (sample::view(), sample::report());
        // The DMARC record came; the score is what the ledger says without it.
        report.modules[1].findings.clear();
        report.modules[1].passed.push("dmarc.missing".to_owned());
        report.ledger.lines.remove(0);
        report.ledger.rounding_milli = 250;
        report.ledger.cap_adjustment_milli = 0;
        report.score = Ok(91);
        report.catalogue_version += 1;
        let after = crate::view::assemble(&report, sample::find);
        let diff = DiffView::of(&before, &after);
        assert_eq!(ids(&diff.fixed), ["dmarc.missing"]);
        assert_eq!((diff.score_change, diff.rules_changed), (Some(17), true));
        assert_eq!(sum(&diff), 17_000);
        let back = DiffView::of(&after, &before);
        assert_eq!((ids(&back.new), sum(&back)), (vec!["dmarc.missing"], -17_000));
        assert_eq!(back.regressions().count(), 1);
    }

    #[test]
    fn new_information_is_shown_and_is_no_regression() {
        let (before, mut told) = (sample::view(), sample::view());
        let id = told.modules[&ModuleId::SslTls].detail.passed[0].clone();
        let note = IssueView { id: id.clone(), severity: Severity::Info, ..told.issues[0].clone() };
        told.issues.push(note);
        let diff = DiffView::of(&before, &told);
        assert_eq!((ids(&diff.new), diff.regressions().count()), (vec![id.as_str()], 0));
        told.issues.last_mut().unwrap().severity = Severity::Low;
        assert_eq!(DiffView::of(&before, &told).regressions().count(), 1);
    }

    #[test]
    fn what_could_not_be_seen_is_neither_fixed_nor_new() {
        let (before, mut report) = (sample::view(), sample::report());
        report.modules[1].findings.clear();
        let after = crate::view::assemble(&report, sample::find);
        let diff = DiffView::of(&before, &after);
        assert_eq!((ids(&diff.no_longer_seen), diff.fixed.len()), (vec!["dmarc.missing"], 0));
        let back = DiffView::of(&after, &before);
        assert_eq!((ids(&back.newly_seen), back.new.len()), (vec!["dmarc.missing"], 0));
    }

    #[test]
    fn other_evidence_is_a_change() {
        let (before, mut report) = (sample::view(), sample::report());
        report.modules[1].findings[0].seen = "NXDOMAIN at _dmarc".to_owned();
        let diff = DiffView::of(&before, &crate::view::assemble(&report, sample::find));
        assert_eq!(ids(&diff.changed), ["dmarc.missing"]);
        let before = diff.changed[0].evidence_before.as_deref();
        assert_eq!(before, Some("no TXT record at _dmarc"));
    }

    #[test]
    fn a_module_that_was_not_judged_has_no_score() {
        let view = sample::view();
        let diff = DiffView::of(&view, &view);
        assert_eq!(diff.modules[&ModuleId::DnsEmail].before, Some(60));
        assert_eq!(diff.modules[&ModuleId::OpenPorts].after, None);
    }
}
