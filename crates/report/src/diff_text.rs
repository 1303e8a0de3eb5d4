use std::fmt::Write as _;

use crate::diff::{DiffIssue, DiffView};
use crate::escape;

impl DiffView {
    /// Prints what changed for a terminal, without colour: what is new first, what is unchanged as a
    /// number.
    pub fn to_text(&self) -> String {
        let mut out = escape::terminal(&self.domain).into_owned();
        let score = |score: Option<u8>| score.map_or("no score".to_owned(), |it| it.to_string());
        let (before, after) = (score(self.before.score), score(self.after.score));
        // Writing into a string cannot fail.
        let _ = write!(out, "   {before} -> {after}");
        if let Some(change) = self.score_change {
            let _ = write!(out, " ({change:+})");
        }
        out.push('\n');
        if self.rules_changed {
            let (before, after) = (self.before.catalogue_version, self.after.catalogue_version);
            let _ = writeln!(
                out,
                "Rules {before} and {after} judged the two, so not every change is the domain's."
            );
        }
        for (heading, issues) in [
            ("New", &self.new),
            ("Fixed", &self.fixed),
            ("Changed", &self.changed),
            ("Newly seen: not judged before", &self.newly_seen),
            ("No longer seen: not judged now", &self.no_longer_seen),
        ] {
            push_group(&mut out, heading, issues);
        }
        let _ = writeln!(out, "\n{} unchanged", self.unchanged.len());
        out
    }
}

fn push_group(out: &mut String, heading: &str, issues: &[DiffIssue]) {
    if issues.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{heading}");
    for told in issues {
        let issue = &told.issue;
        let severity = issue.severity.as_str().to_uppercase();
        let title = escape::terminal(&issue.title);
        let _ = write!(out, "  {severity:<9} {title}  {}", escape::terminal(&issue.id));
        let tenths = (told.change_milli.abs() + 50) / 100;
        if tenths > 0 {
            let sign = if told.change_milli < 0 { '-' } else { '+' };
            let _ = write!(out, "  {sign}{}.{}", tenths / 10, tenths % 10);
        }
        if issue.accepted.is_some() {
            out.push_str("  (risk accepted)");
        }
        out.push('\n');
        let told = [("then", told.evidence_before.as_deref()), ("now", Some(&*issue.evidence))];
        for (when, seen) in told {
            if let Some(seen) = seen.filter(|seen| !seen.is_empty() && heading == "Changed") {
                let _ = writeln!(out, "            {when}: {}", escape::terminal(seen));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_changed_reads_well_and_keeps_the_terminal_safe() {
        let (before, mut report) = (sample::view(), sample::report());
        report.modules[1].findings[0].seen = "NXDOMAIN\u{1b}[2J".to_owned();
        let mended = report.modules[2].findings.remove(0);
        report.modules[2].passed.push(mended.check);
        report.ledger.lines.remove(1);
        report.score = Ok(79);
        let diff = DiffView::of(&before, &crate::view::assemble(&report, sample::find));
        insta::assert_snapshot!(diff.to_text(), @r"
        shop.example.com   74 -> 79 (+5)

        Fixed
          HIGH      No Strict-Transport-Security header  hsts.missing  +5.0

        Changed
          CRITICAL  No DMARC record  dmarc.missing
                    then: no TXT record at _dmarc
                    now: NXDOMAIN\u{1b}[2J

        4 unchanged
        ");
    }
}
