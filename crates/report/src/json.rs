//! The API's report object.
//!
//! Names and types are a promise to clients. Members are added, never renamed or removed; what is
//! unknown is `null`, never left out and never zero. Numbers of the ledger are thousandths of a
//! point, so that they add up exactly.

use std::collections::BTreeMap;
use std::net::IpAddr;

use model::{Grade, Looked, ModuleId, Ownership, Proof, Report, ScanProfile, Severity, Timestamp};
use serde::{Deserialize, Serialize};

use crate::acceptance::AcceptedView;

/// The version of the report object. Raised when a member's meaning or type changes, which breaks
/// programs; not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

fn first_version() -> u32 {
    1
}

/// A report with all its words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportView {
    /// The version of this object, which `/schemas/report.json` describes: 1.
    #[serde(default = "first_version")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub schema_version: u32,
    /// The scan's id on the server; `null` for a scan made without one.
    pub job_id: Option<i64>,
    pub domain: String,
    /// 0 to 100; `null` when nothing could be judged.
    pub score: Option<u8>,
    pub grade: Option<Grade>,
    /// `low`, `low-medium`, `medium`, `high` or `critical`.
    pub risk_level: Option<String>,
    /// Why there is no score.
    pub unscored: Option<String>,
    pub scanned_at: Timestamp,
    pub scan_duration_ms: u64,
    pub engine_version: String,
    /// Raised whenever checks were added, removed or judge differently.
    pub catalogue_version: u32,
    pub coverage: CoverageView,
    /// Whether less than 60 % of the planned weight could be judged.
    pub incomplete: bool,
    /// The lowest upper bound on the score, whether or not it bites.
    pub cap: Option<CapView>,
    pub ledger: LedgerView,
    pub modules: BTreeMap<ModuleId, ModuleView>,
    /// Every finding, worst first.
    pub issues: Vec<IssueView>,
    pub total_issues: usize,
    pub critical_issues: usize,
    pub high_issues: usize,
    pub medium_issues: usize,
    pub low_issues: usize,
    pub info_issues: usize,
    /// Findings whose risk somebody accepted; they count above like all others. Left out when there is
    /// none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub accepted_risks: usize,
    pub passed_checks: Vec<CheckRef>,
    /// What could not be judged, and why. Says nothing about the domain.
    pub not_tested: Vec<NotTestedView>,
    /// What to do, best gain first, as sentences.
    pub recommendations: Vec<String>,
    /// The fastest way to a better letter; `null` for an A, without a score, and where mending alone
    /// does not lead there.
    #[serde(default)]
    pub next_grade: Option<NextGradeView>,
    /// What the scan says about each framework's controls.
    pub compliance: BTreeMap<String, FrameworkView>,
    pub scope: ScopeView,
    /// What the probes fetched; `null` in reports that hide something.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub raw_results: serde_json::Value,
    /// What shows that this is the report that was issued; always the last member. `null` for a
    /// report made without a server.
    pub attestation: Option<Attestation>,
}

/// A signed statement about a file; `docs/sharing.md` says how to verify it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// Names the report; cannot be guessed.
    pub report_id: String,
    /// `sha256:` and 64 hexadecimal digits, of everything before the attestation.
    pub digest: String,
    /// The key it is signed with, among those at `/.well-known/report-keys.json`.
    pub key_id: String,
    /// Ed25519 over `compliancelayer report 1`, the report's id and the digest, a line each; base64.
    pub signature: String,
}

impl ReportView {
    /// Adds the catalogue's words to a report. `job_id` stays `null`; the server sets it.
    pub fn of(report: &Report) -> Self {
        crate::view::assemble(report, scan::catalogue::find_check)
    }

    /// Returns what became of the wish for an intrusive scan, as sentences; `None` for a safe one.
    pub fn intrusion(&self) -> Option<String> {
        let ownership = self.scope.ownership.as_ref()?;
        if let Some(place) = &ownership.place {
            return Some(format!(
                "Intrusive profile: known attacks were tried too. That the domain belongs to who \
                 asked was proven at {place}."
            ));
        }
        let seen = ownership.seen.first();
        let seen = seen.map(|one| format!(" ({}: {})", one.place, one.seen)).unwrap_or_default();
        Some(format!(
            "Intrusive checks were asked for and not run: nothing showed that {} belongs to who \
             asked{seen}. Publish what `compliancelayer ownership {}` or the page of the domain \
             names, then scan again.",
            self.domain, self.domain
        ))
    }

    /// Returns that the target turned the scan away, as a sentence; `None` when it did not.
    pub fn throttling(&self) -> Option<String> {
        if self.scope.throttled.is_empty() {
            return None;
        }
        let asked_again: u32 = self.scope.throttled.iter().map(|one| one.asked_again).sum();
        Some(match asked_again {
            0 => "The target turned the scan away for asking too much, and was left alone."
                .to_owned(),
            times => format!(
                "The target turned the scan away for asking too much. Questions asked again, after a \
                 pause and with fewer connections at a time: {times}."
            ),
        })
    }

    /// Returns the report as JSON on one line, with a final line break.
    pub fn to_json_line(&self) -> String {
        let mut text = serde_json::to_string(self)
            .expect("keys are strings and no member can refuse to be written");
        text.push('\n');
        text
    }

    /// Returns the report as indented JSON with a final line break.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self)
            .expect("keys are strings and no member can refuse to be written");
        text.push('\n');
        text
    }
}

/// How much of what was planned could be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoverageView {
    /// Weight of the modules that apply.
    pub planned: u32,
    /// Weight of those that were judged, each by the share of its planned checks that gave a verdict
    /// (failed, passed or do not apply), rounded. Checks whose provider is not configured are not
    /// planned, nor are intrusive checks that were not asked for.
    pub tested: u32,
    /// 0 to 100, rounded down.
    pub percent: u8,
}

/// An upper bound on the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CapView {
    /// 34, 54, 74 or 89.
    pub at: u8,
    /// The check that set it, or `coverage`.
    pub by: String,
    /// The same in words.
    pub reason: String,
}

/// How 100 became the score: 100,000 - `lost_milli` of all lines - `rounding_milli` -
/// `cap_adjustment_milli` is a thousand times the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerView {
    pub lines: Vec<LedgerLineView>,
    /// What rounding took (positive) or gave (negative).
    pub rounding_milli: i64,
    pub cap_adjustment_milli: i64,
}

/// What one finding cost the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerLineView {
    pub check: String,
    pub module: ModuleId,
    pub lost_milli: i64,
}

/// What it takes to be a letter better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextGradeView {
    pub grade: Grade,
    /// The score once the findings are mended.
    pub score: u8,
    /// How many points that is more.
    pub gain: u8,
    /// Ids of the checks whose findings are to be mended, as few as were found to do.
    pub fixes: Vec<String>,
}

/// One module's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModuleView {
    pub title: String,
    /// 0 to 100; `null` unless `status` is `ok`.
    pub score: Option<u8>,
    pub grade: Option<Grade>,
    pub weight: u32,
    /// `ok`, `not_tested` or `not_applicable`.
    pub status: String,
    /// Why the module was not judged.
    pub reason: Option<String>,
    pub issues: Vec<IssueView>,
    pub detail: ModuleDetail,
    pub duration_ms: u64,
}

/// What became of a module's other checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModuleDetail {
    /// Ids of checks that passed.
    pub passed: Vec<String>,
    pub not_tested: Vec<UntestedCheck>,
    pub not_applicable: Vec<UntestedCheck>,
}

/// A check without a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UntestedCheck {
    pub check: String,
    pub reason: String,
}

/// A finding with its words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssueView {
    /// The check's id.
    pub id: String,
    pub module: ModuleId,
    pub severity: Severity,
    /// What is wrong.
    pub title: String,
    /// What is wrong and what was seen, in one line.
    pub finding: String,
    /// What was seen.
    pub evidence: String,
    pub why: String,
    pub remediation: String,
    /// What the remediation can break and how to go safely; `null` when nothing is known to break.
    pub careful: Option<String>,
    /// Configuration to paste, filled in for this domain.
    pub paste: Vec<PasteView>,
    /// Points the finding took from its module.
    pub points: u8,
    /// Points that mending this alone would add to the score.
    pub gain: u8,
    /// The standards that demand it.
    pub references: Vec<String>,
    pub controls: Vec<ControlRef>,
    /// When a scan of this domain first found it; `null` when not known.
    pub first_seen_at: Option<Timestamp>,
    /// That its risk is accepted at present. Left out when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<AcceptedView>,
}

/// A report in which nobody accepted anything is written as ever, to the byte, and so is its digest.
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Text for one product's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasteView {
    pub tool: String,
    pub text: String,
}

/// A control that a check gives evidence for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ControlRef {
    /// The framework's id.
    pub framework: String,
    pub version: String,
    pub control: String,
    /// `direct` or `supporting`.
    pub kind: String,
}

/// A check of this report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckRef {
    pub id: String,
    pub module: ModuleId,
}

/// A module or a check that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotTestedView {
    pub module: ModuleId,
    /// `null` when it is the whole module.
    pub check: Option<String>,
    pub reason: String,
}

/// What a scan says about one framework. Never that it is met as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrameworkView {
    pub name: String,
    pub version: String,
    /// What a reader must know before using the result.
    pub note: String,
    /// Controls of the whole framework, where the edition has one count.
    pub total_controls: Option<u16>,
    /// Controls listed here that this scan saw something of.
    pub visible_controls: usize,
    /// Share of the listed controls that this scan saw something of, 0 to 100, rounded down.
    pub visible_percent: u8,
    /// Controls with a gap.
    pub gaps: usize,
    pub controls: Vec<ControlView>,
}

/// What a scan says about one control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ControlView {
    pub id: String,
    /// What it is about, in our words.
    pub about: String,
    /// `direct` or `supporting`.
    pub kind: String,
    pub result: ControlResult,
    /// Ids of failed checks that are evidence.
    pub findings: Vec<String>,
    /// Ids of passed checks that are evidence.
    pub passed: Vec<String>,
    /// Why a single scan cannot show the control.
    pub note: Option<String>,
}

/// How a control looks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ControlResult {
    Gap,
    MetAsFarAsVisible,
    NotVisible,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeView {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub addresses: Vec<IpAddr>,
    pub skipped: Vec<SkippedView>,
    /// TCP connections opened.
    pub connections: u32,
    /// DNS questions asked.
    pub dns_queries: u32,
    /// What was asked for; attacks were tried only when `ownership` is proven too.
    #[serde(default)]
    pub profile: ScanProfile,
    /// What came of asking who owns the domain; `null` when nothing intrusive was asked for.
    #[serde(default)]
    pub ownership: Option<OwnershipView>,
    /// Addresses that turned the scan away for asking too much.
    #[serde(default)]
    pub throttled: Vec<ThrottledView>,
}

/// An address that turned the scan away, after which fewer connections were open at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThrottledView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: IpAddr,
    /// Questions that were asked once more.
    pub asked_again: u32,
}

/// Whether the domain was proven to belong to who asked, when the scan began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnershipView {
    pub proven: bool,
    pub by: Option<Proof>,
    /// The name of the record or the URL of the file.
    pub place: Option<String>,
    /// What was looked at in vain.
    pub seen: Vec<LookedView>,
}

/// A place that was looked at, and what was there instead of the proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookedView {
    pub place: String,
    pub seen: String,
}

impl From<&Ownership> for OwnershipView {
    fn from(ownership: &Ownership) -> Self {
        let looked = |one: &Looked| LookedView { place: one.place.clone(), seen: one.seen.clone() };
        let mut view = Self {
            proven: ownership.is_proven(),
            by: None,
            place: None,
            seen: ownership.looked().iter().map(looked).collect(),
        };
        if let Ownership::Proven { by, place, .. } = ownership {
            (view.by, view.place) = (Some(*by), Some(place.clone()));
        }
        view
    }
}

/// An address that was not connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkippedView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: IpAddr,
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use model::Throttled;

    use super::*;
    use crate::sample;

    #[test]
    fn what_became_of_an_intrusive_scan_is_said() {
        let mut report = sample::report();
        assert_eq!(ReportView::of(&report).intrusion(), None);
        report.scope.profile = ScanProfile::Intrusive;
        report.scope.ownership = Some(Ownership::Proven {
            by: Proof::Record,
            place: "_compliancelayer.shop.example".to_owned(),
            covers: "shop.example".to_owned(),
        });
        let proven = ReportView::of(&report);
        assert!(proven.intrusion().unwrap().contains("at _compliancelayer.shop.example"));
        let place = "_compliancelayer.shop.example".to_owned();
        let looked = vec![Looked { place, seen: "there is no TXT record".to_owned() }];
        report.scope.ownership = Some(Ownership::Unseen { looked });
        let unseen = ReportView::of(&report);
        assert_eq!(unseen.scope.ownership.as_ref().map(|one| one.proven), Some(false));
        let words = unseen.intrusion().unwrap();
        assert!(words.contains("not run") && words.contains("there is no TXT record"), "{words}");
        for text in [
            crate::text::report(&unseen, crate::text::Colour::Plain, 1_000),
            crate::html::page(&unseen),
            crate::markdown::document(std::slice::from_ref(&unseen)),
        ] {
            assert!(text.contains("Intrusive checks were asked for and not run"), "{text}");
        }
    }

    #[test]
    fn that_the_target_turned_us_away_is_said() {
        let mut report = sample::report();
        assert_eq!(ReportView::of(&report).throttling(), None);
        let address = "203.0.113.10".parse().unwrap();
        report.scope.throttled = vec![Throttled { address, asked_again: 7 }];
        let view = ReportView::of(&report);
        for text in [
            crate::text::report(&view, crate::text::Colour::Plain, 1_000),
            crate::html::page(&view),
            crate::markdown::document(std::slice::from_ref(&view)),
        ] {
            assert!(text.contains("fewer connections at a time: 7."), "{text}");
        }
        report.scope.throttled[0].asked_again = 0;
        assert!(ReportView::of(&report).throttling().unwrap().contains("left alone"));
    }

    #[test]
    fn addresses_that_were_refused_are_named_for_people() {
        let mut view = sample::view();
        let address = "10.0.0.1".parse().unwrap();
        view.scope.skipped = vec![SkippedView { address, reason: "a private address".to_owned() }];
        let (views, plain) = (std::slice::from_ref(&view), crate::text::Colour::Plain);
        for (text, expected) in [
            (crate::text::report(&view, plain, 100), "10.0.0.1: a private address"),
            (crate::html::page(&view), "<code>10.0.0.1</code>: a private address"),
            (crate::markdown::document(views), "a private address"),
        ] {
            assert!(text.contains("Addresses that were not connected to"), "{text}");
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_report_from_before_the_profiles_is_still_read() {
        let mut old: serde_json::Value = serde_json::from_str(&sample::view().to_json()).unwrap();
        let scope = old["scope"].as_object_mut().unwrap();
        scope.remove("profile").unwrap();
        scope.remove("ownership").unwrap();
        scope.remove("throttled").unwrap();
        old.as_object_mut().unwrap().remove("schema_version").unwrap();
        let old: ReportView = serde_json::from_value(old).unwrap();
        assert_eq!((old.scope.profile, old.schema_version), (ScanProfile::Safe, 1));
    }

    #[test]
    fn the_report_object_keeps_its_shape() {
        let mut view = sample::view();
        // One framework and one control of each list show the shape; the rest is data.
        view.compliance.retain(|framework, _| framework == "cis");
        view.compliance.values_mut().for_each(|framework| framework.controls.truncate(11));
        let in_modules = view.modules.values_mut().flat_map(|module| &mut module.issues);
        view.issues.iter_mut().chain(in_modules).for_each(|issue| issue.controls.truncate(1));
        insta::assert_snapshot!(view.to_json());
    }

    #[test]
    fn a_report_fetched_as_json_is_the_same_report() {
        let view = sample::view();
        let again: ReportView = serde_json::from_str(&view.to_json()).unwrap();
        assert_eq!(again, view);
    }

    #[test]
    fn a_report_without_a_score_says_why() {
        let view = ReportView::of(&sample::unscored());
        assert_eq!((view.score, view.grade), (None, None));
        assert_eq!(view.unscored.as_deref(), Some("the domain does not exist (NXDOMAIN)"));
    }

    #[cfg(feature = "openapi")]
    #[test]
    fn the_schema_names_every_member() {
        use utoipa::PartialSchema as _;
        let keys = |value: &serde_json::Value| {
            let object = value.as_object().unwrap();
            object.keys().cloned().collect::<std::collections::BTreeSet<_>>()
        };
        let schema = serde_json::to_value(ReportView::schema()).unwrap();
        let view = serde_json::to_value(sample::accepted()).unwrap();
        assert_eq!(keys(&schema["properties"]), keys(&view));
        let schema = serde_json::to_value(IssueView::schema()).unwrap();
        let issues = view["issues"].as_array().unwrap().iter();
        let mut accepted = issues.filter(|issue| issue["accepted"].is_object());
        assert_eq!(keys(&schema["properties"]), keys(accepted.next().unwrap()));
    }
}
