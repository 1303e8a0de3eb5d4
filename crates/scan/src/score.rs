//! Module results in, the number out: a pure function that knows points and weights, not checks.
//!
//! The score is the weighted mean of the modules that could be judged, in thousandths of a point,
//! rounded once, half up, then clamped by the lowest cap. [`Ledger`] accounts for every thousandth.
//!
//! [`Coverage`] says beside it how much of what was planned gave a verdict: a module counts there by
//! the share of its checks that did, so one check that was judged does not make it tested.

use model::{
    Cap, Coverage, DomainName, Finding, Ledger, LedgerLine, ModuleReport, ModuleStatus, Report,
    ScanScope, Timestamp, Unscored,
};

use crate::catalogue::{CATALOGUE_VERSION, find_check, find_module};
use crate::check::Missing;
use crate::evidence::Evidence;
use crate::judge::points_charged;

/// The cap of a report in which less than 60 % of the planned weight was judged: never an A.
const INCOMPLETE_CAP: u8 = 89;

/// What a scan brought home.
pub struct Scanned {
    pub domain: DomainName,
    pub scanned_at: Timestamp,
    pub duration_ms: u64,
    pub scope: ScanScope,
    pub evidence: Evidence,
    pub modules: Result<Vec<ModuleReport>, Unscored>,
}

/// Scores a scan.
pub fn report(scanned: Scanned) -> Report {
    let (mut modules, refused) = match scanned.modules {
        Ok(modules) => (modules, None),
        Err(unscored) => (Vec::new(), Some(unscored)),
    };
    let coverage = coverage(&modules);
    let scored = score(&modules);
    if let Ok(scored) = &scored {
        fill_gains(&mut modules, scored.score);
    }
    let (score, cap, ledger) = match (refused, scored) {
        (Some(unscored), _) | (None, Err(unscored)) => (Err(unscored), None, Ledger::default()),
        (None, Ok(scored)) => (Ok(scored.score), scored.cap, scored.ledger),
    };
    Report {
        domain: scanned.domain,
        scanned_at: scanned.scanned_at,
        duration_ms: scanned.duration_ms,
        engine_version: crate::ENGINE_VERSION.to_owned(),
        catalogue_version: CATALOGUE_VERSION,
        score,
        coverage,
        cap,
        ledger,
        modules,
        scope: scanned.scope,
        evidence: serde_json::to_value(&scanned.evidence).unwrap_or_default(),
    }
}

/// Judges stored evidence again, with today's catalogue. `None` when it cannot be read.
pub fn again(report: &Report) -> Option<Report> {
    let evidence: Evidence = serde_json::from_value(report.evidence.clone()).ok()?;
    let modules = match &report.score {
        Err(unscored) if report.modules.is_empty() => Err(unscored.clone()),
        _ => Ok(report
            .modules
            .iter()
            .map(|old| {
                let mut new = crate::judge::module(find_module(old.id), &evidence);
                new.duration_ms = old.duration_ms;
                new
            })
            .collect()),
    };
    Some(self::report(Scanned {
        domain: report.domain.clone(),
        scanned_at: report.scanned_at,
        duration_ms: report.duration_ms,
        scope: report.scope.clone(),
        evidence,
        modules,
    }))
}

struct Scored {
    score: u8,
    cap: Option<Cap>,
    ledger: Ledger,
}

fn coverage(modules: &[ModuleReport]) -> Coverage {
    let planned = modules.iter().filter(|m| !matches!(m.status, ModuleStatus::NotApplicable(_)));
    let weight = |module: &ModuleReport| find_module(module.id).weight;
    let judged = modules.iter().filter(|module| module.status == ModuleStatus::Ok);
    let tested = judged.map(|module| {
        let (verdicts, planned) = verdicts(module);
        (weight(module) * 1_000 * verdicts).checked_div(planned).unwrap_or(0)
    });
    Coverage::of(planned.map(weight).sum(), tested.sum())
}

/// Returns how many checks of a module gave a verdict, and how many were planned. What only a
/// provider could tell that the operator did not choose was not planned; intrusive checks stand in
/// no list of a scan that may not intrude.
fn verdicts(module: &ModuleReport) -> (u32, u32) {
    let count = |checks: usize| u32::try_from(checks).unwrap_or(u32::MAX);
    let verdicts = count(module.findings.len() + module.passed.len() + module.not_applicable.len());
    let unseen = module.not_tested.iter();
    let unseen = unseen.filter(|check| !Missing::is_not_configured(&check.reason));
    (verdicts, verdicts + count(unseen.count()))
}

fn score(modules: &[ModuleReport]) -> Result<Scored, Unscored> {
    let coverage = coverage(modules);
    let judged = modules.iter().filter(|module| module.status == ModuleStatus::Ok);
    let total: i64 = judged.map(|module| i64::from(find_module(module.id).weight)).sum();
    if total == 0 {
        let reason = modules.iter().find_map(|module| module.status.reason());
        let reason = reason.unwrap_or("no module was planned");
        return Err(Unscored::NothingTested(reason.to_owned()));
    }
    let mut ledger = Ledger::default();
    for module in modules.iter().filter(|module| module.status == ModuleStatus::Ok) {
        let weight = i64::from(find_module(module.id).weight);
        for finding in module.findings.iter().filter(|finding| finding.points > 0 && weight > 0) {
            let line = LedgerLine {
                check: finding.check.clone(),
                module: module.id,
                lost_milli: lost_milli(i64::from(finding.points) * weight, total),
            };
            ledger.lines.push(line);
        }
    }
    let lost: i64 = ledger.lines.iter().map(|line| line.lost_milli).sum();
    let exact = (100_000 - lost).max(0);
    let rounded = (exact + 500) / 1_000;
    let cap = lowest_cap(modules, coverage);
    let capped = cap.as_ref().map_or(rounded, |cap| rounded.min(i64::from(cap.at)));
    ledger.rounding_milli = 100_000 - lost - rounded * 1_000;
    ledger.cap_adjustment_milli = (rounded - capped) * 1_000;
    let score = u8::try_from(capped).unwrap_or(0);
    Ok(Scored { score, cap, ledger })
}

/// Returns the thousandths of a point that weighted points take of a score, rounded half up.
pub(crate) fn lost_milli(weighted: i64, total: i64) -> i64 {
    (weighted * 1_000 * 2 + total) / (total * 2)
}

/// Returns the score of modules alone.
pub(crate) fn number(modules: &[ModuleReport]) -> Option<u8> {
    score(modules).ok().map(|scored| scored.score)
}

/// Charges findings anew, after some were taken away.
pub(crate) fn charge_again(findings: &mut [Finding]) {
    let costs: Vec<_> = findings
        .iter()
        .map(|finding| {
            find_check(&finding.check).map_or(("", 0), |check| (check.topic(), check.points()))
        })
        .collect();
    for (finding, points) in findings.iter_mut().zip(points_charged(&costs)) {
        finding.points = points;
    }
}

fn lowest_cap(modules: &[ModuleReport], coverage: Coverage) -> Option<Cap> {
    let findings = modules.iter().flat_map(|module| &module.findings);
    let by_finding = findings.filter_map(|finding| {
        let at = find_check(&finding.check)?.cap?;
        Some(Cap { at, by: finding.check.clone() })
    });
    let by_coverage =
        coverage.is_incomplete().then(|| Cap { at: INCOMPLETE_CAP, by: "coverage".to_owned() });
    by_finding.chain(by_coverage).min_by_key(|cap| cap.at)
}

/// Sets on each finding what mending it alone would add, by scoring again without it.
fn fill_gains(modules: &mut [ModuleReport], now: u8) {
    let mut without = modules.to_vec();
    for index in 0..modules.len() {
        for place in 0..modules[index].findings.len() {
            let mended = &mut without[index].findings;
            mended.remove(place);
            charge_again(mended);
            let then = number(&without).unwrap_or(now);
            modules[index].findings[place].gain = then.saturating_sub(now);
            without[index].findings.clone_from(&modules[index].findings);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{ModuleId, NotTested, Severity};
    use proptest::prelude::*;

    use super::*;

    fn module(id: ModuleId, points: &[u8]) -> ModuleReport {
        let findings = points.iter().enumerate().map(|(index, points)| Finding {
            check: format!("t{index}.x"),
            severity: Severity::Low,
            seen: String::new(),
            points: *points,
            gain: 0,
        });
        ModuleReport {
            id,
            status: ModuleStatus::Ok,
            score: None,
            duration_ms: 0,
            findings: findings.collect(),
            passed: vec!["t.y".to_owned()],
            not_tested: Vec::new(),
            not_applicable: Vec::new(),
        }
    }

    #[test]
    fn weights_are_renormalised_over_what_was_judged() {
        // 22 : 17, so 20 points of the first cost 20 * 22 / 39.
        let modules = [module(ModuleId::SslTls, &[20]), module(ModuleId::DnsEmail, &[])];
        let scored = score(&modules).unwrap();
        assert_eq!(scored.ledger.lines[0].lost_milli, 11_282);
        assert_eq!(scored.score, 89);
    }

    #[test]
    fn nothing_tested_is_no_score() {
        assert!(score(&[]).is_err());
        let untested = ModuleReport {
            status: ModuleStatus::NotTested("silence".to_owned()),
            ..module(ModuleId::SslTls, &[])
        };
        assert!(
            matches!(score(&[untested]), Err(Unscored::NothingTested(reason)) if reason == "silence")
        );
    }

    #[test]
    fn too_little_coverage_is_never_an_a() {
        let untested = ModuleReport {
            status: ModuleStatus::NotTested("silence".to_owned()),
            ..module(ModuleId::SslTls, &[])
        };
        let scored = score(&[untested, module(ModuleId::DnsEmail, &[])]).unwrap();
        assert_eq!(scored.score, 89);
        assert_eq!(scored.cap.unwrap().by, "coverage");
    }

    fn unseen(reason: &str) -> NotTested {
        NotTested { check: "t.z".to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn a_module_is_covered_by_the_share_of_its_checks_that_gave_a_verdict() {
        let mut tls = module(ModuleId::SslTls, &[20]);
        tls.not_applicable.push(unseen("the question does not arise"));
        assert_eq!(coverage(&[tls.clone()]).percent(), 100);
        // Three verdicts of four checks.
        tls.not_tested.push(unseen("silence"));
        let seen = coverage(&[tls.clone(), module(ModuleId::Cookies, &[])]);
        assert_eq!((seen.planned, seen.tested, seen.tested_milli), (26, 21, Some(20_500)));
        assert_eq!(seen.percent(), 78);
        // What nobody could ask was not planned.
        tls.not_tested[0].reason = Missing::not_configured("providers.list").0;
        assert_eq!(coverage(&[tls]).percent(), 100);
    }

    #[test]
    fn one_verdict_of_a_module_does_not_make_a_whole() {
        let mut tls = module(ModuleId::SslTls, &[]);
        tls.not_tested = vec![unseen("silence"); 9];
        let scored = score(&[tls]).unwrap();
        assert_eq!((scored.score, scored.cap.unwrap().by.as_str()), (89, "coverage"));
    }

    proptest! {
        #[test]
        fn the_ledger_adds_up_exactly(costs in proptest::collection::vec(proptest::collection::vec(0u8..40, 0..4), 1..5)) {
            let ids = [ModuleId::SslTls, ModuleId::DnsEmail, ModuleId::HttpHeaders, ModuleId::Cookies, ModuleId::Whois];
            let modules: Vec<_> = ids.iter().zip(&costs).map(|(id, costs)| {
                let mut left = 100u8;
                let costs: Vec<u8> = costs.iter().map(|cost| { let cost = (*cost).min(left); left -= cost; cost }).collect();
                module(*id, &costs)
            }).collect();
            let scored = score(&modules).unwrap();
            let lost: i64 = scored.ledger.lines.iter().map(|line| line.lost_milli).sum();
            let ledger = &scored.ledger;
            prop_assert_eq!(
                100_000 - lost - ledger.rounding_milli - ledger.cap_adjustment_milli,
                i64::from(scored.score) * 1_000
            );
            prop_assert!(ledger.rounding_milli.abs() <= 501);
        }
    }
}
