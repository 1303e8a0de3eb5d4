//! Joins a stored report with the catalogue's words.
//!
//! The look-up of a check is an argument, so that tests bring a catalogue that does not change.

use std::cmp::Reverse;

use model::{Finding, Grade, ModuleId, ModuleReport, ModuleStatus, NotTested, Report, Severity};
use scan::check::Check;
use scan::compliance::{Group, controls_of};

use crate::compliance;
use crate::json::{
    CapView, CheckRef, ControlRef, CoverageView, IssueView, LedgerLineView, LedgerView,
    ModuleDetail, ModuleView, NextGradeView, NotTestedView, OwnershipView, PasteView, ReportView,
    ScopeView, SkippedView, ThrottledView, UntestedCheck,
};

/// Finds a check by its id.
pub(crate) type FindCheck = fn(&str) -> Option<&'static Check>;

/// What stands in for the advice of a check that is no longer in the catalogue.
const RETIRED: &str = "This check is no longer part of the catalogue; scan again to see what \
                       replaced it.";

pub(crate) fn assemble(report: &Report, find: FindCheck) -> ReportView {
    let domain = report.domain.as_str();
    let mut issues: Vec<IssueView> = report
        .findings()
        .map(|(module, finding)| issue(domain, module.id, finding, find))
        .collect();
    // Stable, so that equals keep the catalogue's order.
    issues
        .sort_by_key(|issue| (Reverse(issue.severity), Reverse(issue.gain), Reverse(issue.points)));
    ReportView {
        schema_version: crate::json::SCHEMA_VERSION,
        job_id: None,
        domain: domain.to_owned(),
        score: report.score.as_ref().ok().copied(),
        grade: report.grade(),
        risk_level: report.grade().map(|grade| grade.risk_level().to_owned()),
        unscored: report.score.as_ref().err().map(ToString::to_string),
        scanned_at: report.scanned_at,
        scan_duration_ms: report.duration_ms,
        engine_version: report.engine_version.clone(),
        catalogue_version: report.catalogue_version,
        coverage: CoverageView {
            planned: report.coverage.planned,
            tested: report.coverage.tested,
            percent: report.coverage.percent(),
        },
        incomplete: report.coverage.is_incomplete(),
        cap: report.cap.as_ref().map(|cap| CapView {
            at: cap.at,
            by: cap.by.clone(),
            reason: cap_reason(&cap.by, find),
        }),
        ledger: ledger(report),
        modules: report
            .modules
            .iter()
            .map(|module| (module.id, module_view(domain, module, find)))
            .collect(),
        total_issues: issues.len(),
        critical_issues: report.count(Severity::Critical),
        high_issues: report.count(Severity::High),
        medium_issues: report.count(Severity::Medium),
        low_issues: report.count(Severity::Low),
        info_issues: report.count(Severity::Info),
        accepted_risks: 0,
        recommendations: recommendations(&issues),
        next_grade: next_grade(report),
        issues,
        passed_checks: passed_checks(report),
        not_tested: not_tested(report),
        compliance: compliance::frameworks(report, find),
        scope: scope(report),
        raw_results: report.evidence.clone(),
        attestation: None,
    }
}

fn issue(domain: &str, module: ModuleId, finding: &Finding, find: FindCheck) -> IssueView {
    let check = find(&finding.check);
    let title = check.map_or_else(|| finding.check.clone(), |check| check.title.to_owned());
    let paste = check.into_iter().flat_map(|check| check.paste).map(|paste| PasteView {
        tool: paste.tool.name().to_owned(),
        // No tool needs tabs, and terminals do not show them.
        text: paste.text.replace("{domain}", domain).replace('\t', "    "),
    });
    IssueView {
        id: finding.check.clone(),
        module,
        severity: finding.severity,
        finding: match finding.seen.is_empty() {
            true => title.clone(),
            false => format!("{title}: {}", finding.seen),
        },
        title,
        evidence: finding.seen.clone(),
        why: check.map_or(String::new(), |check| check.why.to_owned()),
        remediation: check.map_or(RETIRED, |check| check.fix).replace("{domain}", domain),
        careful: check.and_then(|check| check.careful).map(str::to_owned),
        paste: paste.collect(),
        points: finding.points,
        gain: finding.gain,
        references: check.iter().map(|check| check.standard.to_owned()).collect(),
        controls: check.map_or_else(Vec::new, |check| controls(check.group)),
        first_seen_at: None,
        accepted: None,
    }
}

fn controls(group: Group) -> Vec<ControlRef> {
    controls_of(group)
        .map(|(framework, control)| ControlRef {
            framework: framework.id.to_owned(),
            version: framework.version.to_owned(),
            control: control.id.to_owned(),
            kind: control.kind.as_str().to_owned(),
        })
        .collect()
}

fn cap_reason(by: &str, find: FindCheck) -> String {
    match find(by) {
        Some(check) => check.title.to_owned(),
        None if by == "coverage" => "less than 60 % of the planned weight was tested".to_owned(),
        None => by.to_owned(),
    }
}

fn ledger(report: &Report) -> LedgerView {
    let lines = report.ledger.lines.iter().map(|line| LedgerLineView {
        check: line.check.clone(),
        module: line.module,
        lost_milli: line.lost_milli,
    });
    LedgerView {
        lines: lines.collect(),
        rounding_milli: report.ledger.rounding_milli,
        cap_adjustment_milli: report.ledger.cap_adjustment_milli,
    }
}

fn module_view(domain: &str, module: &ModuleReport, find: FindCheck) -> ModuleView {
    let known = scan::catalogue::find_module(module.id);
    ModuleView {
        title: known.title.to_owned(),
        score: module.score,
        grade: module.score.map(Grade::of),
        weight: known.weight,
        status: module.status.as_str().to_owned(),
        reason: module.status.reason().map(str::to_owned),
        issues: module
            .findings
            .iter()
            .map(|finding| issue(domain, module.id, finding, find))
            .collect(),
        detail: ModuleDetail {
            passed: module.passed.clone(),
            not_tested: untested(&module.not_tested),
            not_applicable: untested(&module.not_applicable),
        },
        duration_ms: module.duration_ms,
    }
}

fn untested(checks: &[NotTested]) -> Vec<UntestedCheck> {
    let view = |check: &NotTested| UntestedCheck {
        check: check.check.clone(),
        reason: check.reason.clone(),
    };
    checks.iter().map(view).collect()
}

fn passed_checks(report: &Report) -> Vec<CheckRef> {
    let of_module = |module: &ModuleReport| {
        let id = module.id;
        let passed = module.passed.iter().cloned();
        passed.map(move |check| CheckRef { id: check, module: id }).collect::<Vec<_>>()
    };
    report.modules.iter().flat_map(of_module).collect()
}

/// Whole modules first: they weigh more than single checks.
fn not_tested(report: &Report) -> Vec<NotTestedView> {
    let modules = report.modules.iter().filter_map(|module| match &module.status {
        ModuleStatus::NotTested(reason) => {
            Some(NotTestedView { module: module.id, check: None, reason: reason.clone() })
        }
        ModuleStatus::Ok | ModuleStatus::NotApplicable(_) => None,
    });
    let judged = report.modules.iter().filter(|module| module.status == ModuleStatus::Ok);
    let checks = judged.flat_map(|module| {
        module.not_tested.iter().map(|check| NotTestedView {
            module: module.id,
            check: Some(check.check.clone()),
            reason: check.reason.clone(),
        })
    });
    modules.chain(checks).collect()
}

/// One sentence group per finding that costs something, best gain first; a fix stands once.
fn recommendations(issues: &[IssueView]) -> Vec<String> {
    let mut worth: Vec<&IssueView> =
        issues.iter().filter(|issue| issue.severity > Severity::Info || issue.gain > 0).collect();
    worth.sort_by_key(|issue| (Reverse(issue.gain), Reverse(issue.severity)));
    let mut fixes: Vec<&str> = Vec::new();
    let mut sentences = Vec::new();
    for issue in worth {
        if fixes.contains(&issue.remediation.as_str()) {
            continue;
        }
        fixes.push(&issue.remediation);
        let gain = match issue.gain {
            0 => String::new(),
            1 => " Alone it adds 1 point.".to_owned(),
            gain => format!(" Alone it adds {gain} points."),
        };
        sentences.push(format!("{}: {}{gain}", issue.title, issue.remediation));
    }
    sentences
}

fn next_grade(report: &Report) -> Option<NextGradeView> {
    let next = scan::next_grade::next_grade(report)?;
    let now = *report.score.as_ref().ok()?;
    Some(NextGradeView {
        grade: next.grade,
        score: next.score,
        gain: next.score.saturating_sub(now),
        fixes: next.fixes,
    })
}

fn scope(report: &Report) -> ScopeView {
    let skipped = report
        .scope
        .skipped
        .iter()
        .map(|skipped| SkippedView { address: skipped.address, reason: skipped.reason.clone() });
    let throttled = report
        .scope
        .throttled
        .iter()
        .map(|one| ThrottledView { address: one.address, asked_again: one.asked_again });
    ScopeView {
        addresses: report.scope.addresses.clone(),
        skipped: skipped.collect(),
        connections: report.scope.connections,
        dns_queries: report.scope.dns_queries,
        profile: report.scope.profile,
        ownership: report.scope.ownership.as_ref().map(OwnershipView::from),
        throttled: throttled.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_worst_stands_first_and_counts_agree() {
        let view = sample::view();
        assert!(view.issues.is_sorted_by_key(|issue| Reverse(issue.severity)));
        let counted = view.critical_issues
            + view.high_issues
            + view.medium_issues
            + view.low_issues
            + view.info_issues;
        assert_eq!(counted, view.total_issues);
    }

    #[test]
    fn the_best_gain_is_recommended_first() {
        let first = &sample::view().recommendations[0];
        assert!(first.ends_with("Alone it adds 22 points."), "{first}");
    }

    #[test]
    fn a_retired_check_still_renders() {
        let view = sample::view();
        let retired = view.issues.iter().find(|issue| issue.id == "gone.long-ago").unwrap();
        assert_eq!(retired.finding, "gone.long-ago: seen by an older version");
        assert_eq!(retired.remediation, RETIRED);
        assert!(retired.controls.is_empty());
    }

    #[test]
    fn advice_is_filled_in_for_the_domain() {
        let view = sample::view();
        let texts = view.issues.iter().flat_map(|issue| &issue.paste).map(|paste| &paste.text);
        assert!(texts.clone().all(|text| !text.contains("{domain}")));
        assert!(texts.into_iter().any(|text| text.starts_with("_dmarc.shop.example.com.")));
    }
}
