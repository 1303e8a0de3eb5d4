//! What a report says about each framework's controls.
//!
//! A control has a *gap* when a check that is evidence for it failed, is *met as far as visible*
//! when such checks passed, and is *not visible* when none could be judged. A merely informational
//! finding beside passed checks opens no gap.

use std::collections::BTreeMap;

use model::{Report, Severity};
use scan::compliance::{FRAMEWORKS, Framework, FrameworkControl, Group};

use crate::json::{ControlResult, ControlView, FrameworkView};
use crate::view::FindCheck;

/// What was judged in one group.
#[derive(Default)]
struct Judged<'a> {
    findings: Vec<(&'a str, Severity)>,
    passed: Vec<&'a str>,
}

pub(crate) fn frameworks(report: &Report, find: FindCheck) -> BTreeMap<String, FrameworkView> {
    let mut groups: BTreeMap<Group, Judged<'_>> = BTreeMap::new();
    for module in &report.modules {
        for finding in &module.findings {
            if let Some(check) = find(&finding.check) {
                let group = groups.entry(check.group).or_default();
                group.findings.push((&finding.check, finding.severity));
            }
        }
        for id in &module.passed {
            if let Some(check) = find(id) {
                groups.entry(check.group).or_default().passed.push(id);
            }
        }
    }
    FRAMEWORKS
        .iter()
        .map(|framework| (framework.id.to_owned(), framework_view(framework, &groups)))
        .collect()
}

fn framework_view(framework: &Framework, groups: &BTreeMap<Group, Judged<'_>>) -> FrameworkView {
    let controls: Vec<_> =
        framework.controls.iter().map(|control| control_view(control, groups)).collect();
    let count = |wanted: fn(ControlResult) -> bool| {
        controls.iter().filter(|control| wanted(control.result)).count()
    };
    let visible = count(|result| result != ControlResult::NotVisible);
    let percent = (visible * 100).checked_div(controls.len()).unwrap_or(0);
    FrameworkView {
        name: framework.name.to_owned(),
        version: framework.version.to_owned(),
        note: framework.note.to_owned(),
        total_controls: framework.total,
        visible_controls: visible,
        visible_percent: u8::try_from(percent).unwrap_or(100),
        gaps: count(|result| result == ControlResult::Gap),
        controls,
    }
}

fn control_view(control: &FrameworkControl, groups: &BTreeMap<Group, Judged<'_>>) -> ControlView {
    let judged = || control.groups.iter().filter_map(|group| groups.get(group));
    let findings: Vec<_> = judged().flat_map(|group| group.findings.iter().copied()).collect();
    let passed: Vec<_> = judged().flat_map(|group| group.passed.iter().copied()).collect();
    let matters = findings.iter().any(|(_, severity)| *severity > Severity::Info);
    ControlView {
        id: control.id.to_owned(),
        about: control.about.to_owned(),
        kind: control.kind.as_str().to_owned(),
        result: match (matters, findings.is_empty(), passed.is_empty()) {
            (true, _, _) | (false, false, true) => ControlResult::Gap,
            (false, _, false) => ControlResult::MetAsFarAsVisible,
            (false, true, true) => ControlResult::NotVisible,
        },
        findings: findings.into_iter().map(|(id, _)| id.to_owned()).collect(),
        passed: passed.into_iter().map(str::to_owned).collect(),
        note: (!control.note.is_empty()).then(|| control.note.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn result(framework: &str, id: &str) -> ControlResult {
        let view = sample::view();
        let controls = &view.compliance[framework].controls;
        controls.iter().find(|control| control.id == id).unwrap().result
    }

    #[test]
    fn a_failed_check_opens_a_gap_in_its_controls() {
        assert_eq!(result("cis", "9.5"), ControlResult::Gap);
        assert_eq!(result("nis2", "Annex 6.7.2(k)"), ControlResult::Gap);
    }

    #[test]
    fn passed_checks_meet_a_control_only_as_far_as_visible() {
        assert_eq!(result("pci_dss", "4.2.1.1"), ControlResult::MetAsFarAsVisible);
    }

    #[test]
    fn what_was_not_judged_is_not_visible() {
        assert_eq!(result("pci_dss", "1.2.5"), ControlResult::NotVisible);
        assert_eq!(result("soc2", "CC9.2"), ControlResult::NotVisible);
    }

    #[test]
    fn an_informational_finding_beside_passed_checks_is_no_gap() {
        assert_eq!(result("pci_dss", "12.3.3"), ControlResult::MetAsFarAsVisible);
    }

    #[test]
    fn a_lone_informational_finding_is_a_gap() {
        assert_eq!(result("nist_csf", "ID.RA-08"), ControlResult::Gap);
    }

    #[test]
    fn no_text_says_compliant() {
        let view = sample::view();
        let text = serde_json::to_string(&view.compliance).unwrap();
        assert!(!text.to_lowercase().contains("compliant"));
    }
}
