//! The way to the next better letter: which findings to mend, as few as can be found, and the score
//! that comes of it.
//!
//! A finding that caps the score below the letter has to go in any case. Beyond those, what gives
//! most a fix is taken until it is enough, and what turns out not to be needed is left. Inside a topic
//! only the dearest finding is charged, so a topic is taken from its dearest finding on, as many of
//! them as pay off together. The promised score is not added up: the report is scored again without
//! the findings, as for [`model::Finding::gain`].

use std::cmp::Reverse;

use model::{Grade, ModuleReport, ModuleStatus, Report};

use crate::catalogue::{find_check, find_module};
use crate::judge::points_charged;
use crate::score;

/// What it takes to be a letter better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextGrade {
    pub grade: Grade,
    /// The score without the findings.
    pub score: u8,
    /// The checks whose findings are to be mended, in the order of the report.
    pub fixes: Vec<String>,
}

/// Returns the fastest way to the next letter; `None` for an A, without a score, and where mending
/// alone does not lead there because too little could be judged.
pub fn next_grade(report: &Report) -> Option<NextGrade> {
    let now = *report.score.as_ref().ok()?;
    let wanted = (now..=100).find(|score| Grade::of(*score) != Grade::of(now))?;
    let mut way = Way::of(&report.modules);
    for finding in &mut way.findings {
        finding.is_mended = finding.cap.is_some_and(|cap| cap < wanted);
    }
    let needed: Vec<bool> = way.findings.iter().map(|finding| finding.is_mended).collect();
    while way.score() < wanted {
        way.mend(&way.best_step(wanted)?);
    }
    // The last steps may have made an earlier one unnecessary; the smallest goes first.
    let mut spare: Vec<usize> =
        (0..needed.len()).filter(|at| way.findings[*at].is_mended && !needed[*at]).collect();
    spare.sort_by_key(|at| way.findings[*at].weighty());
    for at in spare {
        way.findings[at].is_mended = false;
        way.findings[at].is_mended = way.score() < wanted;
    }
    let without = way.without(&report.modules);
    let score = score::number(&without)?;
    let fixes = way.findings.iter().filter(|finding| finding.is_mended);
    let fixes: Vec<String> = fixes.map(|finding| finding.check.clone()).collect();
    (score >= wanted).then(|| NextGrade { grade: Grade::of(score), score, fixes })
}

/// The findings of a report, with what the score makes of them.
struct Way {
    findings: Vec<Open>,
    /// Weights of the judged modules.
    total: i64,
}

struct Open {
    module: usize,
    weight: i64,
    check: String,
    topic: &'static str,
    points: u8,
    cap: Option<u8>,
    is_mended: bool,
}

/// Whether a step is enough, then how few fixes it is, then what it gives a fix.
type Rank = (bool, Reverse<usize>, i64);

impl Open {
    fn weighty(&self) -> i64 {
        i64::from(self.points) * self.weight
    }
}

impl Way {
    fn of(modules: &[ModuleReport]) -> Self {
        let judged = || modules.iter().enumerate().filter(|(_, it)| it.status == ModuleStatus::Ok);
        let open = |(module, report): (usize, &ModuleReport)| {
            let weight = i64::from(find_module(report.id).weight);
            let one = |finding: &model::Finding| {
                let check = find_check(&finding.check);
                Open {
                    module,
                    weight,
                    check: finding.check.clone(),
                    topic: check.map_or("", |check| check.topic()),
                    points: check.map_or(0, |check| check.points()),
                    cap: check.and_then(|check| check.cap),
                    is_mended: false,
                }
            };
            report.findings.iter().map(one).collect::<Vec<_>>()
        };
        Self {
            findings: judged().flat_map(open).collect(),
            total: judged().map(|(_, it)| i64::from(find_module(it.id).weight)).sum(),
        }
    }

    /// Returns thousandths of a point that what is left takes, without rounding at the end.
    fn lost(&self) -> i64 {
        let mut lost = 0;
        for of_module in self.findings.chunk_by(|one, next| one.module == next.module) {
            let left: Vec<_> = of_module.iter().filter(|finding| !finding.is_mended).collect();
            let costs: Vec<_> = left.iter().map(|it| (it.topic, it.points)).collect();
            for (finding, points) in left.iter().zip(points_charged(&costs)) {
                lost += score::lost_milli(i64::from(points) * finding.weight, self.total);
            }
        }
        lost
    }

    fn score(&self) -> u8 {
        u8::try_from(((100_000 - self.lost()).max(0) + 500) / 1_000).unwrap_or(0)
    }

    fn mend(&mut self, step: &[usize]) {
        for at in step {
            self.findings[*at].is_mended = true;
        }
    }

    /// Returns the findings that give most a fix; of those that are enough, the fewest.
    fn best_step(&self, wanted: u8) -> Option<Vec<usize>> {
        let before = self.lost();
        let mut best: Option<(Rank, Vec<usize>)> = None;
        for topic in self.topics() {
            for count in 1..=topic.len() {
                let step = &topic[..count];
                let mut then = self.trial();
                then.mend(step);
                let fixes = i64::try_from(count).unwrap_or(i64::MAX);
                let gain = (before - then.lost()) / fixes;
                let is_enough = then.score() >= wanted;
                // Only among steps that are enough does it count how many fixes they are.
                let rank = (is_enough, Reverse(if is_enough { count } else { 0 }), gain);
                if gain > 0 && best.as_ref().is_none_or(|(have, _)| rank > *have) {
                    best = Some((rank, step.to_vec()));
                }
            }
        }
        best.map(|(_, step)| step)
    }

    /// Returns what is left of each topic of each module, the dearest first.
    fn topics(&self) -> Vec<Vec<usize>> {
        let mut topics: Vec<Vec<usize>> = Vec::new();
        for (at, finding) in self.findings.iter().enumerate().filter(|(_, it)| !it.is_mended) {
            let same = |have: &&mut Vec<usize>| {
                let first = &self.findings[have[0]];
                (first.module, first.topic) == (finding.module, finding.topic)
            };
            match topics.iter_mut().find(same) {
                Some(topic) => topic.push(at),
                None => topics.push(vec![at]),
            }
        }
        for topic in &mut topics {
            topic.sort_by_key(|at| Reverse(self.findings[*at].points));
        }
        topics
    }

    fn trial(&self) -> Self {
        let copy = |finding: &Open| Open { check: String::new(), ..*finding };
        Self { findings: self.findings.iter().map(copy).collect(), total: self.total }
    }

    /// Returns the modules without what is mended.
    fn without(&self, modules: &[ModuleReport]) -> Vec<ModuleReport> {
        let mut modules = modules.to_vec();
        for (at, module) in modules.iter_mut().enumerate() {
            let is_mended = |check: &str| {
                let mut of_module = self.findings.iter().filter(|finding| finding.module == at);
                of_module.any(|finding| finding.is_mended && finding.check == check)
            };
            module.findings.retain(|finding| !is_mended(&finding.check));
            score::charge_again(&mut module.findings);
        }
        modules
    }
}

#[cfg(test)]
mod tests {
    use model::{Coverage, DomainName, Finding, ModuleId, ScanScope, Timestamp};

    use super::*;
    use crate::check::Check;
    use crate::evidence::Evidence;

    /// A report in which all modules were judged, with these findings.
    fn report(wrong: impl Fn(&Check) -> bool) -> Report {
        let modules = crate::catalogue::MODULES.iter().map(|module| {
            let findings = module.checks().filter(|check| wrong(check)).map(|check| Finding {
                check: check.id.to_owned(),
                severity: check.severity,
                seen: String::new(),
                points: 0,
                gain: 0,
            });
            let mut findings: Vec<_> = findings.collect();
            score::charge_again(&mut findings);
            ModuleReport {
                id: module.id,
                status: ModuleStatus::Ok,
                score: Some(0),
                duration_ms: 0,
                findings,
                passed: module
                    .checks()
                    .filter(|check| !wrong(check))
                    .map(|check| check.id.to_owned())
                    .collect(),
                not_tested: Vec::new(),
                not_applicable: Vec::new(),
            }
        });
        score::report(score::Scanned {
            domain: DomainName::parse("shop.test").unwrap(),
            scanned_at: Timestamp(0),
            duration_ms: 0,
            scope: ScanScope::default(),
            evidence: Evidence::default(),
            modules: Ok(modules.collect()),
        })
    }

    #[test]
    fn one_finding_is_the_way_where_one_is_enough_and_no_way_leads_on_from_an_a() {
        let good = report(|check| check.id == "header.nosniff-missing");
        assert_eq!(good.grade(), Some(Grade::A), "{:?}", good.score);
        assert_eq!(next_grade(&good), None);
        let capped = report(|check| check.cap == Some(74) && check.id.starts_with("dmarc."));
        let way = next_grade(&capped).unwrap();
        assert!(Grade::of(*capped.score.as_ref().unwrap()) > way.grade, "{way:?}");
        assert!(!way.fixes.is_empty());
    }

    #[test]
    fn the_promise_holds_and_no_fix_of_it_can_be_spared() {
        // Every other check, every third, … fails: reports from bad to good.
        for every in [2, 3, 5, 9, 17, 40] {
            let mut number = 0;
            let ids: Vec<&str> = crate::catalogue::catalogue()
                .filter(|check| !check.intrusive)
                .map(|check| check.id)
                .filter(|_| {
                    number += 1;
                    number % every == 0
                })
                .collect();
            let now = report(|check| ids.contains(&check.id));
            let Some(way) = next_grade(&now) else {
                assert_eq!(now.grade(), Some(Grade::A), "every {every}th");
                continue;
            };
            let left = |but: Option<&String>| {
                let mended = |id: &str| way.fixes.iter().any(|fix| fix == id && Some(fix) != but);
                report(|check| ids.contains(&check.id) && !mended(check.id))
            };
            let then = left(None);
            assert_eq!(then.score, Ok(way.score), "every {every}th");
            assert!(then.grade() < now.grade() && then.grade() == Some(way.grade));
            for fix in &way.fixes {
                assert!(left(Some(fix)).grade() > Some(way.grade), "{fix} is not needed");
            }
        }
    }

    #[test]
    fn too_little_seen_leads_to_no_a() {
        let mut little = report(|check| check.id == "hsts.missing");
        for module in little.modules.iter_mut().filter(|module| module.id != ModuleId::SslTls) {
            if module.id != ModuleId::HttpHeaders {
                module.status = ModuleStatus::NotTested("silence".to_owned());
            }
        }
        little.coverage = Coverage { planned: 100, tested: 35, tested_milli: None };
        little.score = Ok(80);
        assert_eq!(next_grade(&little), None);
    }
}
