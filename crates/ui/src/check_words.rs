//! What checks say in the languages of the pages: English stands in the engine's catalogue,
//! `messages/checks.<language>.txt` has the others. What was seen of a domain stays as it is.

use std::collections::HashMap;
use std::sync::LazyLock;

use report::{DiffView, IssueView, ReportView};

use crate::words::{Lang, Words, read};

static GERMAN: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| read(include_str!("../messages/checks.de.txt")));

/// Returns the English texts that are translated into every language.
pub fn translated_checks() -> impl Iterator<Item = &'static str> {
    GERMAN.keys().copied()
}

impl Words {
    /// Says a text of a check; one that is not known stays English.
    pub fn check<'a>(&self, english: &'a str) -> &'a str {
        match self.lang {
            Lang::English => english,
            Lang::German => GERMAN.get(english).copied().unwrap_or(english),
        }
    }

    /// Puts what modules and checks say in a report into the language of the page.
    pub fn report(&self, view: &mut ReportView) {
        if self.lang == Lang::English {
            return;
        }
        for module in view.modules.values_mut() {
            module.title = self.module(&module.title).to_owned();
        }
        if let Some(cap) = &mut view.cap {
            cap.reason = match cap.by.as_str() {
                "coverage" => self.t("less than 60 % of the planned weight was tested"),
                _ => self.check(&cap.reason),
            }
            .to_owned();
        }
        for issue in &mut view.issues {
            self.issue(issue);
        }
    }

    /// The same for what changed between two reports.
    pub fn diff(&self, view: &mut DiffView) {
        if self.lang == Lang::English {
            return;
        }
        for module in view.modules.values_mut() {
            module.title = self.module(&module.title).to_owned();
        }
        let groups = [
            &mut view.new,
            &mut view.fixed,
            &mut view.changed,
            &mut view.unchanged,
            &mut view.newly_seen,
            &mut view.no_longer_seen,
        ];
        for told in groups.into_iter().flatten() {
            self.issue(&mut told.issue);
        }
    }

    fn issue(&self, issue: &mut IssueView) {
        let careful = issue.careful.iter_mut();
        for text in
            [&mut issue.title, &mut issue.why, &mut issue.remediation].into_iter().chain(careful)
        {
            *text = self.check(text).to_owned();
        }
    }
}
