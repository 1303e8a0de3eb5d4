//! The report as one HTML page without script and without outside assets.
//!
//! [`Html`] is the only way to write: markup is `&'static str`, so whatever came from a target can
//! only pass through [`Html::text`], which escapes it. The page carries its own policy; a server
//! that sends the page sends [`CONTENT_SECURITY_POLICY`] too.

use model::{Grade, Severity};

use crate::escape;
use crate::json::{ControlResult, FrameworkView, IssueView, ReportView};

/// What the page may load: its one style sheet, by hash.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-XY5HlrvmFvMxSlm69XF6t5l0+gZB/003Q4DwgRFaUBw='; base-uri 'none'; form-action 'none'";

/// Whoever edits the file is told the new hash by a failing test.
const STYLE: &str = include_str!("html.css");

/// Prints a report as a page.
pub fn page(view: &ReportView) -> String {
    let mut html = Html(String::with_capacity(32 * 1_024));
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    html.text(CONTENT_SECURITY_POLICY);
    html.raw("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"robots\" content=\"noindex\">\n<title>");
    html.text(&format!("{}: {}", view.domain, result(view)));
    html.raw("</title>\n<style>");
    html.raw(STYLE);
    html.raw("</style>\n</head>\n<body>\n<main>\n");
    header(&mut html, view);
    issues(&mut html, view);
    modules(&mut html, view);
    not_tested(&mut html, view);
    compliance(&mut html, view);
    sum(&mut html, view);
    html.raw("</main>\n</body>\n</html>\n");
    html.0
}

/// A page under construction.
struct Html(String);

impl Html {
    fn raw(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    fn text(&mut self, text: &str) {
        for letter in escape::terminal(text).chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                letter => self.0.push(letter),
            }
        }
    }

    /// Writes text between two pieces of markup.
    fn around(&mut self, open: &'static str, text: &str, close: &'static str) {
        self.raw(open);
        self.text(text);
        self.raw(close);
    }
}

fn result(view: &ReportView) -> String {
    match (view.grade, view.score) {
        (Some(grade), Some(score)) => format!("{grade}, {score} of 100"),
        _ => "no score".to_owned(),
    }
}

fn header(html: &mut Html, view: &ReportView) {
    html.around("<header>\n<h1>", &view.domain, "</h1>\n");
    html.raw(match view.grade {
        Some(Grade::A | Grade::B) => "<p class=\"good\">",
        Some(Grade::C) => "<p class=\"fair\">",
        Some(Grade::D | Grade::F) => "<p class=\"bad\">",
        None => "<p>",
    });
    html.around("<strong>", &result(view), "</strong>");
    if let Some(risk) = &view.risk_level {
        html.text(&format!(", {risk} risk"));
    }
    html.raw("</p>\n");
    if let Some(reason) = &view.unscored {
        html.around("<p>No score: ", reason, ".</p>\n");
    }
    if view.incomplete && view.unscored.is_none() {
        let percent = view.coverage.percent.to_string();
        html.around("<p>Incomplete: ", &percent, " % of the planned weight was tested.</p>\n");
    }
    html.around("<p>Scanned ", &view.scanned_at.to_string(), "");
    html.around(" by ComplianceLayer ", &view.engine_version, "");
    html.around(", catalogue ", &view.catalogue_version.to_string(), ".</p>\n</header>\n");
}

fn issues(html: &mut Html, view: &ReportView) {
    html.around("<section>\n<h2>Findings (", &view.total_issues.to_string(), ")</h2>\n");
    for issue in &view.issues {
        self::issue(html, issue);
    }
    html.raw("</section>\n");
}

fn issue(html: &mut Html, issue: &IssueView) {
    html.raw(match issue.severity {
        Severity::Critical | Severity::High => "<article class=\"bad\">\n<h3>",
        Severity::Medium => "<article class=\"fair\">\n<h3>",
        Severity::Low | Severity::Info => "<article>\n<h3>",
    });
    html.around("<span class=\"word\">", issue.severity.as_str(), "</span> ");
    html.text(&issue.title);
    html.around("</h3>\n<p><code>", &issue.id, "</code> in ");
    html.text(issue.module.as_str());
    if issue.gain > 0 {
        html.around(", mending it adds ", &issue.gain.to_string(), " to the score");
    }
    html.raw("</p>\n");
    if !issue.evidence.is_empty() {
        html.around("<p>Seen: ", &issue.evidence, "</p>\n");
    }
    if !issue.why.is_empty() {
        html.around("<p>", &issue.why, "</p>\n");
    }
    html.around("<p>Fix: ", &issue.remediation, "</p>\n");
    for paste in &issue.paste {
        html.around("<p>", &paste.tool, ":</p>\n<pre>");
        for line in paste.text.lines() {
            html.text(line);
            html.raw("\n");
        }
        html.raw("</pre>\n");
    }
    if !issue.references.is_empty() {
        html.around("<p>Demanded by ", &issue.references.join("; "), "</p>\n");
    }
    html.raw("</article>\n");
}

fn modules(html: &mut Html, view: &ReportView) {
    html.raw("<section>\n<h2>Modules</h2>\n<table>\n<thead><tr><th scope=\"col\">Module</th>");
    html.raw("<th scope=\"col\">Score</th><th scope=\"col\">Grade</th>");
    html.raw("<th scope=\"col\">Weight</th><th scope=\"col\">Result</th></tr></thead>\n<tbody>\n");
    for module in view.modules.values() {
        html.around("<tr><th scope=\"row\">", &module.title, "</th>");
        let score = module.score.map_or("–".to_owned(), |score| score.to_string());
        html.around("<td>", &score, "</td>");
        html.around("<td>", module.grade.map_or("–", Grade::as_str), "</td>");
        html.around("<td>", &module.weight.to_string(), "</td><td>");
        match &module.reason {
            Some(reason) => {
                html.text(&format!("{}: {reason}", module.status.replace('_', " ")));
            }
            None => html.text(&format!(
                "{} failed, {} passed",
                module.issues.len(),
                module.detail.passed.len()
            )),
        }
        html.raw("</td></tr>\n");
    }
    html.raw("</tbody>\n</table>\n</section>\n");
}

fn not_tested(html: &mut Html, view: &ReportView) {
    if view.not_tested.is_empty() {
        return;
    }
    html.raw("<section>\n<h2>Not tested, and so neither good nor bad</h2>\n<ul>\n");
    for gap in &view.not_tested {
        let name = gap.check.as_deref().unwrap_or(gap.module.as_str());
        html.around("<li><code>", name, "</code>: ");
        html.text(&gap.reason);
        html.raw("</li>\n");
    }
    html.raw("</ul>\n</section>\n");
}

fn compliance(html: &mut Html, view: &ReportView) {
    html.raw("<section>\n<h2>Frameworks, as far as visible from outside</h2>\n");
    for framework in view.compliance.values().filter(|framework| framework.visible_controls > 0) {
        self::framework(html, framework);
    }
    html.raw("</section>\n");
}

fn framework(html: &mut Html, framework: &FrameworkView) {
    html.around("<h3>", &format!("{} {}", framework.name, framework.version), "</h3>\n<p>");
    html.text(&format!(
        "{} of the {} controls that monitoring can speak to were visible in this scan",
        framework.visible_controls,
        framework.controls.len()
    ));
    if let Some(total) = framework.total_controls {
        html.text(&format!("; the framework has {total}"));
    }
    html.around(". ", &framework.note, "</p>\n<table>\n<thead><tr><th scope=\"col\">Control</th>");
    html.raw("<th scope=\"col\">About</th><th scope=\"col\">Kind</th>");
    html.raw(
        "<th scope=\"col\">Result</th><th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n",
    );
    for control in &framework.controls {
        html.around("<tr><th scope=\"row\">", &control.id, "</th>");
        html.around("<td>", &control.about, "</td>");
        html.around("<td>", &control.kind, "</td>");
        let (result, evidence) = match control.result {
            ControlResult::Gap => ("gap", control.findings.join(", ")),
            ControlResult::MetAsFarAsVisible => {
                ("met as far as visible", format!("{} passed", control.passed.len()))
            }
            ControlResult::NotVisible => ("not visible", control.note.clone().unwrap_or_default()),
        };
        html.around("<td>", result, "</td>");
        html.around("<td>", &evidence, "</td></tr>\n");
    }
    html.raw("</tbody>\n</table>\n");
}

fn sum(html: &mut Html, view: &ReportView) {
    if view.score.is_none() {
        return;
    }
    html.raw("<section>\n<h2>How 100 became the score</h2>\n");
    if let Some(cap) = &view.cap {
        let text = format!("At most {}: {} ({}).", cap.at, cap.reason, cap.by);
        html.around("<p>", &text, "</p>\n");
    }
    html.around("<p>", &crate::text::sum(view), "</p>\n</section>\n");
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::Digest as _;

    use super::*;
    use crate::sample;

    #[test]
    fn the_page_keeps_its_shape() {
        let mut view = sample::view();
        view.compliance.retain(|framework, _| framework == "cis");
        insta::assert_snapshot!(page(&view).replace(STYLE, "[style]"));
    }

    #[test]
    fn the_policy_allows_the_style_and_nothing_else() {
        let hash = base64::prelude::BASE64_STANDARD.encode(sha2::Sha256::digest(STYLE));
        assert!(CONTENT_SECURITY_POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
        let page = page(&sample::view());
        for forbidden in ["<script", "style=", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn a_target_cannot_write_markup() {
        let mut view = sample::view();
        let evil = "</p><script>alert(1)</script>\" onload='x' &lt;\u{0}\u{202e}";
        view.domain = evil.to_owned();
        view.scanned_at = model::Timestamp(0);
        for issue in &mut view.issues {
            for text in [
                &mut issue.id,
                &mut issue.title,
                &mut issue.evidence,
                &mut issue.why,
                &mut issue.remediation,
            ] {
                *text = evil.to_owned();
            }
        }
        let page = page(&view);
        assert!(!page.contains("<script") && !page.contains("onload='"));
        assert!(!page.contains(['\u{0}', '\u{202e}']));
    }

    #[test]
    fn a_report_without_a_score_says_why() {
        let page = page(&ReportView::of(&sample::unscored()));
        assert!(page.contains("No score: the domain does not exist (NXDOMAIN)."));
    }
}
