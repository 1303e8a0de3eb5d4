//! Which controls of which framework a check gives evidence for.
//!
//! A check belongs to one [`Group`]; each framework's file maps its controls to groups. A control
//! is *direct* when its text is about what the group looks at, *supporting* when it is wider. The
//! scan sees only part of any control from outside and never says that one is met in full.
//!
//! Control texts are our own paraphrase, since most of the originals are copyrighted. A control
//! that no single scan can show (monitoring over time, suppliers) stands with no group and a note,
//! so that nobody takes its absence for a decision.
//!
//! To add a framework: a file with its `FRAMEWORK`, a line in [`FRAMEWORKS`], and its valid ids in
//! `ids.rs`.

mod cis;
mod gdpr;
mod hipaa;
#[cfg(test)]
mod ids;
mod iso27001;
mod nis2;
mod nist_800_53;
mod nist_csf;
mod pci_dss;
mod soc2;

use serde::{Deserialize, Serialize};

/// Every framework, in the order reports print them.
pub const FRAMEWORKS: &[Framework] = &[
    soc2::FRAMEWORK,
    iso27001::FRAMEWORK,
    nist_csf::FRAMEWORK,
    nist_800_53::FRAMEWORK,
    pci_dss::FRAMEWORK,
    hipaa::FRAMEWORK,
    cis::FRAMEWORK,
    nis2::FRAMEWORK,
    gdpr::FRAMEWORK,
];

/// A published set of controls.
#[derive(Debug)]
pub struct Framework {
    /// Stable name in the API, snake case.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The edition that the control ids belong to.
    pub version: &'static str,
    /// Controls in the whole framework, where the edition has one undisputed count; most of them
    /// cannot be seen from outside and are not listed here.
    pub total: Option<u16>,
    /// What a reader must know before using the result.
    pub note: &'static str,
    /// The controls that a scan says something about, and those only scans over time can.
    pub controls: &'static [FrameworkControl],
}

/// One control.
#[derive(Debug)]
pub struct FrameworkControl {
    /// The framework's own id.
    pub id: &'static str,
    /// What it is about, in our words.
    pub about: &'static str,
    /// The checks that give evidence; none when a single scan cannot.
    pub groups: &'static [Group],
    pub kind: Kind,
    /// Why there is no group; empty when there is one.
    pub note: &'static str,
}

/// How close a control's text is to what the checks look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The text is about this.
    Direct,
    /// The text is wider; the checks show a part of it.
    Supporting,
}

impl Kind {
    /// Returns the word the API uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Supporting => "supporting",
        }
    }
}

/// Returns the framework with that id.
pub fn find_framework(id: &str) -> Option<&'static Framework> {
    FRAMEWORKS.iter().find(|framework| framework.id == id)
}

/// Returns the controls that the checks of a group give evidence for.
pub fn controls_of(
    group: Group,
) -> impl Iterator<Item = (&'static Framework, &'static FrameworkControl)> {
    FRAMEWORKS.iter().flat_map(move |framework| {
        let wanted = move |control: &&FrameworkControl| control.groups.contains(&group);
        framework.controls.iter().filter(wanted).map(move |control| (framework, control))
    })
}

/// Note of a control about change over time.
const OVER_TIME: &str = "shown by monitoring the domain over time, not by one scan";
/// Note of a control about suppliers.
const SUPPLIERS: &str = "shown by scanning the suppliers' domains, not by one scan of this one";
/// Note of a control that the report serves as a whole.
const WHOLE_REPORT: &str = "the report as a whole is evidence that the assessment was made";

const fn direct(
    id: &'static str,
    groups: &'static [Group],
    about: &'static str,
) -> FrameworkControl {
    FrameworkControl { id, about, groups, kind: Kind::Direct, note: "" }
}

const fn supporting(
    id: &'static str,
    groups: &'static [Group],
    about: &'static str,
) -> FrameworkControl {
    FrameworkControl { id, about, groups, kind: Kind::Supporting, note: "" }
}

/// A control that no single scan can show.
const fn beyond(
    id: &'static str,
    kind: Kind,
    note: &'static str,
    about: &'static str,
) -> FrameworkControl {
    FrameworkControl { id, about, groups: &[], kind, note }
}

/// What a check is about, in the eyes of the frameworks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// TLS versions, suites and groups.
    Tls,
    /// Certificates.
    Certificate,
    /// Known TLS flaws.
    TlsFlaw,
    /// HTTPS and HSTS.
    Https,
    /// Browser policy: CSP, framing, CORS, SRI and the other headers.
    BrowserPolicy,
    /// Cookies.
    Cookie,
    /// Version and error disclosure.
    Disclosure,
    /// DNSSEC, delegation, AXFR, CAA.
    Dns,
    /// SPF, DKIM, DMARC, BIMI.
    MailAuthentication,
    /// STARTTLS, MTA-STS, TLS-RPT, DANE.
    MailTransport,
    /// Ports and services.
    Ports,
    /// Versions, known vulnerabilities, end of life.
    Vulnerability,
    /// Subdomains, certificate transparency, dangling records.
    Inventory,
    /// security.txt.
    DisclosureContact,
    /// Block lists, breaches, look-alikes.
    Reputation,
    /// Registration.
    Registration,
    /// IPv6 and RPKI.
    Routing,
}

impl Group {
    /// Every group.
    pub const ALL: &'static [Self] = &[
        Self::Tls,
        Self::Certificate,
        Self::TlsFlaw,
        Self::Https,
        Self::BrowserPolicy,
        Self::Cookie,
        Self::Disclosure,
        Self::Dns,
        Self::MailAuthentication,
        Self::MailTransport,
        Self::Ports,
        Self::Vulnerability,
        Self::Inventory,
        Self::DisclosureContact,
        Self::Reputation,
        Self::Registration,
        Self::Routing,
    ];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::Severity;

    use super::*;

    #[test]
    fn frameworks_and_their_controls_stand_once() {
        let mut frameworks = BTreeSet::new();
        for framework in FRAMEWORKS {
            assert!(frameworks.insert(framework.id), "{} stands twice", framework.id);
            let mut controls = BTreeSet::new();
            for control in framework.controls {
                let place = format!("{} {}", framework.id, control.id);
                assert!(controls.insert(control.id), "{place} stands twice");
                assert!(!control.about.is_empty() && !control.about.ends_with('.'), "{place}");
                assert_eq!(control.groups.is_empty(), !control.note.is_empty(), "{place}");
                let groups: BTreeSet<_> = control.groups.iter().collect();
                assert_eq!(groups.len(), control.groups.len(), "{place} names a group twice");
            }
        }
    }

    #[test]
    fn every_control_exists_in_its_edition() {
        for framework in FRAMEWORKS {
            for control in framework.controls {
                assert!(
                    ids::exists(framework.id, control.id),
                    "{} has no {}",
                    framework.id,
                    control.id
                );
            }
        }
        assert!(!ids::exists("nist_800_53", "SC-99"));
        assert!(!ids::exists("iso27001", "A.8.35"));
        assert!(!ids::exists("nist_csf", "ID.AM-06"));
    }

    #[test]
    fn every_check_that_matters_has_a_control() {
        for check in crate::catalogue::catalogue() {
            let mapped = controls_of(check.group).next().is_some();
            assert!(check.severity < Severity::Medium || mapped, "{}: map it", check.id);
        }
        for group in Group::ALL {
            assert!(controls_of(*group).next().is_some(), "{group:?} has no control");
        }
    }

    #[test]
    fn nothing_claims_that_a_scan_makes_compliant() {
        for framework in FRAMEWORKS {
            let controls =
                framework.controls.iter().flat_map(|control| [control.about, control.note]);
            for text in controls.chain([framework.note]) {
                assert!(!text.to_lowercase().contains("compliant"), "{text}");
            }
        }
    }
}
