//! Targets that do their worst. Whatever they do, a scan ends by its deadline within a fixed amount
//! of memory, says what it could not see, and passes nothing that it did not see.
//!
//! One row a target in the tables of the submodules; [`endure`] holds what must be true of all.
//! To add a target: a fault in the lab if it has none like it, and a row.

mod guard;
mod mail;
mod names;
mod web;

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lab::LabBuilder;
use model::{ModuleId, ModuleStatus, Report};

use super::{module, scan_with, settings};

const DOMAIN: &str = "hostile.test";
/// What a scan may take. The web module leaves two seconds of it for the way home.
const DEADLINE: Duration = Duration::from_secs(4);
/// What a scan may take of a target that answers, however monstrously.
const PATIENT: Duration = Duration::from_secs(20);
/// What may be lost to a busy machine.
const SLACK: Duration = Duration::from_secs(6);
/// What the process may grow by, the lab's servers included.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;
/// What may be kept of one scan.
const MOST_EVIDENCE: usize = 512 * 1024;
/// Scans at the same time.
const AT_ONCE: usize = 3;

/// One target.
struct Target {
    name: String,
    lab: LabBuilder,
    deadline: Duration,
    /// Modules that must say that they were not tested.
    untested: Vec<ModuleId>,
    /// Checks, or the beginnings of their ids, that must not pass.
    unseen: Vec<&'static str>,
    /// Checks that must fail.
    failed: Vec<&'static str>,
}

impl Target {
    fn new(name: impl std::fmt::Debug, lab: LabBuilder) -> Self {
        Self {
            name: format!("{name:?}"),
            lab,
            deadline: DEADLINE,
            untested: Vec::new(),
            unseen: Vec::new(),
            failed: Vec::new(),
        }
    }

    fn untested(mut self, modules: &[ModuleId]) -> Self {
        self.untested.extend(modules);
        self
    }

    fn unseen(mut self, checks: &[&'static str]) -> Self {
        self.unseen.extend(checks);
        self
    }

    fn failed(mut self, checks: &[&'static str]) -> Self {
        self.deadline = PATIENT;
        self.failed.extend(checks);
        self
    }
}

/// In one process with the others a test would take a peak of theirs for its own.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Scans all targets and holds what must be true of each.
async fn endure_all(targets: Vec<Target>) -> Vec<Report> {
    let _alone = ALONE.lock().await;
    let before = forget_peak();
    let enduring = targets.into_iter().map(endure);
    let reports = futures_util::stream::iter(enduring).buffered(AT_ONCE).collect().await;
    let grown = memory("VmHWM:").saturating_sub(before);
    assert!(grown < MOST_MEMORY, "the process grew by {grown} bytes");
    reports
}

async fn endure(target: Target) -> Report {
    let lab = target.lab.start().await.unwrap();
    let hasty = scan::Settings { deadline: target.deadline, ..settings(&lab) };
    let name = target.name;
    let began = Instant::now();
    let report = scan_with(hasty, DOMAIN, &[]).await;
    let took = began.elapsed();
    assert!(took < target.deadline + SLACK, "{name}: took {took:?}");
    assert!(report.scope.connections <= 600 && report.scope.dns_queries <= 150, "{name}");
    assert!(report.scope.addresses.len() <= 64, "{name}");
    let kept = report.evidence.to_string().len();
    assert!(kept < MOST_EVIDENCE, "{name}: {kept} bytes of evidence");
    for module in &report.modules {
        if let ModuleStatus::NotTested(reason) = &module.status {
            assert!(!reason.is_empty() && module.score.is_none(), "{name}: {:?}", module.id);
        }
        let reasons = module.not_tested.iter().map(|check| &check.reason);
        assert!(reasons.clone().all(|reason| !reason.is_empty()), "{name}: {:?}", module.id);
    }
    for id in target.untested {
        let status = &module(&report, id).status;
        assert!(matches!(status, ModuleStatus::NotTested(_)), "{name}: {id:?}: {status:?}");
    }
    let passed: Vec<_> = report.modules.iter().flat_map(|module| &module.passed).collect();
    for check in target.unseen {
        let wrong: Vec<_> = passed.iter().filter(|passed| passed.starts_with(check)).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?} passed though nobody saw it");
    }
    for check in target.failed {
        let mut findings = report.findings();
        assert!(
            findings.any(|(_, finding)| finding.check == check),
            "{name}: {check} is no finding"
        );
    }
    report
}

/// Forgets the most memory this process has had (proc(5), `clear_refs`), so that an earlier peak hides
/// nothing, and returns what it has now.
fn forget_peak() -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    memory("VmRSS:")
}

/// Returns a figure of this process's memory, in bytes.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn an_earlier_peak_hides_nothing() {
    let _alone = ALONE.blocking_lock();
    let before = forget_peak();
    drop(vec![1_u8; 64 << 20]);
    assert!(memory("VmHWM:") >= before + (64 << 20), "the peak is seen");
    let after = forget_peak();
    assert!(memory("VmHWM:") < after + (32 << 20), "and forgotten");
}
