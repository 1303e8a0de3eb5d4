//! The report for a terminal.
//!
//! [`report`] prints everything a person needs to act: the result, the findings worst first with
//! fix and text to paste, the modules, what was not tested, and how 100 became the score.
//! [`progress_line`] is one finished module while a scan runs.
//!
//! Severity is always a word as well as a colour. Prose is wrapped; text to paste never is, since
//! a broken line would not work. Whatever came from a target passes [`escape::terminal`].

use std::fmt::Write as _;

use model::{ModuleReport, ModuleStatus, Severity};
use owo_colors::{OwoColorize, Style};

use crate::escape;
use crate::json::{IssueView, ModuleView, NotTestedView, PasteView, ReportView};

/// Whether to use ANSI colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Plain,
    Ansi,
}

impl Colour {
    fn paint(self, style: Style, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => text.style(style).to_string(),
        }
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        self.paint(
            match severity {
                Severity::Critical => Style::new().bright_red().bold(),
                Severity::High => Style::new().red(),
                Severity::Medium => Style::new().yellow(),
                Severity::Low => Style::new().cyan(),
                Severity::Info => Style::new().dimmed(),
            },
            text,
        )
    }

    fn bold(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    fn dim(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }
}

/// Column in which a finding's text starts.
const INDENT: usize = 12;

/// Prints a report. Prose is wrapped at `width` columns, held between 60 and 100.
pub fn report(view: &ReportView, colour: Colour, width: usize) -> String {
    let width = width.clamp(60, 100);
    let mut out = header(view, colour);
    if let Some(reason) = &view.unscored {
        let reason = format!("No score: {reason}. This says nothing about the domain's quality.");
        push_wrapped(&mut out, 0, width, &reason);
    }
    if view.incomplete && view.unscored.is_none() {
        let note = format!(
            "Incomplete: {} % of the planned weight was tested, each module by the share of its checks \
             that gave a verdict; the grade stands for that part and is never an A.",
            view.coverage.percent
        );
        push_wrapped(&mut out, 0, width, &note);
    }
    for note in [view.intrusion(), view.throttling()].into_iter().flatten() {
        push_wrapped(&mut out, 0, width, &note);
    }
    if let Some(accepted) = view.accepted_sentence() {
        push_wrapped(&mut out, 0, width, &accepted);
    }
    if !view.issues.is_empty() {
        out.push('\n');
    }
    for issue in &view.issues {
        push_issue(&mut out, view, issue, colour, width);
    }
    push_modules(&mut out, view, colour, width);
    push_not_tested(&mut out, &view.not_tested, colour, width);
    push_skipped(&mut out, view, colour, width);
    push_sum(&mut out, view, width);
    out
}

/// Prints one finished module: `   Checked dns_email       6 findings   0.4s`.
pub fn progress_line(module: &ModuleReport) -> String {
    let seconds = seconds(module.duration_ms);
    let id = module.id.as_str();
    match &module.status {
        ModuleStatus::Ok => {
            let found = counted(module.findings.len(), "finding");
            format!("   Checked {id:<14} {found:<12} {seconds}s")
        }
        ModuleStatus::NotApplicable(reason) => {
            format!("   Skipped {id:<14} does not apply: {}", escape::terminal(reason))
        }
        ModuleStatus::NotTested(reason) => {
            format!("   Skipped {id:<14} not tested: {}", escape::terminal(reason))
        }
    }
}

fn header(view: &ReportView, colour: Colour) -> String {
    let domain = colour.bold(&escape::terminal(&view.domain));
    let judged = view.modules.values().filter(|module| module.status == "ok").count();
    let modules = match judged == view.modules.len() {
        true => counted(judged, "module"),
        false => format!("{judged} of {}", counted(view.modules.len(), "module")),
    };
    let result = match (view.grade, view.score) {
        (Some(grade), Some(score)) => {
            let letter = colour.paint(grade_style(grade), grade.as_str());
            let risk =
                escape::terminal(view.risk_level.as_deref().unwrap_or("unknown")).into_owned();
            format!("{letter}  {}  {risk} risk", colour.bold(&format!("{score}/100")))
        }
        _ => "no score".to_owned(),
    };
    format!("{domain}   {result}   {modules} in {} s\n", seconds(view.scan_duration_ms))
}

fn grade_style(grade: model::Grade) -> Style {
    match grade {
        model::Grade::A | model::Grade::B => Style::new().green().bold(),
        model::Grade::C => Style::new().yellow().bold(),
        model::Grade::D | model::Grade::F => Style::new().red().bold(),
    }
}

fn push_issue(
    out: &mut String,
    view: &ReportView,
    issue: &IssueView,
    colour: Colour,
    width: usize,
) {
    let word = issue.severity.as_str().to_uppercase();
    let word = colour.severity(issue.severity, &format!("{word:<8}"));
    let title = escape::terminal(&issue.title);
    let cost = lost(view, &issue.id).map_or(String::new(), |milli| format!("-{}", tenths(milli)));
    let room = width.saturating_sub(INDENT + 6 + 3 + 14);
    let title_width = room.max(title.chars().count());
    let padded = format!("{title:<title_width$}");
    let _ = writeln!(
        out,
        "  {word}  {} {cost:>6}   {}",
        colour.bold(&padded),
        colour.dim(issue.module.as_str())
    );
    if let Some(accepted) = &issue.accepted {
        push_wrapped(out, INDENT, width, &accepted.note());
    }
    if !issue.evidence.is_empty() {
        push_wrapped(out, INDENT, width, &format!("Seen: {}", issue.evidence));
    }
    push_wrapped(out, INDENT, width, &format!("Fix: {}", issue.remediation));
    if let Some(careful) = &issue.careful {
        push_wrapped(out, INDENT, width, &format!("Careful: {careful}"));
    }
    if let Some(paste) = issue.paste.first() {
        push_paste(out, paste, colour);
    }
}

/// Prints text to paste, unwrapped; several lines keep their own indentation.
fn push_paste(out: &mut String, paste: &PasteView, colour: Colour) {
    let tool = colour.dim(&format!("{}:", escape::terminal(&paste.tool)));
    let lines: Vec<_> = paste.text.lines().map(escape::terminal).collect();
    match lines.as_slice() {
        [line] => {
            let _ = writeln!(out, "{:INDENT$}{tool} {line}", "");
        }
        lines => {
            let _ = writeln!(out, "{:INDENT$}{tool}", "");
            for line in lines {
                let _ = writeln!(out, "{:INDENT$}  {line}", "");
            }
        }
    }
}

fn push_modules(out: &mut String, view: &ReportView, colour: Colour, width: usize) {
    if view.modules.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", colour.bold("Modules"));
    for (id, module) in &view.modules {
        let id = id.as_str();
        match (module.score, module.grade) {
            (Some(score), Some(grade)) => {
                let letter = colour.paint(grade_style(grade), grade.as_str());
                let found = counted(module.issues.len(), "finding");
                let weight = module.weight;
                let bar = bar(score);
                let _ = writeln!(
                    out,
                    "  {id:<14} {score:>3}  {letter}  {bar}  {found:<12} weight {weight}"
                );
            }
            _ => push_wrapped(out, 2, width, &format!("{id:<14}   -  {}", unjudged(module))),
        }
    }
}

fn unjudged(module: &ModuleView) -> String {
    let word = module.status.replace('_', " ");
    match &module.reason {
        Some(reason) => format!("{word}: {reason}"),
        None => word,
    }
}

/// Twenty columns; full only at 100, empty only at 0.
fn bar(score: u8) -> String {
    let filled = match score.min(100) {
        0 => 0,
        score => (usize::from(score) / 5).max(1),
    };
    format!("[{:<20}]", "=".repeat(filled))
}

/// One line a reason: twenty checks that failed for the same reason are one thing to know.
fn push_not_tested(out: &mut String, untested: &[NotTestedView], colour: Colour, width: usize) {
    if untested.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", colour.bold("Not tested, and so neither good nor bad"));
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for gap in untested {
        let name = gap.check.as_deref().unwrap_or(gap.module.as_str());
        match reasons.iter_mut().find(|(reason, _)| *reason == gap.reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((&gap.reason, vec![name])),
        }
    }
    for (reason, names) in reasons {
        push_wrapped(out, 2, width, &format!("{}: {reason}", names.join(", ")));
    }
}

/// Names the addresses of the domain that the report says nothing about.
fn push_skipped(out: &mut String, view: &ReportView, colour: Colour, width: usize) {
    if view.scope.skipped.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", colour.bold("Addresses that were not connected to"));
    for skipped in &view.scope.skipped {
        push_wrapped(out, 2, width, &format!("{}: {}", skipped.address, skipped.reason));
    }
}

fn push_sum(out: &mut String, view: &ReportView, width: usize) {
    if view.score.is_none() {
        return;
    }
    out.push('\n');
    if let Some(cap) = &view.cap {
        let effect = match view.ledger.cap_adjustment_milli {
            0 => "Bounded",
            _ => "Held down",
        };
        let by = match cap.by == "coverage" {
            true => cap.reason.clone(),
            false => format!("{} ({})", cap.reason, cap.by),
        };
        push_wrapped(out, 0, width, &format!("{effect} at {}: {by}.", cap.at));
    }
    let _ = writeln!(out, "{}", sum(view));
}

/// Prints how 100 became the score: `100 - 21.827 lost - 0.173 rounding - 4 cap = 74`.
pub(crate) fn sum(view: &ReportView) -> String {
    let lost =
        view.ledger.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.lost_milli));
    let mut sum = format!("100 - {} lost", thousandths(lost));
    for (milli, word) in
        [(view.ledger.rounding_milli, "rounding"), (view.ledger.cap_adjustment_milli, "cap")]
    {
        match milli {
            0 => {}
            milli if milli < 0 => {
                let _ = write!(sum, " + {} {word}", thousandths(milli.saturating_neg()));
            }
            milli => {
                let _ = write!(sum, " - {} {word}", thousandths(milli));
            }
        }
    }
    let score = view.score.map_or("no score".to_owned(), |score| score.to_string());
    format!("{sum} = {score}")
}

/// Returns what a finding took from the score, in thousandths of a point.
fn lost(view: &ReportView, check: &str) -> Option<i64> {
    let line = view.ledger.lines.iter().find(|line| line.check == check)?;
    (line.lost_milli > 0).then_some(line.lost_milli)
}

fn tenths(milli: i64) -> String {
    let tenths = milli.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Without trailing zeros, so that a whole number looks like one.
fn thousandths(milli: i64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn seconds(ms: u64) -> String {
    let tenths = ms.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// Escapes and appends prose, broken at spaces (and inside words wider than a line).
fn push_wrapped(out: &mut String, indent: usize, width: usize, text: &str) {
    let text = escape::terminal(text);
    let room = width.saturating_sub(indent).max(20);
    let mut line = String::new();
    let mut used = 0;
    let mut flush = |line: &mut String, used: &mut usize| {
        let _ = writeln!(out, "{:indent$}{}", "", line.trim_end());
        line.clear();
        *used = 0;
    };
    for word in text.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if used > 0 && used + length > room {
            flush(&mut line, &mut used);
        }
        for letter in word.chars() {
            if used == room && letter != ' ' {
                flush(&mut line, &mut used);
            }
            if used < room {
                line.push(letter);
                used += 1;
            }
        }
    }
    if !line.is_empty() {
        flush(&mut line, &mut used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_report_reads_well() {
        insta::assert_snapshot!(report(&sample::view(), Colour::Plain, 100));
    }

    #[test]
    fn a_report_without_a_score_reads_well_too() {
        let view = ReportView::of(&sample::unscored());
        insta::assert_snapshot!(report(&view, Colour::Plain, 100), @r"
        shop.example.com   no score   0 modules in 6.2 s
        No score: the domain does not exist (NXDOMAIN). This says nothing about the domain's quality.
        ");
    }

    #[test]
    fn a_narrow_terminal_breaks_prose_but_not_what_is_to_be_pasted() {
        let text = report(&sample::view(), Colour::Plain, 10);
        let paste =
            "_dmarc.shop.example.com. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@shop.example.com\"";
        assert!(text.contains(paste));
        let prose = text.lines().filter(|line| line.trim_start().starts_with("Fix:"));
        assert!(prose.clone().count() > 0 && prose.into_iter().all(|line| line.len() <= 60));
    }

    #[test]
    fn colour_adds_escapes_and_changes_no_letter() {
        let plain = report(&sample::view(), Colour::Plain, 100);
        assert!(!plain.contains('\u{1b}'));
        let coloured = report(&sample::view(), Colour::Ansi, 100);
        let mut letters = String::new();
        for (index, part) in coloured.split('\u{1b}').enumerate() {
            match index {
                0 => letters.push_str(part),
                _ => letters.push_str(part.split_once('m').unwrap().1),
            }
        }
        assert_eq!(letters, plain);
    }

    #[test]
    fn progress_is_one_line_a_module() {
        let lines: Vec<_> = sample::report().modules.iter().map(progress_line).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        Checked ssl_tls        1 finding    1.9s
        Checked dns_email      1 finding    0.4s
        Checked http_headers   4 findings   0.7s
        Skipped open_ports     not tested: no answer in time
        Skipped cookies        does not apply: the site sets no cookie
        ");
    }
}
