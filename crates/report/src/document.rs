//! A report as headings, paragraphs, tables and lists, before it is a page of HTML or a PDF.
//!
//! Both are printed from the same [`Document`], so they say the same in the same order. Nothing here is
//! escaped: the printers do that, each for what it prints.

use model::{Grade, Severity};

use crate::json::{Attestation, ControlResult, FrameworkView, IssueView, ReportView};

/// Something to read from top to bottom.
pub(crate) struct Document {
    /// What it is called outside: in a tab, in the list of a reader.
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
}

/// A part of a document.
pub(crate) enum Block {
    Group(Group, Vec<Block>),
    Heading(Heading),
    /// Its mood is that of the result, where it says one.
    Paragraph(Option<Mood>, Vec<Run>),
    /// Text to paste, its lines kept.
    Paste(String),
    List(Vec<Vec<Run>>),
    Table(Table),
}

/// What holds blocks together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Header,
    Section,
    /// About one finding.
    Article(Option<Mood>),
}

/// How good something is, for its colour; a word says it as well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    Fair,
    Bad,
}

/// A heading, from level 1, without a gap between levels.
pub(crate) struct Heading {
    pub(crate) level: u8,
    pub(crate) severity: Option<Severity>,
    pub(crate) text: String,
}

/// Rows of as many cells as the head has; the first cell of each names the row.
pub(crate) struct Table {
    pub(crate) head: Vec<&'static str>,
    /// How the width is shared out.
    pub(crate) shares: Vec<u8>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// Text in one face.
pub(crate) struct Run {
    pub(crate) face: Face,
    pub(crate) text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Plain,
    Strong,
    Code,
}

pub(crate) fn plain(text: impl Into<String>) -> Run {
    Run { face: Face::Plain, text: text.into() }
}

pub(crate) fn strong(text: impl Into<String>) -> Run {
    Run { face: Face::Strong, text: text.into() }
}

pub(crate) fn code(text: impl Into<String>) -> Run {
    Run { face: Face::Code, text: text.into() }
}

pub(crate) fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(None, vec![plain(text)])
}

pub(crate) fn heading(level: u8, text: impl Into<String>) -> Block {
    Block::Heading(Heading { level, severity: None, text: text.into() })
}

impl Document {
    /// Lays out a whole report.
    pub(crate) fn of(view: &ReportView) -> Self {
        let mut blocks = vec![header(view), issues(view), modules(view)];
        blocks.extend(not_tested(view));
        blocks.extend(skipped(view));
        blocks.push(compliance(view));
        blocks.extend(sum(view));
        blocks.extend(view.attestation.as_ref().map(attestation));
        Self { title: format!("{}: {}", view.domain, result(view)), blocks }
    }

    /// Lays out what a report says about one framework: its controls, and the findings that are evidence
    /// for them.
    pub(crate) fn for_framework(view: &ReportView, id: &str) -> Self {
        let Some(framework) = view.compliance.get(id) else { return Self::of(view) };
        let name = format!("{} {}", framework.name, framework.version);
        let is_evidence =
            |issue: &&IssueView| issue.controls.iter().any(|control| control.framework == id);
        let found: Vec<&IssueView> = view.issues.iter().filter(is_evidence).collect();
        let narrowed = format!(
            "This is about {name} alone: {} of the {} findings of the scan are evidence for its \
             controls.",
            found.len(),
            view.total_issues
        );
        let mut controls = Vec::new();
        push_framework(&mut controls, view, framework);
        if let Some(Block::Heading(heading)) = controls.first_mut() {
            heading.level = 2;
        }
        let mut findings = vec![heading(2, format!("Findings ({})", found.len()))];
        findings.extend(found.into_iter().map(issue));
        let mut blocks = vec![
            header(view),
            paragraph(narrowed),
            Block::Group(Group::Section, controls),
            Block::Group(Group::Section, findings),
        ];
        blocks.extend(not_tested(view));
        blocks.extend(skipped(view));
        blocks.extend(view.attestation.as_ref().map(attestation));
        Self { title: format!("{}: {name}, {}", view.domain, result(view)), blocks }
    }
}

/// Says the result in a few words.
pub(crate) fn result(view: &ReportView) -> String {
    match (view.grade, view.score) {
        (Some(grade), Some(score)) => format!("{grade}, {score} of 100"),
        _ => "no score".to_owned(),
    }
}

/// What stands on top of every document about a report.
pub(crate) fn header(view: &ReportView) -> Block {
    let mood = match view.grade {
        Some(Grade::A | Grade::B) => Some(Mood::Good),
        Some(Grade::C) => Some(Mood::Fair),
        Some(Grade::D | Grade::F) => Some(Mood::Bad),
        None => None,
    };
    let mut verdict = vec![strong(result(view))];
    verdict.extend(view.risk_level.as_ref().map(|risk| plain(format!(", {risk} risk"))));
    let mut blocks = vec![heading(1, view.domain.as_str()), Block::Paragraph(mood, verdict)];
    if let Some(reason) = &view.unscored {
        blocks.push(paragraph(format!("No score: {reason}.")));
    }
    if view.incomplete && view.unscored.is_none() {
        let percent = view.coverage.percent;
        blocks
            .push(paragraph(format!("Incomplete: {percent} % of the planned weight was tested.")));
    }
    blocks.push(paragraph(format!(
        "Scanned {} by ComplianceLayer {}, catalogue {}.",
        view.scanned_at, view.engine_version, view.catalogue_version
    )));
    blocks.extend(view.intrusion().map(paragraph));
    blocks.extend(view.throttling().map(paragraph));
    blocks.extend(view.accepted_sentence().map(paragraph));
    Block::Group(Group::Header, blocks)
}

fn issues(view: &ReportView) -> Block {
    let mut blocks = vec![heading(2, format!("Findings ({})", view.total_issues))];
    blocks.extend(view.issues.iter().map(issue));
    Block::Group(Group::Section, blocks)
}

/// Everything about one finding.
pub(crate) fn issue(issue: &IssueView) -> Block {
    let mood = match issue.severity {
        Severity::Critical | Severity::High => Some(Mood::Bad),
        Severity::Medium => Some(Mood::Fair),
        Severity::Low | Severity::Info => None,
    };
    let mut blocks = vec![Block::Heading(Heading {
        level: 3,
        severity: Some(issue.severity),
        text: issue.title.clone(),
    })];
    let mut place = format!(" in {}", issue.module);
    if issue.gain > 0 {
        place.push_str(&format!(", mending it adds {} to the score", issue.gain));
    }
    blocks.push(Block::Paragraph(None, vec![code(issue.id.as_str()), plain(place)]));
    blocks.extend(issue.accepted.as_ref().map(|accepted| paragraph(accepted.note())));
    if !issue.evidence.is_empty() {
        blocks.push(paragraph(format!("Seen: {}", issue.evidence)));
    }
    if !issue.why.is_empty() {
        blocks.push(paragraph(issue.why.as_str()));
    }
    blocks.push(paragraph(format!("Fix: {}", issue.remediation)));
    if let Some(careful) = &issue.careful {
        blocks.push(paragraph(format!("Careful: {careful}")));
    }
    for paste in &issue.paste {
        blocks.push(paragraph(format!("{}:", paste.tool)));
        blocks.push(Block::Paste(paste.text.clone()));
    }
    if !issue.references.is_empty() {
        blocks.push(paragraph(format!("Demanded by {}", issue.references.join("; "))));
    }
    Block::Group(Group::Article(mood), blocks)
}

fn modules(view: &ReportView) -> Block {
    let rows = view.modules.values().map(|module| {
        let result = match &module.reason {
            Some(reason) => format!("{}: {reason}", module.status.replace('_', " ")),
            None => {
                format!("{} failed, {} passed", module.issues.len(), module.detail.passed.len())
            }
        };
        vec![
            module.title.clone(),
            module.score.map_or("–".to_owned(), |score| score.to_string()),
            module.grade.map_or("–", Grade::as_str).to_owned(),
            module.weight.to_string(),
            result,
        ]
    });
    let table = Table {
        head: vec!["Module", "Score", "Grade", "Weight", "Result"],
        shares: vec![30, 9, 9, 10, 42],
        rows: rows.collect(),
    };
    Block::Group(Group::Section, vec![heading(2, "Modules"), Block::Table(table)])
}

fn not_tested(view: &ReportView) -> Option<Block> {
    let items = view.not_tested.iter().map(|gap| {
        let name = gap.check.as_deref().unwrap_or(gap.module.as_str());
        vec![code(name), plain(format!(": {}", gap.reason))]
    });
    let items: Vec<_> = items.collect();
    let title = heading(2, "Not tested, and so neither good nor bad");
    (!items.is_empty()).then(|| Block::Group(Group::Section, vec![title, Block::List(items)]))
}

/// Names the addresses of the domain that the report says nothing about.
fn skipped(view: &ReportView) -> Option<Block> {
    let items = view.scope.skipped.iter().map(|skipped| {
        vec![code(skipped.address.to_string()), plain(format!(": {}", skipped.reason))]
    });
    let items: Vec<_> = items.collect();
    let title = heading(2, "Addresses that were not connected to");
    (!items.is_empty()).then(|| Block::Group(Group::Section, vec![title, Block::List(items)]))
}

fn compliance(view: &ReportView) -> Block {
    let mut blocks = vec![heading(2, "Frameworks, as far as visible from outside")];
    for framework in view.compliance.values().filter(|framework| framework.visible_controls > 0) {
        push_framework(&mut blocks, view, framework);
    }
    Block::Group(Group::Section, blocks)
}

fn push_framework(blocks: &mut Vec<Block>, view: &ReportView, framework: &FrameworkView) {
    blocks.push(heading(3, format!("{} {}", framework.name, framework.version)));
    let mut seen = format!(
        "{} of the {} controls that monitoring can speak to were visible in this scan",
        framework.visible_controls,
        framework.controls.len()
    );
    if let Some(total) = framework.total_controls {
        seen.push_str(&format!("; the framework has {total}"));
    }
    blocks.push(paragraph(format!("{seen}. {}", framework.note)));
    // A gap whose risk is accepted is a gap.
    let named = |id: &String| match view.is_accepted(id) {
        true => format!("{id} (risk accepted)"),
        false => id.clone(),
    };
    let rows = framework.controls.iter().map(|control| {
        let (result, evidence) = match control.result {
            ControlResult::Gap => {
                ("gap", control.findings.iter().map(named).collect::<Vec<_>>().join(", "))
            }
            ControlResult::MetAsFarAsVisible => {
                ("met as far as visible", format!("{} passed", control.passed.len()))
            }
            ControlResult::NotVisible => ("not visible", control.note.clone().unwrap_or_default()),
        };
        vec![
            control.id.clone(),
            control.about.clone(),
            control.kind.clone(),
            result.to_owned(),
            evidence,
        ]
    });
    blocks.push(Block::Table(Table {
        head: vec!["Control", "About", "Kind", "Result", "Evidence"],
        shares: vec![13, 28, 12, 15, 32],
        rows: rows.collect(),
    }));
}

fn sum(view: &ReportView) -> Option<Block> {
    view.score?;
    let mut blocks = vec![heading(2, "How 100 became the score")];
    if let Some(cap) = &view.cap {
        blocks.push(paragraph(format!("At most {}: {} ({}).", cap.at, cap.reason, cap.by)));
    }
    blocks.push(paragraph(crate::text::sum(view)));
    Some(Block::Group(Group::Section, blocks))
}

/// Says how a reader finds out whether this is what was issued.
pub(crate) fn attestation(attestation: &Attestation) -> Block {
    let parts = vec![
        plain("Report "),
        code(attestation.report_id.as_str()),
        plain(", signed with the key "),
        code(attestation.key_id.as_str()),
        plain(
            ". Whoever issued it says on its page “Verify report” whether this file is unchanged; \
             ComplianceLayer’s command “verify” does so without asking anybody.",
        ),
    ];
    let blocks = vec![heading(2, "Where this report comes from"), Block::Paragraph(None, parts)];
    Block::Group(Group::Section, blocks)
}
