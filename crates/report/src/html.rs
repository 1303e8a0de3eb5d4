//! The report as one HTML page without script and without outside assets.
//!
//! [`Html`] is the only way to write: markup is `&'static str`, so whatever came from a target can
//! only pass through [`Html::text`], which escapes it. The page carries its own policy; a server
//! that sends the page sends [`CONTENT_SECURITY_POLICY`] too.

use crate::document::{Block, Document, Face, Group, Heading, Mood, Run, Table};
use crate::escape;
use crate::json::ReportView;

/// What the page may load: its one style sheet, by hash.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-XY5HlrvmFvMxSlm69XF6t5l0+gZB/003Q4DwgRFaUBw='; base-uri 'none'; form-action 'none'";

/// Whoever edits the file is told the new hash by a failing test.
const STYLE: &str = include_str!("html.css");

/// Prints a report as a page.
pub fn page(view: &ReportView) -> String {
    print(&Document::of(view))
}

/// Prints a document as a page.
pub(crate) fn print(document: &Document) -> String {
    let mut html = Html(String::with_capacity(32 * 1_024));
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    html.text(CONTENT_SECURITY_POLICY);
    html.raw("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"robots\" content=\"noindex\">\n<title>");
    html.text(&document.title);
    html.raw("</title>\n<style>");
    html.raw(STYLE);
    html.raw("</style>\n</head>\n<body>\n<main>\n");
    html.blocks(&document.blocks);
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

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Group(group, inside) => self.group(*group, inside),
                Block::Heading(heading) => self.heading(heading),
                Block::Paragraph(mood, runs) => {
                    self.raw(match mood {
                        Some(Mood::Good) => "<p class=\"good\">",
                        Some(Mood::Fair) => "<p class=\"fair\">",
                        Some(Mood::Bad) => "<p class=\"bad\">",
                        None => "<p>",
                    });
                    self.runs(runs);
                    self.raw("</p>\n");
                }
                Block::Paste(text) => {
                    self.raw("<pre>");
                    for line in text.lines() {
                        self.text(line);
                        self.raw("\n");
                    }
                    self.raw("</pre>\n");
                }
                Block::List(items) => {
                    self.raw("<ul>\n");
                    for item in items {
                        self.raw("<li>");
                        self.runs(item);
                        self.raw("</li>\n");
                    }
                    self.raw("</ul>\n");
                }
                Block::Table(table) => self.table(table),
            }
        }
    }

    fn group(&mut self, group: Group, inside: &[Block]) {
        let (open, close) = match group {
            Group::Header => ("<header>\n", "</header>\n"),
            Group::Section => ("<section>\n", "</section>\n"),
            Group::Article(Some(Mood::Bad)) => ("<article class=\"bad\">\n", "</article>\n"),
            Group::Article(Some(Mood::Fair)) => ("<article class=\"fair\">\n", "</article>\n"),
            Group::Article(Some(Mood::Good) | None) => ("<article>\n", "</article>\n"),
        };
        self.raw(open);
        self.blocks(inside);
        self.raw(close);
    }

    fn heading(&mut self, heading: &Heading) {
        let (open, close) = match heading.level {
            1 => ("<h1>", "</h1>\n"),
            2 => ("<h2>", "</h2>\n"),
            _ => ("<h3>", "</h3>\n"),
        };
        self.raw(open);
        if let Some(severity) = heading.severity {
            self.around("<span class=\"word\">", severity.as_str(), "</span> ");
        }
        self.text(&heading.text);
        self.raw(close);
    }

    fn runs(&mut self, runs: &[Run]) {
        for run in runs {
            match run.face {
                Face::Plain => self.text(&run.text),
                Face::Strong => self.around("<strong>", &run.text, "</strong>"),
                Face::Code => self.around("<code>", &run.text, "</code>"),
            }
        }
    }

    fn table(&mut self, table: &Table) {
        self.raw("<table>\n<thead><tr>");
        for cell in &table.head {
            self.around("<th scope=\"col\">", cell, "</th>");
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.raw("<tr>");
            for (at, cell) in row.iter().enumerate() {
                match at {
                    0 => self.around("<th scope=\"row\">", cell, "</th>"),
                    _ => self.around("<td>", cell, "</td>"),
                }
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n");
    }
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
            issue.careful = Some(evil.to_owned());
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
