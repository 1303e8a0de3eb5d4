//! The report for a broker or an underwriter: what their questionnaires ask and a scan can answer, with
//! the evidence; and, first of all, what it cannot.
//!
//! A question stands for groups of checks, so that it follows the catalogue by itself. That nothing was
//! found is said with how much was looked at, and never as "yes".

use model::{ModuleId, Severity};
use scan::compliance::Group;

use crate::document::{
    Block, Document, Group as Kind, Mood, Table, attestation, code, header, heading, paragraph,
    plain, result, strong,
};
use crate::json::{IssueView, ReportView};

/// Something that underwriters ask and that shows from outside.
struct Question {
    title: &'static str,
    /// What the answer is used for.
    asked: &'static str,
    groups: &'static [Group],
    /// The modules that look at it.
    modules: &'static [ModuleId],
}

const QUESTIONS: &[Question] = &[
    Question {
        title: "Remote access and services open to the internet",
        asked: "Is remote desktop, file sharing, a database or the administration of a device \
                reachable by anybody? Exposed remote access is where most extortion begins.",
        groups: &[Group::Ports],
        modules: &[ModuleId::OpenPorts],
    },
    Question {
        title: "Mail authentication",
        asked: "Are SPF, DKIM and DMARC in place and enforced, so that nobody sends mail in the \
                name of the company?",
        groups: &[Group::MailAuthentication, Group::MailTransport],
        modules: &[ModuleId::DnsEmail, ModuleId::EmailAuth],
    },
    Question {
        title: "Patching and end of life",
        asked: "Does software run that its maker no longer repairs, or that has known \
                vulnerabilities?",
        groups: &[Group::Vulnerability, Group::TlsFlaw],
        modules: &[ModuleId::TechStack, ModuleId::Javascript],
    },
    Question {
        title: "Encryption in transit",
        asked: "Are connections encrypted with current protocols and certificates that hold?",
        groups: &[Group::Tls, Group::Certificate, Group::Https],
        modules: &[ModuleId::SslTls, ModuleId::HttpHeaders],
    },
    Question {
        title: "Known breaches and bad repute",
        asked: "Do accounts of the domain appear in published breaches, or its addresses on block \
                lists?",
        groups: &[Group::Reputation],
        modules: &[ModuleId::Breaches, ModuleId::Blacklists, ModuleId::Reputation],
    },
];

/// What questionnaires ask as well and no scan from outside can see.
const NOT_VISIBLE: &[&str] = &[
    "Multi-factor authentication for remote access, mail and administrators",
    "Backups: whether they exist, are kept apart and were restored for trial",
    "Endpoint detection and response on servers and workstations",
    "Administrative accounts and who holds them",
    "Patching of systems that are not reachable from the internet",
    "Plans for incidents, and whether they were practised",
    "Training of staff against phishing",
];

impl Document {
    /// Lays out the report for insurers.
    pub(crate) fn for_insurers(view: &ReportView) -> Self {
        let mut blocks = vec![header(view), scope(view)];
        blocks.extend(QUESTIONS.iter().map(|question| answer(question, view)));
        blocks.extend(view.attestation.as_ref().map(attestation));
        Self { title: format!("{}: insurance report, {}", view.domain, result(view)), blocks }
    }
}

fn scope(view: &ReportView) -> Block {
    let items = NOT_VISIBLE.iter().map(|item| vec![plain(*item)]);
    let blocks = vec![
        heading(2, "What this report can and cannot say"),
        paragraph(format!(
            "It holds what anybody on the internet could see of {} at the time above: it is \
             evidence for a questionnaire, not its answers, and no statement about insurability. \
             The following cannot be seen from outside and has to be asked:",
            view.domain
        )),
        Block::List(items.collect()),
    ];
    Block::Group(Kind::Section, blocks)
}

fn answer(question: &Question, view: &ReportView) -> Block {
    let is_about = |check: &str| {
        let check = scan::catalogue::find_check(check);
        check.is_some_and(|check| question.groups.contains(&check.group))
    };
    let found: Vec<&IssueView> = view.issues.iter().filter(|issue| is_about(&issue.id)).collect();
    let passed = view.passed_checks.iter().filter(|check| is_about(&check.id)).count();
    let gaps = view.not_tested.iter().filter(|gap| match &gap.check {
        Some(check) => is_about(check),
        None => question.modules.contains(&gap.module),
    });
    let gaps: Vec<_> = gaps.collect();
    let matters = found.iter().filter(|issue| issue.severity > Severity::Info).count();
    let (mood, verdict) = match (matters, passed) {
        (0, 0) => (None, "Not seen by this scan".to_owned()),
        (0, _) => (Some(Mood::Good), "Nothing against it was found".to_owned()),
        (1, _) => (Some(Mood::Bad), "1 finding".to_owned()),
        (some, _) => (Some(Mood::Bad), format!("{some} findings")),
    };
    let rest = format!("; {passed} checks passed, {} could not be judged.", gaps.len());
    let mut blocks = vec![
        heading(2, question.title),
        paragraph(question.asked),
        Block::Paragraph(mood, vec![strong(verdict), plain(rest)]),
    ];
    if !found.is_empty() {
        let rows = found.iter().map(|issue| {
            let title = match &issue.accepted {
                Some(accepted) => format!("{}. {}", issue.title, accepted.note()),
                None => issue.title.clone(),
            };
            vec![
                title,
                issue.severity.to_string(),
                issue.evidence.clone(),
                issue.remediation.clone(),
            ]
        });
        blocks.push(Block::Table(Table {
            head: vec!["Finding", "Severity", "Seen", "Fix"],
            shares: vec![24, 10, 30, 36],
            rows: rows.collect(),
        }));
    }
    if !gaps.is_empty() {
        blocks.push(paragraph("Not judged, and so neither good nor bad:"));
        let items = gaps.iter().map(|gap| {
            let name = gap.check.as_deref().unwrap_or(gap.module.as_str());
            vec![code(name), plain(format!(": {}", gap.reason))]
        });
        blocks.push(Block::List(items.collect()));
    }
    Block::Group(Kind::Section, blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{html, sample};

    #[test]
    fn the_report_for_insurers_keeps_its_shape() {
        let page = html::print(&Document::for_insurers(&sample::view()));
        insta::assert_snapshot!(page.split_once("<main>").unwrap().1);
    }

    #[test]
    fn every_module_that_a_question_names_looks_at_it() {
        for question in QUESTIONS {
            for group in question.groups {
                let mut checks = scan::catalogue::catalogue();
                assert!(checks.any(|check| check.group == *group), "{}", question.title);
            }
        }
    }
}
