//! SARIF 2.1.0, for code-scanning views.
//!
//! Code scanners point into files of a repository, so a finding's location is a relative path:
//! the file that configures the site, if the caller names it, else `compliancelayer/<domain>`.
//! Web addresses as locations make uploads fail. Fingerprints come from check and domain, never
//! from texts, so that a corrected sentence does not open every alert again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use model::Severity;
use serde_json::{Value, json};

use crate::escape;
use crate::json::{IssueView, NotTestedView, ReportView};

/// Prints the findings of several reports as one SARIF run. `anchor` is the path, relative to the
/// repository's root, of the file that findings are shown in.
pub fn log(views: &[ReportView], anchor: Option<&str>) -> String {
    let mut rules: BTreeMap<&str, &IssueView> = BTreeMap::new();
    for issue in views.iter().flat_map(|view| &view.issues) {
        rules.entry(&issue.id).or_insert(issue);
    }
    let index_of = |issue: &IssueView| rules.keys().position(|id| *id == issue.id);
    let mut results: Vec<Value> = views
        .iter()
        .flat_map(|view| view.issues.iter().map(move |issue| (view, issue)))
        .map(|(view, issue)| result(view, issue, index_of(issue), anchor))
        .collect();
    suppress(views, &mut results);
    let pastes = match views {
        [_] => Pastes::Shown,
        _ => Pastes::LeftOut,
    };
    let version = views.first().map_or(scan::ENGINE_VERSION, |view| &view.engine_version);
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ComplianceLayer",
                "version": version,
                "rules": rules.values().map(|issue| rule(issue, pastes)).collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "invocations": views.iter().map(invocation).collect::<Vec<_>>(),
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// Whether a rule's help has text to paste. It names the domain, and a rule stands for all of them.
#[derive(Clone, Copy, PartialEq)]
enum Pastes {
    Shown,
    LeftOut,
}

fn rule(issue: &IssueView, pastes: Pastes) -> Value {
    let why = if issue.why.is_empty() { &issue.title } else { &issue.why };
    let mut help = format!("{why}\n\n{}", issue.remediation);
    if let Some(careful) = &issue.careful {
        let _ = write!(help, "\n\nCareful: {careful}");
    }
    for paste in issue.paste.iter().filter(|_| pastes == Pastes::Shown) {
        let _ = write!(help, "\n\n{}:\n{}", paste.tool, paste.text);
    }
    if !issue.references.is_empty() {
        let _ = write!(help, "\n\nSee {}.", issue.references.join("; "));
    }
    json!({
        "id": issue.id,
        "shortDescription": {"text": issue.title},
        "fullDescription": {"text": why},
        "help": {"text": help},
        "defaultConfiguration": {"level": level(issue.severity)},
        "properties": {
            "security-severity": security_severity(issue.severity),
            "tags": ["security", issue.module.as_str()],
        },
    })
}

fn result(
    view: &ReportView,
    issue: &IssueView,
    rule_index: Option<usize>,
    anchor: Option<&str>,
) -> Value {
    let uri = match anchor {
        Some(path) => relative_uri(path),
        None => format!("compliancelayer/{}", relative_uri(&view.domain)),
    };
    let text = format!("{}: {}. {}", view.domain, issue.finding, issue.remediation);
    let finding_id = format!("{}@{}", issue.id, view.domain);
    json!({
        "ruleId": issue.id,
        "ruleIndex": rule_index,
        "level": level(issue.severity),
        "message": {"text": message(&text)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{"fullyQualifiedName": view.domain, "kind": "resource"}],
        }],
        "partialFingerprints": {
            // The one name that GitHub compares.
            "primaryLocationLineHash": format!("{:016x}:1", fnv1a(&finding_id)),
            "finding/v1": finding_id,
        },
        "properties": {
            "domain": view.domain,
            "module": issue.module,
            "severity": issue.severity,
            "points": issue.points,
            "gain": issue.gain,
        },
    })
}

/// Says which findings are accepted, in the order of the results. Where one is, the others say that they
/// are not: all results of a run have the member or none has it (SARIF 2.1.0, section 3.27.23).
fn suppress(views: &[ReportView], results: &mut [Value]) {
    if views.iter().all(|view| view.accepted_risks == 0) {
        return;
    }
    let issues = views.iter().flat_map(|view| &view.issues);
    for (result, issue) in results.iter_mut().zip(issues) {
        let suppression = issue.accepted.iter().map(|accepted| {
            let justification = escape::terminal(&accepted.note()).into_owned();
            json!({"kind": "external", "status": "accepted", "justification": justification})
        });
        result["suppressions"] = suppression.collect();
    }
}

/// One invocation a report: what could not be tested is a notification, never a result.
fn invocation(view: &ReportView) -> Value {
    let domain = &view.domain;
    let note = |gap: &NotTestedView| {
        let name = gap.check.as_deref().unwrap_or(gap.module.as_str());
        let text = format!("{domain}: {name} was not tested: {}", gap.reason);
        json!({"level": "note", "message": {"text": message(&text)}, "descriptor": {"id": name}})
    };
    let mut notes: Vec<Value> = view.not_tested.iter().map(note).collect();
    if let Some(reason) = &view.unscored {
        let text = message(&format!("{domain}: no score: {reason}"));
        notes.insert(0, json!({"level": "error", "message": {"text": text}}));
    }
    json!({
        "executionSuccessful": view.unscored.is_none(),
        "startTimeUtc": view.scanned_at,
        "toolExecutionNotifications": notes,
        "properties": {"domain": domain, "score": view.score, "grade": view.grade},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number that code-scanning views turn back into a word.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

/// Writes plain text as a SARIF message, where braces are placeholders and square brackets are
/// links (SARIF 2.1.0, sections 3.11.5 and 3.11.6).
fn message(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in escape::terminal(text).chars() {
        match letter {
            '{' => safe.push_str("{{"),
            '}' => safe.push_str("}}"),
            '[' | ']' => safe.extend(['\\', letter]),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Percent-encodes a path (RFC 3986, section 3.3), without a leading `./` or slash.
fn relative_uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("./").trim_start_matches('/');
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// FNV-1a, 64 bits: an identifier that never changes, not a secret.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn parsed(anchor: Option<&str>) -> Value {
        serde_json::from_str(&log(&[sample::view()], anchor)).unwrap()
    }

    #[test]
    fn the_log_keeps_its_shape() {
        insta::assert_snapshot!(log(&[sample::view()], None));
    }

    #[test]
    fn locations_are_relative_paths() {
        let uri = |log: &Value| {
            let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
            location["artifactLocation"]["uri"].as_str().unwrap().to_owned()
        };
        assert_eq!(uri(&parsed(None)), "compliancelayer/shop.example.com");
        assert_eq!(uri(&parsed(Some("./etc/my site.conf"))), "etc/my%20site.conf");
    }

    #[test]
    fn every_result_points_at_its_rule() {
        let log = parsed(None);
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), sample::view().total_issues);
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn a_rule_for_several_domains_names_none_of_them() {
        let other = ReportView { domain: "other.example.com".to_owned(), ..sample::view() };
        let both: Value = serde_json::from_str(&log(&[sample::view(), other], None)).unwrap();
        let rules = |log: &Value| log["runs"][0]["tool"]["driver"]["rules"].to_string();
        assert!(rules(&parsed(None)).contains("shop.example.com"));
        assert!(!rules(&both).contains("shop.example.com"));
    }

    #[test]
    fn fingerprints_do_not_follow_texts() {
        let mut reworded = sample::view();
        for issue in &mut reworded.issues {
            issue.finding.push_str(" indeed");
            issue.severity = Severity::Low;
        }
        let again: Value = serde_json::from_str(&log(&[reworded], Some("a.conf"))).unwrap();
        let fingerprints = |log: &Value| {
            let results = log["runs"][0]["results"].as_array().unwrap();
            results.iter().map(|result| result["partialFingerprints"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(fingerprints(&again), fingerprints(&parsed(None)));
    }

    #[test]
    fn a_message_has_neither_links_nor_placeholders_of_the_targets() {
        assert_eq!(message("[x](https://evil.example) {0}"), "\\[x\\](https://evil.example) {{0}}");
    }
}
