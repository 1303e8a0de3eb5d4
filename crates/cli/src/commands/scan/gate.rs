//! What makes a scan fail a build. A gate decides the exit code and never what is reported; what could
//! not be seen is its own exit code, so that no gate passes by seeing nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use model::{DomainName, Grade, Severity};
use report::{DiffView, ModuleView, ReportView};

use crate::failure::{Failure, GATE, NOT_TESTED, Result};

#[derive(Debug, clap::Args)]
pub(super) struct GateArgs {
    /// Fail when there is a finding of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,
    /// Fail when a score is below this
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_score: Option<u8>,
    /// Fail when a grade is worse than this
    #[arg(long, value_name = "GRADE", value_parser = grade)]
    min_grade: Option<Grade>,
    /// File of earlier reports, as --format json or jsonl prints them
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Fail when there is a finding that the baseline's scan looked for and did not have
    #[arg(long, requires = "baseline")]
    fail_on_new: bool,
    /// Fail when a score is this many points or more below the baseline's
    #[arg(long, value_name = "POINTS", requires = "baseline")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
    max_score_drop: Option<u8>,
    /// Exit with 0 although a report is partial
    #[arg(long)]
    allow_partial: bool,
}

fn severity(text: &str) -> std::result::Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| format!("use one of {}", Severity::list()))
}

fn grade(text: &str) -> std::result::Result<Grade, String> {
    Grade::parse(&text.to_uppercase()).ok_or_else(|| format!("use one of {}", Grade::list()))
}

/// The gates of one call, and what the reports came to so far.
pub(super) struct Gates<'a> {
    args: &'a GateArgs,
    baseline: BTreeMap<String, ReportView>,
    failures: Vec<String>,
    untested: Vec<String>,
}

impl<'a> Gates<'a> {
    /// Reads the baseline. Fails when it has no report of one of the domains: nothing would be new.
    pub(super) fn new(args: &'a GateArgs, domains: &[DomainName]) -> Result<Self> {
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
            _ => Ok(Self { args, baseline, failures: Vec::new(), untested: Vec::new() }),
        }
    }

    /// Judges a report.
    pub(super) fn add(&mut self, view: &ReportView) {
        let domain = &view.domain;
        let (Some(score), Some(grade)) = (view.score, view.grade) else {
            let reason = view.unscored.as_deref().unwrap_or("no score");
            self.untested.push(format!("{domain} could not be scanned: {reason}"));
            return;
        };
        for (id, module) in view.modules.iter().filter(|(_, module)| is_partial(module)) {
            let reason = module.reason.as_deref().unwrap_or("no reason was given");
            self.untested.push(format!("{domain}: {id} was not tested: {reason}"));
        }
        if let Some(least) = self.args.min_score.filter(|least| score < *least) {
            self.fail(domain, format!("{score} is below {least} (--min-score {least})"));
        }
        if let Some(least) = self.args.min_grade.filter(|least| grade > *least) {
            self.fail(domain, format!("{grade} is worse than {least} (--min-grade {least})"));
        }
        if let Some(worst) = self.args.fail_on {
            let found = view.issues.iter().filter(|issue| issue.severity >= worst).count();
            if found > 0 {
                let found = counted(found, "finding");
                self.fail(domain, format!("{found} at or above {worst} (--fail-on {worst})"));
            }
        }
        if let Some(before) = self.baseline.get(domain) {
            let diff = DiffView::of(before, view);
            self.add_diff(&diff);
        }
    }

    fn add_diff(&mut self, diff: &DiffView) {
        let domain = &diff.domain;
        let new: Vec<&str> = diff
            .new
            .iter()
            .filter(|new| new.issue.severity > Severity::Info)
            .map(|new| new.issue.id.as_str())
            .collect();
        if self.args.fail_on_new && !new.is_empty() {
            let (found, ids) = (counted(new.len(), "new finding"), new.join(", "));
            self.fail(domain, format!("{found}: {ids} (--fail-on-new)"));
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
            None => self.untested.push(format!("{domain}: the baseline has no score")),
        }
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
            || args.fail_on_new
            || args.max_score_drop.is_some();
        match (self.failures.is_empty(), self.untested.is_empty() || args.allow_partial) {
            (false, _) => Err(Failure::new(GATE, format!("FAIL: {}", self.failures.join("; ")))),
            (true, false) => Err(Failure::new(NOT_TESTED, self.untested.join("; "))
                .hint("--allow-partial accepts reports that are partial")),
            (true, true) => {
                if has_gate && !is_quiet {
                    writeln!(anstream::stderr(), "PASS: every gate was passed")?;
                }
                Ok(())
            }
        }
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
