//! The engine without a server: many domains in flight at once, and the scoring of one report.
//!
//! Prints; `bench/README.md` says what the figures are. Domains and their servers are a lab in the
//! same process, so its memory counts.

#![expect(clippy::print_stdout, reason = "what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lab::{Dns, Lab, Mail, Page, Site, Tls, Web};
use model::{DomainName, ModuleStatus, Report, Timestamp};
use scan::{DnssecAnchors, Engine, Order, PortTarget, Settings};

/// Domains that are scanned, all of them at the same time.
const DOMAINS: usize = 1_000;
/// Times one report is judged again.
const JUDGEMENTS: u32 = 200;

fn main() {
    // `cargo test` asks every target whether it has tests.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let report = many().await;
        judge_again(&report);
    });
}

/// Scans all domains at once and returns one of the reports.
async fn many() -> Report {
    let lab = start().await;
    let anchor = lab.dnssec_anchor.as_deref();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let settings = Settings {
        resolver: Some(lab.resolver),
        extra_roots: vec![lab.authority.root_der()],
        dnssec_anchors: anchor
            .map_or_else(DnssecAnchors::default, |line| DnssecAnchors::parse(line).unwrap()),
        allow_private_networks: true,
        deadline: Duration::from_secs(300),
        port_overrides: ports.collect(),
        ..Settings::default()
    };
    let engine = Engine::new(settings).unwrap();
    let before = memory("VmRSS:");
    let began = Instant::now();
    let scans = (0..DOMAINS).map(|number| {
        let domain = DomainName::parse(&domain(number)).unwrap();
        let engine = engine.clone();
        tokio::spawn(async move {
            let order = Order { domain, modules: Vec::new(), now: now(), intrusive: None };
            engine.scan(&order, &|_| {}).await
        })
    });
    let scans: Vec<_> = scans.collect();
    let mut judged = 0;
    let mut reasons = BTreeMap::new();
    let mut last = None;
    let mut done = futures_util::stream::iter(scans).buffer_unordered(DOMAINS);
    while let Some(report) = done.next().await {
        let report = report.unwrap();
        judged += usize::from(report.score.is_ok() && !report.coverage.is_incomplete());
        for module in &report.modules {
            if let ModuleStatus::NotTested(reason) = &module.status {
                // What is particular to one domain is left out.
                let reason = reason.replace(report.domain.as_str(), "a domain");
                *reasons.entry(reason).or_insert(0) += 1;
            }
        }
        last = Some(report);
    }
    let took = began.elapsed().as_secs_f64();
    let grown = memory("VmHWM:").saturating_sub(before) >> 20;
    let rate = 1_000.0 / took;
    println!(
        "(k) {DOMAINS} domains at once: {took:.1} s, {rate:.0} a second (aim 20), {judged} judged \
         in full, memory grew by {grown} MiB (aim 300)"
    );
    let mut reasons: Vec<(String, u32)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    for (reason, times) in reasons.iter().take(5) {
        println!("    {times} modules were not tested: {reason}");
    }
    last.unwrap()
}

fn judge_again(report: &Report) {
    let began = Instant::now();
    for _ in 0..JUDGEMENTS {
        scan::score::again(report).unwrap();
    }
    let each = began.elapsed() / JUDGEMENTS;
    let stored = serde_json::to_string(report).unwrap();
    println!(
        "(k) judging and scoring one stored report of {} KiB: {each:.2?} (aim 1 ms)",
        stored.len() >> 10
    );
}

fn domain(number: usize) -> String {
    format!("d{number}.mass.test")
}

async fn start() -> Lab {
    let mut dns = Dns::default().record("mx.mass.test", "A", "127.0.0.1");
    let page = Page::new(200)
        .header("content-type", "text/html")
        .header("strict-transport-security", "max-age=31536000")
        .header("set-cookie", "session=1; Secure; HttpOnly; SameSite=Lax")
        .body("<!doctype html><title>One of many</title><script src=/a.js></script>");
    let (mut http, mut https) = (Web::default(), Web::default());
    for number in 0..DOMAINS {
        let name = domain(number);
        dns = dns
            .record(&name, "A", "127.0.0.1")
            .record(&name, "MX", "10 mx.mass.test")
            .record(&name, "TXT", "v=spf1 mx -all")
            .record(&format!("_dmarc.{name}"), "TXT", "v=DMARC1; p=reject");
        let to = Page::redirect(301, &format!("https://{name}/"));
        http = http.and_host(&name, Site::default().anything(to));
        https = https.and_host(&name, Site::home(page.clone()));
    }
    Lab::builder()
        .dns(dns)
        .http(http)
        .https(Tls::modern(&["*.mass.test"]), https)
        .smtp(Mail::StartTls(Tls::modern(&["mx.mass.test"])))
        .start()
        .await
        .unwrap()
}

/// Returns a figure of this process's memory, in bytes.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

#[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}
