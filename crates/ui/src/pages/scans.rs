//! A scan in the list, while it runs, and its report.

use askama::Template;
use model::{Grade, ModuleId, ScanSource, ScanStatus, Severity, Timestamp, Unscored};
use report::{IssueView, ReportView};

use super::Field;
use super::accepted_risks::AcceptForm;
use super::ownership::Claim;
use crate::parts::SortHead;
use crate::{Frame, Html, Words};

/// A scan in the list.
#[derive(Debug, Clone)]
pub struct ScanRow {
    pub id: i64,
    pub domain: String,
    pub status: ScanStatus,
    /// How far it is, while it is under way.
    pub progress: Option<String>,
    pub grade: Option<Grade>,
    pub score: Option<i64>,
    pub change: Option<Change>,
    /// Critical, high, medium, low.
    pub findings: [i64; 4],
    pub source: &'static str,
    /// When it began, or was asked for while it has not.
    pub started: Html,
    pub duration: Option<String>,
    pub failure: Option<String>,
}

/// The list of scans.
#[derive(Debug, Template)]
#[template(path = "scans.html")]
pub struct Scans {
    pub frame: Frame,
    pub rows: Vec<ScanRow>,
    /// What is asked for, as it was sent; an empty text leaves a question open.
    pub domain: String,
    pub grade: String,
    pub status: String,
    pub source: String,
    pub from: String,
    pub to: String,
    pub sort: String,
    /// Of the score and of the time.
    pub heads: [SortHead; 2],
    /// Whether others than the newest come first.
    pub is_sorted: bool,
    /// The path of the first page, from any other.
    pub first: Option<String>,
    /// The path of the next page.
    pub next: Option<String>,
    /// Where the same stands as CSV.
    pub csv: String,
    /// For the first scan, from here.
    pub nonce: String,
    pub is_filtered: bool,
    pub base_url: String,
}

impl Scans {
    /// Returns whether the order leaves out scans that have no score.
    pub fn needs_scores(&self) -> bool {
        self.is_sorted && self.sort.ends_with("score")
    }

    /// Returns the findings of a scan in words, those that there are.
    pub fn findings(&self, row: &ScanRow) -> String {
        let said = [
            self.frame.t1("{} critical", row.findings[0]),
            self.frame.t1("{} high", row.findings[1]),
            self.frame.t1("{} medium", row.findings[2]),
            self.frame.t1("{} low", row.findings[3]),
        ];
        let there = said.into_iter().zip(row.findings).filter(|(_, count)| *count > 0);
        let there: Vec<_> = there.map(|(said, _)| said).collect();
        if there.is_empty() { self.frame.t("none").to_owned() } else { there.join(", ") }
    }

    /// Returns the states to choose: value, word, whether it is chosen.
    pub fn statuses(&self) -> Vec<(&'static str, &'static str, bool)> {
        let choice = |one: &ScanStatus| {
            (one.as_str(), self.frame.words.scan_status(*one), self.status == one.as_str())
        };
        ScanStatus::ALL.iter().map(choice).collect()
    }

    /// Returns the grades to choose, and whether each is.
    pub fn grades(&self) -> Vec<(&'static str, bool)> {
        Grade::ALL.iter().map(|one| (one.as_str(), self.grade == one.as_str())).collect()
    }

    /// Returns who may have asked: value, word, whether it is chosen.
    pub fn sources(&self) -> Vec<(&'static str, &'static str, bool)> {
        let choice = |one: &ScanSource| {
            (one.as_str(), self.frame.words.scan_source(*one), self.source == one.as_str())
        };
        ScanSource::ALL.iter().map(choice).collect()
    }
}

/// The form for a new scan.
#[derive(Debug, Template)]
#[template(path = "scan_new.html")]
pub struct NewScan {
    pub frame: Frame,
    pub nonce: String,
    pub domain: Field,
    /// Modules with their titles, and whether each is chosen.
    pub modules: Vec<(ModuleId, &'static str, bool)>,
    pub is_intrusive: bool,
    /// What is missing for it, once it was asked for in vain.
    pub claim: Option<Claim>,
    /// What has to end first.
    pub open: Vec<OpenScan>,
}

/// A scan that is under way.
#[derive(Debug, Clone)]
pub struct OpenScan {
    pub id: i64,
    pub domain: String,
    pub status: ScanStatus,
}

impl NewScan {
    /// Returns whether some modules were chosen.
    pub fn has_chosen(&self) -> bool {
        self.modules.iter().any(|(.., is_chosen)| *is_chosen)
    }
}

/// Where a module of a scan stands. Its probers run side by side, so all begin with the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleState {
    Waiting,
    Running,
    Done,
    Failed,
}

impl ModuleState {
    /// Returns the word for it.
    pub fn word(self, words: Words) -> &'static str {
        match self {
            Self::Waiting => words.t("waiting"),
            Self::Running => words.t("running"),
            Self::Done => words.t("done"),
            Self::Failed => words.t("failed"),
        }
    }
}

/// A module of a running scan.
#[derive(Debug, Clone)]
pub struct ModuleRow {
    pub id: ModuleId,
    pub title: &'static str,
    pub state: ModuleState,
    /// What came of it; empty before that.
    pub said: String,
}

impl ModuleRow {
    /// Returns whether nothing more comes of it.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, ModuleState::Done | ModuleState::Failed)
    }
}

/// A scan that has no report yet, or never will.
#[derive(Debug, Template)]
#[template(path = "scan_live.html")]
pub struct LiveScan {
    pub frame: Frame,
    pub id: i64,
    pub status: ScanStatus,
    pub modules: Vec<ModuleRow>,
    pub done: usize,
    /// What it waits for while it is in the queue, in sentences.
    pub queued: Vec<String>,
    /// As earlier scans tell.
    pub seconds_left: Option<i64>,
    /// The form for another one like it.
    pub again: String,
    pub failure: Option<String>,
    pub domain: String,
}

impl LiveScan {
    /// Returns whether something is still to come.
    pub fn is_open(&self) -> bool {
        matches!(self.status, ScanStatus::Queued | ScanStatus::Running)
    }

    /// Returns what stands before and behind the seconds that are left.
    pub fn around_left(&self) -> (&'static str, &'static str) {
        let text = self.frame.t("about {} s left");
        text.split_once("{}").unwrap_or((text, ""))
    }

    /// Returns the word for a module's state.
    pub fn state(&self, module: &ModuleRow) -> &'static str {
        module.state.word(self.frame.words)
    }

    /// Returns why it failed, in sentences.
    pub fn reasons(&self) -> Vec<String> {
        self.failure.as_deref().map(|why| explained(self.frame.words, why)).unwrap_or_default()
    }
}

/// Says what was asked, what was answered and what to do, for the reason that a failed scan keeps. A
/// reason that is not known here stays as it is.
fn explained(words: Words, reason: &str) -> Vec<String> {
    let known = |unscored: Unscored| {
        let pattern = unscored.to_string();
        reason.strip_prefix(pattern.as_str()).map(str::to_owned)
    };
    let none = String::new;
    let said = if known(Unscored::NoSuchDomain).is_some() {
        [
            words.t("DNS was asked for the addresses of the domain and answered that there is no such name (NXDOMAIN).").to_owned(),
            words.t("Look whether it is spelled right and registered. A new record may need some minutes to be seen.").to_owned(),
        ]
    } else if let Some(which) = known(Unscored::Refused(none())) {
        [
            words.t1("DNS was asked for the addresses of the domain; every one of them is refused here: {}.", which),
            words.t("Private and reserved addresses are not on the public internet, so nothing can be said about them from outside.").to_owned(),
        ]
    } else if known(Unscored::Excluded).is_some() {
        [
            words.t("The operator of this service keeps the domain from being scanned.").to_owned(),
            none(),
        ]
    } else if let Some(why) = known(Unscored::ResolverFailed(none())) {
        [
            words.t1("DNS was asked for the addresses of the domain and gave no answer: {}.", why),
            words.t("The fault is on our side, so the scan was given back to the month. Try again in a minute.").to_owned(),
        ]
    } else if let Some(why) = known(Unscored::NothingTested(none())) {
        [
            words.t1("The domain was found, but nothing of it could be judged: {}.", why),
            words.t("Look whether its servers answer, and whether they turn away addresses like ours.").to_owned(),
        ]
    } else {
        [reason.to_owned(), none()]
    };
    said.into_iter().filter(|text| !text.is_empty()).collect()
}

/// Which findings are shown; what is left out is not asked about.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    pub severity: Option<Severity>,
    pub module: Option<ModuleId>,
    /// The id of a framework that has a control which the finding is evidence for.
    pub framework: String,
    /// Stands somewhere in the finding, whatever the case.
    pub text: String,
}

impl FindingFilter {
    /// Returns whether anything is asked about.
    pub fn is_set(&self) -> bool {
        self.severity.is_some()
            || self.module.is_some()
            || !self.framework.is_empty()
            || !self.text.is_empty()
    }

    fn lets_through(&self, issue: &IssueView) -> bool {
        let text = self.text.to_lowercase();
        self.severity.is_none_or(|one| one == issue.severity)
            && self.module.is_none_or(|one| one == issue.module)
            && (self.framework.is_empty()
                || issue.controls.iter().any(|control| control.framework == self.framework))
            && (text.is_empty()
                || [&issue.id, &issue.title, &issue.evidence, &issue.remediation]
                    .iter()
                    .any(|have| have.to_lowercase().contains(&text)))
    }
}

/// A severity to choose, or all of them.
#[derive(Debug, Clone)]
pub struct SeverityTab {
    pub severity: Option<Severity>,
    pub count: usize,
    pub path: String,
}

/// How the score moved since the scan before that looked at the same modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub points: i64,
    pub since: Timestamp,
    /// Where both stand side by side.
    pub path: String,
}

impl Change {
    /// Returns the points with their sign.
    pub fn said(&self, frame: &Frame) -> String {
        frame.points(&(self.points * 1_000))
    }
}

/// The report of a scan.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub struct Report {
    pub frame: Frame,
    pub id: i64,
    pub now: Timestamp,
    pub view: ReportView,
    pub filter: FindingFilter,
    pub severities: Vec<SeverityTab>,
    /// What the report is called where it is verified.
    pub report_id: String,
    pub change: Option<Change>,
    /// Whether there is an earlier report of the domain.
    pub has_earlier: bool,
    /// What makes starting a scan from here twice start one.
    pub nonce: String,
    /// The module's titles.
    pub titles: fn(Words, ModuleId) -> &'static str,
    /// The title of a check, by its id.
    pub check_titles: fn(Words, &str) -> &str,
    /// What the evidence of a module is called.
    pub evidence: fn(ModuleId) -> &'static str,
    pub accept: AcceptForm,
}

impl Report {
    /// Says how many risks are accepted.
    pub fn accepted(&self) -> String {
        accepted(&self.frame, &self.view)
    }

    /// Returns the chosen findings by family, the part of a check's id before the dot: inside one
    /// only the dearest costs points. The family with the worst finding stands first.
    pub fn families(&self) -> Vec<Vec<&IssueView>> {
        let mut families: Vec<Vec<&IssueView>> = Vec::new();
        for issue in self.view.issues.iter().filter(|issue| self.filter.lets_through(issue)) {
            match families.iter_mut().find(|have| family(have[0]) == family(issue)) {
                Some(have) => have.push(issue),
                None => families.push(vec![issue]),
            }
        }
        families
    }

    /// Returns the score as the gauge wants it.
    pub fn score(&self) -> Option<i64> {
        self.view.score.map(i64::from)
    }

    /// Returns the modules with findings, and their titles.
    pub fn modules(&self) -> Vec<(ModuleId, &'static str)> {
        let mut ids: Vec<_> = self.view.issues.iter().map(|issue| issue.module).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| (id, self.title(&id))).collect()
    }

    /// Returns a module's title.
    pub fn title(&self, module: &ModuleId) -> &'static str {
        (self.titles)(self.frame.words, *module)
    }

    /// Returns the controls that a finding is evidence for, with the names of their frameworks.
    pub fn controls(&self, issue: &IssueView) -> String {
        controls(&self.view, issue)
    }

    /// Returns the frameworks that findings are evidence for, by id and name.
    pub fn frameworks(&self) -> Vec<(&str, &str)> {
        let all = self.view.compliance.iter();
        all.map(|(id, framework)| (id.as_str(), framework.name.as_str())).collect()
    }

    /// Returns how long the scan took.
    pub fn length(&self) -> String {
        self.frame.words.seconds(self.view.scan_duration_ms)
    }

    /// Returns how the score moved, in words, and where both scans stand side by side.
    pub fn moved(&self) -> Option<(String, &str)> {
        let Change { points, since, path } = self.change.as_ref()?;
        let since = self.frame.words.date(*since);
        let said = match points {
            0 => self.frame.t1("The same score as on {}.", since),
            1.. => self.frame.t2("Up {} since {}.", points, since),
            _ => self.frame.t2("Down {} since {}.", -*points, since),
        };
        Some((said, path))
    }

    /// Returns the way to the next letter in words, and the findings it takes.
    pub fn next_grade(&self) -> Option<(String, Vec<(&str, &str)>)> {
        let next = self.view.next_grade.as_ref()?;
        let fixes = i64::try_from(next.fixes.len()).unwrap_or(i64::MAX);
        let way = self.frame.words.tn(fixes, "1 fix", "{} fixes");
        let gain = self.frame.words.tn(i64::from(next.gain), "+1 point", "+{} points");
        let way = self.frame.t2("Fastest way to {}: {}", next.grade, format!("{way}, {gain}"));
        let title = |check: &str| {
            let issue = self.view.issues.iter().find(|issue| issue.id == check);
            issue.map_or("", |issue| issue.title.as_str())
        };
        Some((way, next.fixes.iter().map(|check| (check.as_str(), title(check))).collect()))
    }

    /// Returns what was asked for and could not be judged: modules with the reason.
    pub fn missing(&self) -> Vec<(&str, &str)> {
        let unseen = self.view.modules.values().filter(|module| module.status == "not_tested");
        unseen.map(|it| (it.title.as_str(), it.reason.as_deref().unwrap_or_default())).collect()
    }

    /// Returns the modules that were asked for, where it is not all of them.
    pub fn asked_for(&self) -> Option<String> {
        let is_part = self.view.modules.len() < ModuleId::ALL.len();
        let titles = self.view.modules.values().map(|module| module.title.as_str());
        (is_part && !self.view.modules.is_empty()).then(|| titles.collect::<Vec<_>>().join(", "))
    }

    /// Returns the checks that passed by module: the module's title, ids and what was looked for.
    pub fn passed(&self) -> Vec<(&'static str, Vec<(&str, &str)>)> {
        let by_module = self.view.passed_checks.chunk_by(|one, next| one.module == next.module);
        by_module
            .map(|checks| {
                let looked_for = checks.iter().map(|one| (&*one.id, self.looked_for(&one.id)));
                (self.title(&checks[0].module), looked_for.collect())
            })
            .collect()
    }

    /// Returns what a check looks for.
    pub fn looked_for<'a>(&self, check: &'a str) -> &'a str {
        (self.check_titles)(self.frame.words, check)
    }

    /// Returns where the evidence of a finding stands.
    pub fn evidence_path(&self, issue: &IssueView) -> String {
        format!("/scans/{}/evidence#{}", self.id, (self.evidence)(issue.module))
    }

    /// Returns the points that a finding took from the score; `None` for one that took nothing.
    pub fn lost(&self, issue: &IssueView) -> Option<String> {
        let lines = self.view.ledger.lines.iter().filter(|line| line.check == issue.id);
        let milli: i64 = lines.map(|line| line.lost_milli).sum();
        let points = self.frame.points(&milli);
        (milli > 0).then(|| points.trim_start_matches('+').to_owned())
    }

    /// Returns the lines of the score's account: what it is for, and thousandths of a point.
    pub fn account(&self) -> Vec<(String, i64)> {
        let ledger = &self.view.ledger;
        let title = |check: &str| {
            let issue = self.view.issues.iter().find(|issue| issue.id == check);
            issue.map_or_else(|| check.to_owned(), |issue| issue.title.clone())
        };
        let lines = ledger.lines.iter().map(|line| (title(&line.check), -line.lost_milli));
        let rest = [
            (self.frame.t("Rounding").to_owned(), -ledger.rounding_milli),
            (self.frame.t("Cap on the score").to_owned(), -ledger.cap_adjustment_milli),
        ];
        lines.chain(rest.into_iter().filter(|(_, milli)| *milli != 0)).collect()
    }
}

/// Says how many risks of a report are accepted.
pub(super) fn accepted(frame: &Frame, view: &ReportView) -> String {
    let count = i64::try_from(view.accepted_risks).unwrap_or(i64::MAX);
    frame.tn(&count, "1 accepted risk", "{} accepted risks")
}

/// Lists controls by framework: `PCI DSS 4.2.1, 6.4.3 · HIPAA 164.312(e)(1)`.
pub(super) fn controls(view: &ReportView, issue: &IssueView) -> String {
    let mut lists: Vec<(&str, String)> = Vec::new();
    for control in &issue.controls {
        match lists.iter_mut().find(|(id, _)| *id == control.framework) {
            Some((_, list)) => {
                list.push_str(", ");
                list.push_str(&control.control);
            }
            None => {
                let framework = view.compliance.get(&control.framework);
                let name =
                    framework.map_or(control.framework.as_str(), |framework| &framework.name);
                lists.push((&control.framework, format!("{name} {}", control.control)));
            }
        }
    }
    lists.into_iter().map(|(_, list)| list).collect::<Vec<_>>().join(" · ")
}

fn family(issue: &IssueView) -> &str {
    issue.id.split('.').next().unwrap_or(&issue.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    #[test]
    fn every_reason_of_a_failed_scan_is_explained() {
        let words = Words::from(Lang::German);
        for unscored in [
            Unscored::NoSuchDomain,
            Unscored::Refused("10.0.0.7 is a private address".to_owned()),
            Unscored::Excluded,
            Unscored::ResolverFailed("no answer within 5 s".to_owned()),
            Unscored::NothingTested("silence".to_owned()),
        ] {
            let said = explained(words, &unscored.to_string());
            assert_ne!(said[0], unscored.to_string(), "{unscored:?} is not explained");
        }
        let refused = Unscored::Refused("10.0.0.7 is a private address".to_owned()).to_string();
        assert!(
            explained(Words::default(), &refused)[0]
                .ends_with("here: 10.0.0.7 is a private address.")
        );
        assert_eq!(explained(words, "it broke"), ["it broke"]);
    }
}
