//! What makes a scan fail a build. A gate decides the exit code and never what is reported; what could
//! not be seen is its own exit code, so that no gate passes by seeing nothing. What is accepted fails no
//! gate about findings, and is named; the score counts it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use model::{DomainName, Grade, Severity};
use report::escape::terminal;
use report::{DiffView, IssueView, ModuleView, ReportView};

use crate::failure::{Failure, GATE, LIMITED, NOT_TESTED, REFUSED, Result, UNREACHABLE, USAGE};

#[derive(Debug, Default, clap::Args)]
pub(super) struct GateArgs {
    /// Fail when there is a finding of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(super) fail_on: Option<Severity>,
    /// Fail when a score is below this
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) min_score: Option<u8>,
    /// Fail when a grade is worse than this
    #[arg(long, value_name = "GRADE", value_parser = grade)]
    pub(super) min_grade: Option<Grade>,
    /// File of earlier reports, as --format json or jsonl prints them
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Fail when there is a finding that the baseline's scan looked for and did not have; on a server
    /// the baseline is the last scan there, unless --baseline names a file
    #[arg(long)]
    pub(super) fail_on_new: bool,
    /// Fail when a score is this many points or more below the baseline's
    #[arg(long, value_name = "POINTS")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(super) max_score_drop: Option<u8>,
    /// Exit with 0 although a report is partial
    #[arg(long)]
    pub(super) allow_partial: bool,
}

impl GateArgs {
    /// Returns whether a report is compared with the last scan of its domain on the server.
    pub(super) fn wants_last_scan(&self) -> bool {
        self.baseline.is_none() && self.compares()
    }

    fn compares(&self) -> bool {
        self.fail_on_new || self.max_score_drop.is_some()
    }
}

pub(super) fn severity(text: &str) -> std::result::Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| format!("use one of {}", Severity::list()))
}

pub(super) fn grade(text: &str) -> std::result::Result<Grade, String> {
    Grade::parse(&text.to_uppercase()).ok_or_else(|| format!("use one of {}", Grade::list()))
}

/// A report to be judged.
pub(super) struct Judged {
    pub(super) view: ReportView,
    /// What changed since the last scan on the server, where that is the baseline and there is one.
    pub(super) diff: Option<DiffView>,
}

/// The gates of one call, and what the reports came to so far.
pub(super) struct Gates<'a> {
    args: &'a GateArgs,
    baseline: BTreeMap<String, ReportView>,
    failures: Vec<String>,
    /// What could not be seen, with its exit code.
    untested: Vec<(u8, String)>,
    hints: Vec<String>,
    accepted: Vec<String>,
}

/// Exit codes of scans that could not be made, what is to be done by a person first.
const URGENT: [u8; 4] = [REFUSED, USAGE, LIMITED, UNREACHABLE];

impl<'a> Gates<'a> {
    /// Reads the baseline. Fails when it has no report of one of the domains: nothing would be new.
    pub(super) fn new(
        args: &'a GateArgs,
        domains: &[DomainName],
        is_on_server: bool,
    ) -> Result<Self> {
        if args.wants_last_scan() && !is_on_server {
            return Err(Failure::usage("there is nothing to compare with")
                .hint("name a file of earlier reports with --baseline, or a server"));
        }
        let baseline = match &args.baseline {
            Some(path) => baseline(path)?,
            None => BTreeMap::new(),
        };
        let missing = domains.iter().find(|domain| !baseline.contains_key(domain.as_str()));
        match (&args.baseline, missing) {
            (Some(path), Some(domain)) => {
                Err(Failure::usage(format!("{} has no report of {domain}", path.display()))
                    .hint(format!("make one: compliancelayer scan {domain} --format json")))
            }
            _ => Ok(Self {
                args,
                baseline,
                failures: Vec::new(),
                untested: Vec::new(),
                hints: Vec::new(),
                accepted: Vec::new(),
            }),
        }
    }

    /// Notes a scan that could not be made.
    pub(super) fn miss(&mut self, domain: &DomainName, failure: &Failure) {
        let told = format!("{domain} could not be scanned: {}", failure.message());
        self.untested.push((failure.code, told));
        self.hints.extend(failure.next().map(str::to_owned));
    }

    /// Judges a report.
    pub(super) fn add(&mut self, Judged { view, diff }: &Judged) {
        let domain = &*terminal(&view.domain);
        let (Some(score), Some(grade)) = (view.score, view.grade) else {
            let reason = terminal(view.unscored.as_deref().unwrap_or("no score"));
            self.untest(format!("{domain} could not be scanned: {reason}"));
            return;
        };
        for (id, module) in view.modules.iter().filter(|(_, module)| is_partial(module)) {
            let reason = terminal(module.reason.as_deref().unwrap_or("no reason was given"));
            self.untest(format!("{domain}: {id} was not tested: {reason}"));
        }
        if let Some(least) = self.args.min_score.filter(|least| score < *least) {
            self.fail(domain, format!("{score} is below {least} (--min-score {least})"));
        }
        if let Some(least) = self.args.min_grade.filter(|least| grade > *least) {
            self.fail(domain, format!("{grade} is worse than {least} (--min-grade {least})"));
        }
        if let Some(worst) = self.args.fail_on {
            let bad = view.issues.iter().filter(|issue| issue.severity >= worst);
            let found = self.not_accepted(domain, bad);
            if !found.is_empty() {
                let found = counted(found.len(), "finding");
                self.fail(domain, format!("{found} at or above {worst} (--fail-on {worst})"));
            }
        }
        let against = self.baseline.get(&view.domain).map(|before| DiffView::of(before, view));
        if let Some(diff) = against.as_ref().or(diff.as_ref()) {
            self.add_diff(domain, diff);
        }
    }

    fn add_diff(&mut self, domain: &str, diff: &DiffView) {
        if self.args.fail_on_new {
            let new = self.not_accepted(domain, diff.regressions().map(|new| &new.issue));
            if !new.is_empty() {
                let ids: Vec<_> = new.iter().map(|id| terminal(id)).collect();
                let (found, ids) = (counted(new.len(), "new finding"), ids.join(", "));
                self.fail(domain, format!("{found}: {ids} (--fail-on-new)"));
            }
        }
        let Some(most) = self.args.max_score_drop else { return };
        match diff.score_change {
            Some(change) if -change >= i16::from(most) => {
                let drop = -change;
                self.fail(
                    domain,
                    format!("{drop} points below the baseline (--max-score-drop {most})"),
                );
            }
            Some(_) => {}
            None => self.untest(format!("{domain}: the baseline has no score")),
        }
    }

    fn untest(&mut self, why: String) {
        self.untested.push((NOT_TESTED, why));
    }

    /// Returns the checks of findings that would fail a gate, and remembers those that are accepted.
    fn not_accepted<'f>(
        &mut self,
        domain: &str,
        found: impl Iterator<Item = &'f IssueView>,
    ) -> Vec<&'f str> {
        let mut counting = Vec::new();
        for issue in found {
            let Some(accepted) = &issue.accepted else {
                counting.push(issue.id.as_str());
                continue;
            };
            let name = format!("{domain}: {} until {}", terminal(&issue.id), accepted.day());
            if !self.accepted.contains(&name) {
                self.accepted.push(name);
            }
        }
        counting
    }

    fn fail(&mut self, domain: &str, why: String) {
        self.failures.push(format!("{domain}: {why}"));
    }

    /// Says how it ended, on the last line.
    pub(super) fn end(self, is_quiet: bool) -> Result<()> {
        let args = self.args;
        let has_gate = args.fail_on.is_some()
            || args.min_score.is_some()
            || args.min_grade.is_some()
            || args.compares();
        if !self.accepted.is_empty() {
            let (count, names) = (self.accepted.len(), self.accepted.join("; "));
            writeln!(anstream::stderr(), "{count} accepted: {names}")?;
        }
        let code = self.code();
        let untested: Vec<_> = self.untested.into_iter().map(|(_, told)| told).collect();
        let untested = untested.join("; ");
        if !self.failures.is_empty() {
            let told = format!("FAIL: {}", self.failures.join("; "));
            return Err(match untested.is_empty() {
                true => Failure::new(GATE, told),
                false => Failure::new(GATE, told).hint(format!("beside that: {untested}")),
            });
        }
        match code {
            None => {
                if has_gate && !is_quiet {
                    writeln!(anstream::stderr(), "PASS: every gate was passed")?;
                }
                Ok(())
            }
            Some(NOT_TESTED) => Err(Failure::new(NOT_TESTED, untested)
                .hint("--allow-partial accepts reports that are partial")),
            Some(code) => Err(match self.hints.into_iter().next() {
                Some(hint) => Failure::new(code, untested).hint(hint),
                None => Failure::new(code, untested),
            }),
        }
    }

    /// Returns the exit code that what could not be seen comes to.
    fn code(&self) -> Option<u8> {
        let has = |code: &u8| self.untested.iter().any(|(have, _)| have == code);
        let partial = Some(NOT_TESTED).filter(|code| has(code) && !self.args.allow_partial);
        URGENT.into_iter().find(has).or(partial)
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Returns whether a module should have been tested and was not. One for which the operator chose no
/// provider is never tested, and says so in every report.
fn is_partial(module: &ModuleView) -> bool {
    let reason = module.reason.as_deref().unwrap_or_default();
    module.status == "not_tested" && !scan::check::Missing::is_not_configured(reason)
}

/// Reads reports by domain: one JSON object after the other, or one list. Of two of a domain the later
/// one counts.
fn baseline(path: &Path) -> Result<BTreeMap<String, ReportView>> {
    let unusable = |problem: &dyn std::fmt::Display| {
        Failure::usage(format!("{} is no baseline: {problem}", path.display()))
            .hint("it is what `compliancelayer scan … --format json` prints")
    };
    let bytes = std::fs::read(path).map_err(|problem| unusable(&problem))?;
    let mut reports = Vec::new();
    for value in serde_json::Deserializer::from_slice(&bytes).into_iter::<serde_json::Value>() {
        let value = value.map_err(|problem| unusable(&problem))?;
        let found: Vec<ReportView> = match value.is_array() {
            true => serde_json::from_value(value),
            false => serde_json::from_value(value).map(|view| vec![view]),
        }
        .map_err(|problem| unusable(&problem))?;
        reports.extend(found);
    }
    reports.sort_by_key(|view: &ReportView| view.scanned_at);
    Ok(reports.into_iter().map(|view| (view.domain.clone(), view)).collect())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use model::{
        Coverage, Finding, Ledger, ModuleId, ModuleReport, ModuleStatus, Report, Timestamp,
    };
    use report::AcceptedView;

    use super::*;

    fn missed(args: &GateArgs, codes: &[u8]) -> Failure {
        let mut gates = Gates::new(args, &[], false).unwrap();
        for code in codes {
            let domain = DomainName::parse(&format!("exit{code}.example")).unwrap();
            gates.miss(&domain, &Failure::new(*code, "why").hint("next"));
        }
        gates.end(true).unwrap_err()
    }

    #[test]
    fn scans_that_could_not_be_made_are_all_told_and_the_gravest_decides() {
        let args = GateArgs::default();
        let failure = missed(&args, &[NOT_TESTED, UNREACHABLE, LIMITED]);
        assert_eq!(failure.code, LIMITED);
        let told = failure.to_string();
        assert!(told.contains("exit3.example could not be scanned: why; exit6.example"), "{told}");
        assert!(told.contains("hint: next"), "{told}");
        assert_eq!(missed(&args, &[UNREACHABLE, LIMITED, REFUSED]).code, REFUSED);
        assert_eq!(missed(&args, &[NOT_TESTED]).code, NOT_TESTED);
    }

    #[test]
    fn partial_reports_may_be_accepted_and_refused_keys_never() {
        let args = GateArgs { allow_partial: true, ..GateArgs::default() };
        assert_eq!(missed(&args, &[NOT_TESTED, REFUSED]).code, REFUSED);
        let mut gates = Gates::new(&args, &[], false).unwrap();
        gates.miss(&DomainName::parse("a.example").unwrap(), &Failure::new(NOT_TESTED, "why"));
        assert!(gates.end(true).is_ok());
    }

    #[test]
    fn something_new_takes_something_to_compare_with() {
        let args = GateArgs { fail_on_new: true, ..GateArgs::default() };
        assert_eq!(Gates::new(&args, &[], false).err().unwrap().code, USAGE);
        assert!(Gates::new(&args, &[], true).is_ok(), "the server has the last scan");
    }

    #[derive(Parser)]
    struct Call {
        #[command(flatten)]
        gates: GateArgs,
    }

    fn finding(check: &str, severity: Severity) -> Finding {
        Finding { check: check.to_owned(), severity, seen: String::new(), points: 5, gain: 1 }
    }

    fn view(findings: Vec<Finding>, passed: &[&str]) -> ReportView {
        let module = ModuleReport {
            id: ModuleId::HttpHeaders,
            status: ModuleStatus::Ok,
            score: Some(90),
            duration_ms: 1,
            findings,
            passed: passed.iter().map(|check| (*check).to_owned()).collect(),
            not_tested: Vec::new(),
            not_applicable: Vec::new(),
        };
        ReportView::of(&Report {
            domain: DomainName::parse("shop.example").unwrap(),
            scanned_at: Timestamp(1),
            duration_ms: 1,
            engine_version: String::new(),
            catalogue_version: 1,
            score: Ok(90),
            coverage: Coverage { planned: 1, tested: 1, tested_milli: None },
            cap: None,
            ledger: Ledger::default(),
            modules: vec![module],
            scope: model::ScanScope::default(),
            evidence: serde_json::Value::Null,
        })
    }

    /// Returns what is said of a report: what failed, and what is accepted.
    fn judged(flags: &[&str], view: &ReportView) -> (String, Vec<String>) {
        let args = Call::parse_from(["call"].iter().chain(flags)).gates;
        let gates = Gates::new(&args, &[DomainName::parse("shop.example").unwrap()], false);
        let mut gates = gates.unwrap();
        gates.add(&Judged { view: view.clone(), diff: None });
        (gates.failures.join("; "), gates.accepted)
    }

    #[test]
    fn what_is_accepted_fails_no_gate_about_findings_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let baseline = folder.path().join("before.json");
        let before = view(Vec::new(), &["hsts.missing", "csp.missing"]);
        std::fs::write(&baseline, before.to_json()).unwrap();
        let high = ["--fail-on", "high"];
        let new = ["--fail-on-new", "--baseline", baseline.to_str().unwrap()];
        let both: Vec<_> = high.into_iter().chain(new).collect();
        let found = ["hsts.missing", "csp.missing"].map(|check| finding(check, Severity::High));
        let mut view = view(found.to_vec(), &[]);
        let (failed, accepted) = judged(&both, &view);
        assert!(failed.contains("2 findings at or above high"), "{failed}");
        assert!(failed.contains("2 new findings: hsts.missing, csp.missing"), "{failed}");
        assert!(accepted.is_empty());

        let until = Timestamp::parse("2027-01-31T00:00:00Z").unwrap();
        let one = AcceptedView { id: None, reason: "VPN".to_owned(), until, by: None };
        view.accept(&[("hsts.missing".to_owned(), one.clone())].into());
        let (failed, accepted) = judged(&both, &view);
        assert!(failed.contains("1 finding at") && failed.contains("1 new finding: csp.missing"));
        assert_eq!(accepted, ["shop.example: hsts.missing until 2027-01-31"], "once");

        let all = ["hsts.missing", "csp.missing"].map(|check| (check.to_owned(), one.clone()));
        view.accept(&all.into());
        assert_eq!(judged(&both, &view).0, "");
        assert_eq!(judged(&["--fail-on", "critical"], &view).1, [""; 0], "it would have passed");
        let (failed, _) = judged(&["--min-score", "95"], &view);
        assert!(failed.contains("90 is below 95"), "the score counts it");
    }
}
