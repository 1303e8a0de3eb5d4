//! The report as Markdown (CommonMark with GitHub's tables), for job summaries, merge requests and
//! tickets.
//!
//! [`text`] is the only way in for words that a target may have chosen: nothing of them is markup, a
//! link or the mention of a person.

use std::fmt::Write as _;

use crate::escape;
use crate::json::{IssueView, ReportView};

/// Prints several reports, one below the other.
pub fn document(views: &[ReportView]) -> String {
    let reports: Vec<String> = views.iter().map(report).collect();
    reports.join("\n")
}

fn report(view: &ReportView) -> String {
    let mut out = format!("## {}\n\n", text(&view.domain));
    match (view.grade, view.score) {
        (Some(grade), Some(score)) => {
            let risk = text(view.risk_level.as_deref().unwrap_or("unknown"));
            let _ = writeln!(out, "**{grade}**, **{score}** of 100, {risk} risk.");
        }
        _ => {
            let reason = text(view.unscored.as_deref().unwrap_or("unknown"));
            let _ =
                writeln!(out, "No score: {reason}. This says nothing about the domain's quality.");
        }
    }
    if let Some(cap) = &view.cap {
        let _ = writeln!(out, "The score is held at {} by: {}.", cap.at, text(&cap.reason));
    }
    if view.incomplete && view.unscored.is_none() {
        let _ = writeln!(
            out,
            "Incomplete: {} % of the planned weight was tested; the grade is never an A.",
            view.coverage.percent
        );
    }
    if let Some(accepted) = view.accepted_sentence() {
        let _ = writeln!(out, "\n{}", text(&accepted));
    }
    push_findings(&mut out, view);
    push_modules(&mut out, view);
    push_untested(&mut out, view);
    push_skipped(&mut out, view);
    let _ = writeln!(
        out,
        "\nScanned {} in {}.{:01} s, engine {}, catalogue {}.",
        view.scanned_at,
        view.scan_duration_ms / 1_000,
        view.scan_duration_ms % 1_000 / 100,
        text(&view.engine_version),
        view.catalogue_version
    );
    for note in [view.intrusion(), view.throttling()].into_iter().flatten() {
        let _ = writeln!(out, "\n{}", text(&note));
    }
    out
}

fn push_findings(out: &mut String, view: &ReportView) {
    if view.issues.is_empty() {
        return;
    }
    out.push_str("\n| Severity | Finding | Check | Gain |\n| --- | --- | --- | --: |\n");
    for issue in &view.issues {
        let (severity, mut finding) = (issue.severity, text(&issue.finding));
        if let Some(accepted) = &issue.accepted {
            let _ = write!(finding, "<br>{}", text(&accepted.note()));
        }
        let _ = writeln!(out, "| {severity} | {finding} | {} | {} |", text(&issue.id), issue.gain);
    }
    for issue in &view.issues {
        push_fix(out, issue);
    }
}

fn push_fix(out: &mut String, issue: &IssueView) {
    // A line that begins with a tag is HTML to its end, where a backslash is a backslash.
    let _ = writeln!(out, "\n<details><summary>{}</summary>\n", html(&issue.title));
    if !issue.why.is_empty() {
        let _ = writeln!(out, "{}\n", text(&issue.why));
    }
    let _ = writeln!(out, "{}", text(&issue.remediation));
    if let Some(careful) = &issue.careful {
        let _ = writeln!(out, "\nCareful: {}", text(careful));
    }
    for paste in &issue.paste {
        let fence = fence(&paste.text);
        let _ =
            writeln!(out, "\n{}:\n\n{fence}\n{}\n{fence}", text(&paste.tool), lines(&paste.text));
    }
    if !issue.references.is_empty() {
        let _ = writeln!(out, "\nSee {}.", text(&issue.references.join("; ")));
    }
    out.push_str("\n</details>\n");
}

fn push_modules(out: &mut String, view: &ReportView) {
    if view.modules.is_empty() {
        return;
    }
    out.push_str("\n| Module | Score | Findings |\n| --- | --: | --: |\n");
    for module in view.modules.values() {
        let score = match (module.score, module.status.as_str()) {
            (Some(score), _) => score.to_string(),
            (None, "not_applicable") => "does not apply".to_owned(),
            (None, _) => "not tested".to_owned(),
        };
        let _ = writeln!(out, "| {} | {score} | {} |", text(&module.title), module.issues.len());
    }
}

fn push_untested(out: &mut String, view: &ReportView) {
    if view.not_tested.is_empty() {
        return;
    }
    out.push_str("\nNot tested, so neither passed nor failed:\n\n");
    for one in &view.not_tested {
        let what = one.check.as_deref().unwrap_or(one.module.as_str());
        let _ = writeln!(out, "- {}: {}", text(what), text(&one.reason));
    }
}

fn push_skipped(out: &mut String, view: &ReportView) {
    if view.scope.skipped.is_empty() {
        return;
    }
    out.push_str("\nAddresses that were not connected to:\n\n");
    for one in &view.scope.skipped {
        let _ = writeln!(out, "- {}: {}", text(&one.address.to_string()), text(&one.reason));
    }
}

/// Makes text that is only text, on one line.
fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in escape::terminal(text).chars() {
        match letter {
            // A backslash does not keep these from being HTML or a mention.
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                safe.push('\\');
                safe.push(letter);
            }
            letter => safe.push(letter),
        }
    }
    // GitHub makes links of bare addresses.
    safe.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
}

/// Makes text that is only text within HTML.
fn html(text: &str) -> String {
    let text = escape::terminal(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "&#64;")
}

/// Returns text to paste, harmless in a terminal, its lines kept.
fn lines(text: &str) -> String {
    text.lines().map(|line| escape::terminal(line).into_owned()).collect::<Vec<_>>().join("\n")
}

/// Returns a fence that the text cannot close.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_report_reads_well() {
        let mut view = sample::view();
        view.issues.iter_mut().for_each(|issue| issue.paste.truncate(1));
        insta::assert_snapshot!(document(&[view, ReportView::of(&sample::unscored())]));
    }

    #[test]
    fn a_target_writes_no_markup() {
        assert_eq!(
            text("a|b\n<img src=x> [x](y) @ann `c`"),
            "a\\|b\\\\n&lt;img src=x&gt; \\[x\\](y) &#64;ann \\`c\\`"
        );
        assert_eq!(
            text("http://evil.example www.evil.example"),
            "http:&#47;&#47;evil.example www&#46;evil.example"
        );
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("plain"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
