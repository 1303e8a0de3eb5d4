//! JUnit XML, for the test views of CI servers: a suite a domain, a case a check.
//!
//! A finding is a failed case, unless it only informs, and a skipped one where its risk is accepted; a check that could not be judged is a skipped
//! one, a scan without a score an error. There is no schema that all readers agree on; what is written here is what Jenkins,
//! GitLab and GitHub's reporters read: `testsuites`, `testsuite`, `testcase`, `failure`, `skipped`,
//! `error`.

use std::fmt::Write as _;

use model::Severity;

use crate::escape;
use crate::json::{IssueView, ModuleView, ReportView};

/// Prints several reports as one document.
pub fn document(views: &[ReportView]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for view in views {
        push_suite(&mut out, view);
    }
    out.push_str("</testsuites>\n");
    out
}

fn push_suite(out: &mut String, view: &ReportView) {
    let mut cases = String::new();
    let (mut tests, mut skipped) = (0, 0);
    for (id, module) in &view.modules {
        let class = format!("{}.{id}", view.domain);
        for issue in &module.issues {
            match &issue.accepted {
                Some(accepted) => {
                    let (name, note) = (named(&class, &issue.id), accepted.note());
                    let note = attribute("message", &note);
                    let _ = writeln!(cases, "    <testcase{name}><skipped{note}/></testcase>");
                    skipped += 1;
                }
                None if fails(issue) => push_failure(&mut cases, &class, issue),
                None => push_remark(&mut cases, &class, issue),
            }
        }
        for check in &module.detail.passed {
            let _ = writeln!(cases, "    <testcase{}/>", named(&class, check));
        }
        let untested = untested(module);
        for (check, reason) in &untested {
            let name = named(&class, check);
            let reason = attribute("message", reason);
            let _ = writeln!(cases, "    <testcase{name}><skipped{reason}/></testcase>");
        }
        tests += module.issues.len() + module.detail.passed.len() + untested.len();
        skipped += untested.len();
    }
    if let Some(reason) = &view.unscored {
        let (name, reason) = (named(&view.domain, "scan"), attribute("message", reason));
        let _ = writeln!(cases, "    <testcase{name}><error{reason}/></testcase>");
        tests += 1;
    }
    let name = attribute("name", &view.domain);
    let timestamp = attribute("timestamp", &view.scanned_at.to_string());
    let failures = view.issues.iter().filter(|issue| fails(issue)).count();
    let errors = usize::from(view.unscored.is_some());
    let (seconds, ms) = (view.scan_duration_ms / 1_000, view.scan_duration_ms % 1_000);
    let _ = writeln!(
        out,
        "  <testsuite{name} tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" \
         skipped=\"{skipped}\" time=\"{seconds}.{ms:03}\"{timestamp}>",
    );
    let score = view.score.map_or_else(|| "none".to_owned(), |score| score.to_string());
    let grade = view.grade.map_or("none", |grade| grade.as_str());
    out.push_str("    <properties>\n");
    for (key, value) in [("score", score.as_str()), ("grade", grade)] {
        let (key, value) = (attribute("name", key), attribute("value", value));
        let _ = writeln!(out, "      <property{key}{value}/>");
    }
    out.push_str("    </properties>\n");
    out.push_str(&cases);
    out.push_str("  </testsuite>\n");
}

fn fails(issue: &IssueView) -> bool {
    issue.severity > Severity::Info && issue.accepted.is_none()
}

fn push_remark(out: &mut String, class: &str, issue: &IssueView) {
    let (name, finding) = (named(class, &issue.id), text(&issue.finding));
    let _ = writeln!(out, "    <testcase{name}><system-out>{finding}</system-out></testcase>");
}

fn push_failure(out: &mut String, class: &str, issue: &IssueView) {
    let (name, kind) = (named(class, &issue.id), attribute("type", issue.severity.as_str()));
    let message = attribute("message", &issue.finding);
    let mut advice = issue.remediation.clone();
    if let Some(careful) = &issue.careful {
        let _ = write!(advice, "\n\nCareful: {careful}");
    }
    for paste in &issue.paste {
        let _ = write!(advice, "\n\n{}:\n{}", paste.tool, paste.text);
    }
    let advice: Vec<_> = advice.lines().map(text).collect();
    let advice = advice.join("\n");
    let _ =
        writeln!(out, "    <testcase{name}><failure{message}{kind}>{advice}</failure></testcase>");
}

/// Returns what a module could not judge: single checks, or itself as a whole.
fn untested(module: &ModuleView) -> Vec<(&str, &str)> {
    match module.status.as_str() {
        "not_tested" => vec![("module", module.reason.as_deref().unwrap_or("not tested"))],
        _ => {
            let checks = module.detail.not_tested.iter();
            checks.map(|check| (check.check.as_str(), check.reason.as_str())).collect()
        }
    }
}

fn named(class: &str, name: &str) -> String {
    attribute("classname", class) + &attribute("name", name)
}

fn attribute(name: &str, value: &str) -> String {
    format!(" {name}=\"{}\"", text(value))
}

/// Escapes for content and quoted attributes alike. XML 1.0 cannot hold most control characters at
/// all, so they are shown.
fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in escape::terminal(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML 1.0 (fifth edition), section 2.2, leaves these two out.
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_document_keeps_its_shape() {
        let mut view = sample::view();
        view.issues.iter_mut().for_each(|issue| issue.paste.truncate(1));
        insta::assert_snapshot!(document(&[view, ReportView::of(&sample::unscored())]));
    }

    #[test]
    fn counts_agree_with_cases() {
        let view = sample::view();
        let printed = document(std::slice::from_ref(&view));
        let count = |what: &str| printed.matches(what).count();
        assert_eq!(count("<failure") + count("<system-out>"), view.issues.len());
        assert!(printed.contains(&format!(" failures=\"{}\"", count("<failure"))));
        assert!(printed.contains(&format!(" tests=\"{}\"", count("<testcase"))));
        assert!(printed.contains(&format!(" skipped=\"{}\"", count("<skipped"))));
    }

    #[test]
    fn a_target_cannot_break_out() {
        let mut view = sample::view();
        view.modules.values_mut().for_each(|module| {
            module.issues.iter_mut().for_each(|issue| {
                issue.finding = "\"/></testcase><x y=\"\u{0}\u{1b}]]>".to_owned();
            });
        });
        let printed = document(&[view]);
        assert!(
            !printed.contains("<x ") && !printed.contains('\u{1b}') && !printed.contains("]]>")
        );
    }
}
