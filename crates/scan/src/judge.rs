//! Evidence in, one module's verdicts out.

use std::cmp::Reverse;

use model::{Finding, ModuleReport, ModuleStatus, NotTested};

use crate::catalogue::{Module, Probe};
use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

/// Runs the checks of a module; intrusive ones only when the scan was allowed to intrude.
///
/// The module is `not_tested` when no check could be judged for want of evidence, or when nothing
/// failed and what the module is about was not seen; it is `not_applicable` when no question arose.
pub fn module(module: &Module, evidence: &Evidence) -> ModuleReport {
    if let Some(reason) = (module.inapplicable)(evidence) {
        return empty(module, ModuleStatus::NotApplicable(reason.to_owned()));
    }
    let mut report = empty(module, ModuleStatus::Ok);
    let mut failed: Vec<(&Check, String)> = Vec::new();
    for check in module.checks().filter(|check| evidence.intrusive || !check.intrusive) {
        let without = |reason: String| NotTested { check: check.id.to_owned(), reason };
        match (check.run)(evidence) {
            Ok(Verdict::Pass) => report.passed.push(check.id.to_owned()),
            Ok(Verdict::Fail(seen)) => failed.push((check, seen)),
            Ok(Verdict::NotApplicable(reason)) => {
                report.not_applicable.push(without(reason.to_owned()));
            }
            Err(missing) => report.not_tested.push(without(missing.0)),
        }
    }
    // What can be told without the page ("it came over HTTPS") makes no full marks for the page.
    if let (true, Err(unseen)) = (failed.is_empty(), subject(module, evidence))
        && !report.passed.is_empty()
    {
        report.status = ModuleStatus::NotTested(unseen.0);
        return report;
    }
    if failed.is_empty() && report.passed.is_empty() {
        report.status = match (most_telling(&report.not_tested), report.not_applicable.first()) {
            (Some(missing), _) => ModuleStatus::NotTested(missing.reason.clone()),
            (None, Some(inapplicable)) => ModuleStatus::NotApplicable(inapplicable.reason.clone()),
            (None, None) => ModuleStatus::NotTested("the module has no checks".to_owned()),
        };
        return report;
    }
    let (findings, score) = charge(failed);
    report.findings = findings;
    report.score = Some(score);
    report
}

/// Returns the first that is not merely for want of a provider the operator may have done without: a
/// provider that was set and did not answer says more.
fn most_telling(unseen: &[NotTested]) -> Option<&NotTested> {
    let failed = unseen.iter().find(|check| !Missing::is_not_configured(&check.reason));
    failed.or(unseen.first())
}

/// Returns whether what a module is about was seen. A site that shows a block page, an error or
/// nothing but redirects is not what the modules over the page are about.
fn subject(module: &Module, evidence: &Evidence) -> Seen<()> {
    match module.probe {
        Probe::Http => evidence.http()?.page().map(drop),
        _ => Ok(()),
    }
}

/// Returns the report of a module that could not be tested.
pub fn not_tested(module: &Module, reason: &str) -> ModuleReport {
    empty(module, ModuleStatus::NotTested(reason.to_owned()))
}

fn empty(module: &Module, status: ModuleStatus) -> ModuleReport {
    ModuleReport {
        id: module.id,
        status,
        score: None,
        duration_ms: 0,
        findings: Vec::new(),
        passed: Vec::new(),
        not_tested: Vec::new(),
        not_applicable: Vec::new(),
    }
}

/// Turns failed checks into findings, worst first, and charges them.
fn charge(mut failed: Vec<(&Check, String)>) -> (Vec<Finding>, u8) {
    failed.sort_by_key(|(check, _)| (Reverse(check.severity), Reverse(check.points()), check.id));
    let costs: Vec<_> = failed.iter().map(|(check, _)| (check.topic(), check.points())).collect();
    let charged = points_charged(&costs);
    let score = 100 - charged.iter().sum::<u8>();
    let findings = failed.into_iter().zip(charged).map(|((check, seen), points)| Finding {
        check: check.id.to_owned(),
        severity: check.severity,
        seen,
        points,
        gain: 0,
    });
    (findings.collect(), score)
}

/// Returns what each finding costs its module, given its topic and points: inside a topic only the
/// dearest is charged, so that one defect never costs twice, and all together at most 100.
pub(crate) fn points_charged(costs: &[(&str, u8)]) -> Vec<u8> {
    let mut left = 100;
    let charge = |(index, (topic, points)): (usize, &(&str, u8))| {
        let dearer = costs.iter().enumerate().any(|(other, (other_topic, other_points))| {
            other_topic == topic
                && (*other_points > *points || (other_points == points && other < index))
        });
        let charged = if dearer { 0 } else { (*points).min(left) };
        left -= charged;
        charged
    };
    costs.iter().enumerate().map(charge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find_module;
    use crate::modules::http_headers::evidence::Failure;
    use crate::modules::http_headers::sample;
    use model::ModuleId;

    fn headers(evidence: &Evidence) -> ModuleReport {
        module(find_module(ModuleId::HttpHeaders), evidence)
    }

    #[test]
    fn a_block_page_is_no_full_marks() {
        let blocked = headers(&sample::blocked());
        assert!(
            matches!(&blocked.status, ModuleStatus::NotTested(why) if why.contains("block page")),
            "{:?}",
            blocked.status
        );
        assert_eq!(blocked.score, None);
        assert!(blocked.passed.contains(&"https.missing".to_owned()), "it was seen all the same");
        let seen = headers(&sample::page(&[]));
        assert_eq!(seen.status, ModuleStatus::Ok);
    }

    #[test]
    fn what_fails_counts_though_the_page_was_not_seen() {
        let mut http = sample::site(&[]);
        http.plain.hops.truncate(1);
        http.plain.hops[0].blocked = Some("the status".to_owned());
        http.secure = sample::failed(Failure::Refused);
        let report = headers(&sample::evidence(http));
        assert_eq!(report.status, ModuleStatus::Ok);
        assert_eq!(report.findings[0].check, "https.missing");
    }

    #[test]
    fn only_the_dearest_of_a_topic_is_charged() {
        assert_eq!(
            points_charged(&[("csp", 10), ("csp", 15), ("hsts", 20), ("csp", 15)]),
            [0, 15, 20, 0]
        );
    }

    #[test]
    fn a_module_cannot_lose_more_than_it_has() {
        assert_eq!(points_charged(&[("a", 40), ("b", 40), ("c", 40), ("d", 5)]), [40, 40, 20, 0]);
    }
}
